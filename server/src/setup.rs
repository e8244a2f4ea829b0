//! The first administrator, and the checks that forms with a username or a password share.

use app::{
    backend::{Caller, Outcome, Setup},
    session::api::Go,
    setup::api::{SetupView, Strength},
};
use async_trait::async_trait;
use muster::{draft::SetupDraft, failure::Failure, ids::AccountId, username};
use uuid::Uuid;

use crate::{
    cookies::Purpose,
    error::{Error, boundary},
    founding::{Added, Founding, add_account, found, main_account},
    keys::{Token, random_number},
    passwords::Share,
    service::{Service, going},
    sessions::token,
    store::{
        Tx, accounts, audit, invitations,
        limits::{self, Limit},
        links::{self, Kind},
    },
};

/// A person who types asks a few times; who lists the names of a directory asks thousands of times.
const TAKEN_PER_ADDRESS: Limit = Limit {
    times: 60,
    seconds: 60,
};
const STRENGTH_PER_ADDRESS: Limit = Limit {
    times: 120,
    seconds: 60,
};

/// zxcvbn's work grows with the square of the length; what comes after these makes nothing weaker.
const STRENGTH_CHARACTERS: usize = 100;

#[async_trait]
impl Setup for Service {
    async fn setup_view(&self, caller: &Caller) -> Outcome<SetupView> {
        boundary(async {
            let token = token(caller.links.setup.as_deref())?;
            let mut tx = self.store.across().await?;
            if !links::setup_is_open(&mut tx, &token.hash()).await? {
                return Err(Failure::LinkDead.into());
            }
            Ok(SetupView {
                time_zones: chrono_tz::TZ_VARIANTS
                    .iter()
                    .map(|zone| zone.name())
                    .filter(|name| is_shown(name))
                    .map(str::to_owned)
                    .collect(),
                proposal: free_username(&mut tx, "", "").await?,
            }
            .into())
        })
        .await
    }

    async fn set_up(&self, caller: &Caller, draft: &SetupDraft) -> Outcome<Go> {
        boundary(async {
            let token = token(caller.links.setup.as_deref())?;
            let mut tx = self.store.across().await?;
            if !links::setup_is_open(&mut tx, &token.hash()).await? {
                return Err(Failure::LinkDead.into());
            }
            let wanted = draft.parse()?;
            limits::take_hash(&mut tx, caller.ip, "the set-up").await?;
            tx.commit().await?;
            let share = Share::of(caller.ip, "the set-up");
            let hash = self
                .passwords
                .hash(&share, wanted.password.as_str())
                .await?;
            let account = AccountId::from_uuid(Uuid::now_v7());

            let mut tx = self.store.across().await?;
            if !links::use_setup(&mut tx, &token.hash()).await? {
                return Err(Failure::LinkDead.into());
            }
            let added = add_account(&mut tx, &main_account(&wanted, account, &hash), None).await?;
            if added == Added::AddressInUse {
                return Err(Failure::LinkDead.into());
            }
            let slug = found(&mut tx, &Founding::of(&wanted, account)).await?;
            audit::insert_account(&mut tx, account, "account.set_up", Some(caller.ip)).await?;
            let cookie = self.begin_session(&mut tx, account, false).await?;
            tx.commit().await?;
            Ok(going(
                format!("/i/{}/users", slug.as_str()),
                vec![cookie, self.cookies.remove(Purpose::Setup)],
            ))
        })
        .await
    }

    async fn username_taken(&self, caller: &Caller, username: &str) -> Outcome<bool> {
        boundary(async {
            let mut tx = self.store.across().await?;
            let but = self.entitled(&mut tx, caller).await?;
            limits::take(
                &mut tx,
                &format!("username taken from {}", limits::client_key(caller.ip)),
                TAKEN_PER_ADDRESS,
            )
            .await?;
            let taken = accounts::username_in_use(&mut tx, username, but).await?;
            tx.commit().await?;
            Ok(taken.into())
        })
        .await
    }

    async fn password_strength(
        &self,
        caller: &Caller,
        password: &str,
        hints: &[String],
    ) -> Outcome<Strength> {
        boundary(async {
            let mut tx = self.store.across().await?;
            self.entitled(&mut tx, caller).await?;
            limits::take(
                &mut tx,
                &format!("password strength from {}", limits::client_key(caller.ip)),
                STRENGTH_PER_ADDRESS,
            )
            .await?;
            tx.commit().await?;
            let password: String = password.chars().take(STRENGTH_CHARACTERS).collect();
            let hints: Vec<String> = hints
                .iter()
                .take(8)
                .map(|hint| hint.chars().take(STRENGTH_CHARACTERS).collect())
                .collect();
            let score = tokio::task::spawn_blocking(move || {
                let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
                u8::from(zxcvbn::zxcvbn(&password, &hints).score())
            })
            .await
            .map_err(|error| Error::Broken(error.to_string()))?;
            Ok(Strength { score }.into())
        })
        .await
    }
}

impl Service {
    /// The checks answer to who fills in a form that needs them: by a living link, or signed in. Gives
    /// the invitation whose own reservation does not count.
    async fn entitled(&self, tx: &mut Tx, caller: &Caller) -> Result<Option<(Uuid, Uuid)>, Error> {
        let hash = |cookie: &Option<String>| {
            cookie
                .as_deref()
                .and_then(Token::parse)
                .map(|token| token.hash())
        };
        if let Some(hash) = hash(&caller.links.accept)
            && let Some(found) = invitations::find(tx, &hash).await?
        {
            return Ok(Some((
                found.institution.as_uuid(),
                found.membership.as_uuid(),
            )));
        }
        if caller.session.is_some() || caller.choosing.is_some() {
            return Ok(None);
        }
        if let Some(hash) = hash(&caller.links.setup)
            && links::setup_is_open(tx, &hash).await?
        {
            return Ok(None);
        }
        if let Some(hash) = hash(&caller.links.reset)
            && links::living(tx, Kind::Reset, &hash).await?.is_some()
        {
            return Ok(None);
        }
        Err(Failure::LinkDead.into())
    }
}

/// A username that keeps the rules for this name and that nobody has.
///
/// # Errors
/// What the database says.
pub async fn free_username(
    tx: &mut Tx,
    first_name: &str,
    last_name: &str,
) -> Result<String, Error> {
    /// Proposals are drawn from some 200,000; that this many in a row are taken does not happen.
    const DRAWS: usize = 20;
    let mut proposal = username::propose(first_name, last_name, random_number()?);
    for _ in 0..DRAWS {
        if !accounts::username_in_use(tx, proposal.as_str(), None).await? {
            break;
        }
        proposal = username::propose(first_name, last_name, random_number()?);
    }
    Ok(proposal.as_str().to_owned())
}

/// Zones that a person would look for: not the old names that only exist for old systems.
fn is_shown(name: &str) -> bool {
    name == "UTC"
        || [
            "Africa/",
            "America/",
            "Antarctica/",
            "Arctic/",
            "Asia/",
            "Atlantic/",
            "Australia/",
            "Europe/",
            "Indian/",
            "Pacific/",
        ]
        .iter()
        .any(|region| name.starts_with(region))
}
