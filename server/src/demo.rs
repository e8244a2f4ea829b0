//! `muster demo`: creates an institution with 500 realistic people in all states. The people are the same each time;
//! their timestamps are relative to now.

use muster::{
    draft::SetupDraft,
    email::EmailAddress,
    failure::Failure,
    ids::{AccountId, InstitutionId, MembershipId, RoleId},
    username::{Username, propose},
};
use uuid::Uuid;

use crate::{
    error::Error,
    founding::{self, Founding},
    keys::Token,
    passwords::Share,
    service::Service,
    store::{self, Tx, accounts, demo, institutions, invitations, memberships},
};

/// The number of people besides the main contact.
const PEOPLE: usize = 499;

const NAME: &str = "Harbour Clinic";
const MAIN_CONTACT: &str = "kestrel.harbour";

const FIRST_NAMES: [&str; 60] = [
    "Amelia",
    "Noor",
    "Mateusz",
    "Ingrid",
    "Chidi",
    "Yuki",
    "Lucía",
    "Omar",
    "Freja",
    "Priya",
    "Tomás",
    "Zoë",
    "Hannah",
    "Kwame",
    "Elif",
    "Anton",
    "Sofia",
    "Jun",
    "Leila",
    "Marek",
    "Clara",
    "Diego",
    "Aisha",
    "Nils",
    "Camila",
    "Pavel",
    "Grace",
    "Haruto",
    "Irina",
    "Luca",
    "Wilma",
    "Yusuf",
    "Chloé",
    "Emil",
    "Ananya",
    "Oskar",
    "Fatima",
    "Søren",
    "Valentina",
    "Ben",
    "Zeynep",
    "Jakub",
    "Ruth",
    "Mateo",
    "Linnea",
    "Tunde",
    "Olga",
    "Hugo",
    "Mei",
    "Karl",
    "Isabella",
    "Rohan",
    "Saga",
    "Viktor",
    "Nina",
    "Kofi",
    "Marta",
    "Łukasz",
    "Thea",
    "Paul",
];

const LAST_NAMES: [&str; 61] = [
    "Okonkwo",
    "Haddad",
    "Kowalska",
    "Berg",
    "Tanaka",
    "García Márquez",
    "Novák",
    "Lindqvist",
    "Sharma",
    "O’Brien",
    "Silva",
    "Müller",
    "Mensah",
    "Yılmaz",
    "Petrov",
    "Rossi",
    "Andersen",
    "Kim",
    "Rahimi",
    "Dvořák",
    "Schmidt",
    "Fernández",
    "Diallo",
    "Virtanen",
    "Moreau",
    "Ivanova",
    "Walker",
    "Sato",
    "Popescu",
    "Ferrari",
    "Nyström",
    "Aydın",
    "Lefèvre",
    "Wagner",
    "Gupta",
    "Hansen",
    "Al-Masri",
    "Jørgensen",
    "Costa",
    "Becker",
    "Demir",
    "Zieliński",
    "Abebe",
    "Torres",
    "Holm",
    "Adeyemi",
    "Sokolova",
    "Fischer",
    "Chen",
    "Keller",
    "Romano",
    "Iyer",
    "Ek",
    "Horvat",
    "Vogel",
    "Asante",
    "Ruiz",
    "Wójcik",
    "Dahl",
    "van der Berg",
    "Meyer",
];

/// The state of a person, derived from their number. Most are active; a few need attention.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Active,
    NeverSeen,
    Deactivated,
    Locked,
    NotNotified,
    Pending,
    Ending,
    Expired,
    AskedAgain,
    Refused,
}

const fn state(number: usize) -> State {
    match number % 100 {
        3 | 41 | 77 => State::Deactivated,
        19 => State::Locked,
        7 | 23 | 52 | 68 | 90 => State::Pending,
        36 => State::NotNotified,
        31 => State::Ending,
        12 | 45 | 83 | 96 => State::Expired,
        60 => State::AskedAgain,
        74 => State::Refused,
        28 | 59 => State::NeverSeen,
        _ => State::Active,
    }
}

/// Creates the institution and its people, and prints how to sign in.
///
/// # Errors
/// Returns `Internal` if the demo institution already exists.
pub async fn run(service: &Service) -> Result<(), Error> {
    let password: String = Token::random()?.as_str().chars().take(16).collect();
    let mut tx = service.store.across().await?;
    if accounts::by_identifier(&mut tx, MAIN_CONTACT)
        .await?
        .is_some()
    {
        return Err(Error::internal(format!(
            "The demo institution already exists: sign in as {MAIN_CONTACT}, or set a new password with `muster user \
             reset-password {MAIN_CONTACT}`."
        )));
    }
    let wanted = SetupDraft {
        institution_name: NAME.to_owned(),
        time_zone: "Europe/Berlin".to_owned(),
        language: "en".to_owned(),
        first_name: "Amara".to_owned(),
        last_name: "Okafor".to_owned(),
        email: "amara.okafor@harbour.example".to_owned(),
        username: MAIN_CONTACT.to_owned(),
        password: password.clone(),
    }
    .parse()?;
    let hash = service
        .passwords
        .hash(&Share::operator(), &password)
        .await?;
    let account = AccountId::from_uuid(Uuid::now_v7());
    let new = founding::main_account(&wanted, account, &hash);
    founding::add_account(&mut tx, &new, None).await?;
    let founding = Founding::of(&wanted, account);
    let slug = founding::found(&mut tx, &founding).await?;
    let (institution, membership) = institutions::open(&mut tx, slug.as_str(), account)
        .await?
        .ok_or(Failure::NotFound)?;
    store::enter(&mut tx, institution).await?;
    demo::seats(&mut tx, institution, 600).await?;
    let mut place = Place {
        institution,
        inviter: membership,
        administrator: role(&mut tx, institution, "administrator").await?,
        basic: role(&mut tx, institution, "basic").await?,
        hash: &hash,
    };
    for number in 0..PEOPLE {
        add(service, &mut tx, &mut place, number).await?;
    }
    tx.commit().await?;
    println!(
        "{NAME} has {} people. Sign in at {}",
        PEOPLE + 1,
        service.address("/sign-in")
    );
    println!("as {MAIN_CONTACT} (or as any of the others) with the password {password}");
    Ok(())
}

struct Place<'a> {
    institution: InstitutionId,
    inviter: MembershipId,
    administrator: RoleId,
    basic: RoleId,
    hash: &'a str,
}

async fn role(tx: &mut Tx, institution: InstitutionId, code: &str) -> Result<RoleId, Error> {
    let roles = institutions::roles(tx, institution).await?;
    roles
        .iter()
        .find(|role| role.code.as_deref() == Some(code))
        .map(|role| RoleId::from_uuid(role.id))
        .ok_or_else(|| Failure::NotFound.into())
}

async fn add(
    service: &Service,
    tx: &mut Tx,
    place: &mut Place<'_>,
    number: usize,
) -> Result<(), Error> {
    let first = FIRST_NAMES[number * 7 % FIRST_NAMES.len()];
    let last = LAST_NAMES[(number * 11 + number / 60) % LAST_NAMES.len()];
    let state = state(number);
    let letters: String = demo::folded(tx, &format!("{first}.{last}"))
        .await?
        .chars()
        .filter(|letter| letter.is_ascii_lowercase() || *letter == '.')
        .collect();
    let email = EmailAddress::parse(&format!("{letters}{number}@harbour.example"))
        .map_err(|violation| Error::internal(violation.code()))?;
    let id = MembershipId::from_uuid(Uuid::now_v7());
    let joined = matches!(
        state,
        State::Active | State::NeverSeen | State::Deactivated | State::Locked
    );
    let account = AccountId::from_uuid(Uuid::now_v7());
    if joined {
        let username = free_username(tx, first, last, number).await?;
        let new = accounts::NewAccount {
            id: account,
            email: &email,
            confirmed: true,
            username: &username,
            password_hash: place.hash,
            password_mailed: false,
            language: "en",
        };
        accounts::insert(tx, &new).await?;
    }
    // A person who was invited by address only has no name yet.
    let named = joined || number.is_multiple_of(2);
    memberships::insert(
        tx,
        &memberships::New {
            institution: place.institution,
            id,
            account: joined.then_some(account),
            role: if number % 70 == 5 {
                place.administrator
            } else {
                place.basic
            },
            email: email.as_str(),
            first_name: if named { first } else { "" },
            last_name: if named { last } else { "" },
            phone: None,
        },
    )
    .await?;
    let ago = i32::try_from(number * 53 % 9000 + 30).unwrap_or(30);
    if joined {
        let seen = match number % 5 {
            _ if state == State::NeverSeen => None,
            0 => Some(ago % 60),
            1 | 2 => Some(ago % 1440),
            _ => Some(ago * 13 % (ago + 2500)),
        };
        demo::joined(tx, place.institution, id, ago + 2600, seen).await?;
        match state {
            State::Deactivated => {
                memberships::set_status(tx, place.institution, id.as_uuid(), "deactivated").await?;
            }
            State::Locked => {
                accounts::lock(tx, account).await?;
            }
            _ => {}
        }
        return Ok(());
    }
    let token = service.keys.invitation(place.institution, id, 1);
    invitations::insert(
        tx,
        &invitations::New {
            institution: place.institution,
            membership: id,
            inviter: place.inviter,
            note: "",
            language: "en",
            username: None,
            token_hash: &token.hash(),
            hours: 24,
        },
    )
    .await?;
    if state == State::NotNotified {
        demo::unsent(tx, place.institution, id).await?;
        return Ok(());
    }
    let sent = match state {
        State::Ending => 19 * 60 + ago % 240,
        State::Expired | State::AskedAgain => 25 * 60 + ago,
        _ => ago % 1000,
    };
    let (mail, response) = if state == State::Refused {
        ("refused", "550 5.1.1 no such mailbox")
    } else {
        ("sent", "250 2.0.0 accepted for delivery")
    };
    let way = demo::Way {
        sent,
        viewed: matches!(state, State::AskedAgain | State::Ending),
        asked_again: state == State::AskedAgain,
        mail,
        response,
    };
    demo::invited(tx, place.institution, id, place.inviter, &way).await?;
    Ok(())
}

/// Returns the first proposed username that is free.
async fn free_username(
    tx: &mut Tx,
    first: &str,
    last: &str,
    number: usize,
) -> Result<Username, Error> {
    let mut random = number as u64 * 1000;
    loop {
        let username = propose(first, last, random);
        if !accounts::username_in_use(tx, username.as_str(), None).await? {
            return Ok(username);
        }
        random += 1;
    }
}
