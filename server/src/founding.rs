//! The creation of an institution, by the page of the first set-up or by the command line.

use muster::{
    audit::AuditAction,
    draft::Setup,
    email::EmailAddress,
    failure::Failure,
    ids::{AccountId, InstitutionId, MembershipId, RoleId},
    institution::{InstitutionName, Slug, TimeZone},
    language::Language,
    permission::PermissionSet,
    person_name::PersonName,
    problem::{FieldProblem, Problem},
    username::{Username, UsernameViolation},
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    error::{Error, constraint},
    store::{self, Tx, accounts, audit, institutions, memberships},
};

/// The initial data of an institution.
#[derive(Debug)]
pub struct Founding<'a> {
    /// The institution's name.
    pub name: &'a InstitutionName,
    /// The institution's time zone.
    pub time_zone: &'a TimeZone,
    /// The institution's language.
    pub language: Language,
    /// The main contact's first name.
    pub first_name: &'a PersonName,
    /// The main contact's last name.
    pub last_name: &'a PersonName,
    /// The main contact's address.
    pub email: &'a EmailAddress,
    /// The main contact's account.
    pub account: AccountId,
}

impl<'a> Founding<'a> {
    /// Takes the data from the set-up form; `account` becomes the main contact's.
    #[must_use]
    pub fn of(wanted: &'a Setup, account: AccountId) -> Self {
        Self {
            name: &wanted.institution_name,
            time_zone: &wanted.time_zone,
            language: wanted.language,
            first_name: &wanted.first_name,
            last_name: &wanted.last_name,
            email: &wanted.email,
            account,
        }
    }
}

/// Returns the main contact's account from the set-up form. Its address counts as confirmed: the operator vouches for
/// it.
#[must_use]
pub fn main_account<'a>(
    wanted: &'a Setup,
    id: AccountId,
    password_hash: &'a str,
) -> accounts::NewAccount<'a> {
    accounts::NewAccount {
        id,
        email: &wanted.email,
        confirmed: true,
        username: &wanted.username,
        password_hash,
        password_mailed: false,
        language: wanted.language.code(),
    }
}

/// Creates the institution, its two predefined roles and its main contact, and returns its slug.
///
/// # Errors
/// Returns `Invalid` if this server does not know the time zone.
pub async fn found(tx: &mut Tx, founding: &Founding<'_>) -> Result<Slug, Error> {
    if founding
        .time_zone
        .as_str()
        .parse::<chrono_tz::Tz>()
        .is_err()
    {
        return Err(FieldProblem::new("time_zone", Problem::Unknown).into());
    }
    let institution = InstitutionId::from_uuid(Uuid::now_v7());
    let main_contact = MembershipId::from_uuid(Uuid::now_v7());
    let administrator = RoleId::from_uuid(Uuid::now_v7());
    let slug = institutions::free_slug(tx, &Slug::from_name(founding.name.as_str())).await?;
    store::enter(tx, institution).await?;
    institutions::insert(
        tx,
        &institutions::NewInstitution {
            id: institution,
            slug: &slug,
            name: founding.name,
            time_zone: founding.time_zone,
            language: founding.language,
            main_contact,
        },
    )
    .await?;
    institutions::insert_role(
        tx,
        institution,
        administrator,
        "administrator",
        true,
        PermissionSet::all(),
    )
    .await?;
    let basic = RoleId::from_uuid(Uuid::now_v7());
    institutions::insert_role(tx, institution, basic, "basic", false, PermissionSet::NONE).await?;
    memberships::insert(
        tx,
        &memberships::New {
            institution,
            id: main_contact,
            account: Some(founding.account),
            role: administrator,
            email: founding.email.as_str(),
            first_name: founding.first_name.as_str(),
            last_name: founding.last_name.as_str(),
            phone: None,
        },
    )
    .await?;
    let entry = audit::Entry::new(institution, AuditAction::InstitutionCreated)
        .about(main_contact)
        .with(json!({ "name": founding.name.as_str() }));
    audit::insert(tx, entry).await?;
    Ok(slug)
}

/// Creates an account. The username is locked until the transaction ends.
///
/// # Errors
/// Returns `Invalid` if the username is taken. A taken address is not an error but `AddressInUse`: the caller decides
/// what to reveal.
pub async fn add_account(
    tx: &mut Tx,
    account: &accounts::NewAccount<'_>,
    but: Option<(Uuid, Uuid)>,
) -> Result<Added, Error> {
    let username: &Username = account.username;
    accounts::hold_username(tx, username.as_str()).await?;
    if accounts::username_in_use(tx, username.as_str(), but).await? {
        return Err(taken());
    }
    match accounts::insert(tx, account).await {
        Ok(()) => Ok(Added::Done),
        Err(error) => match constraint(&error) {
            Some("accounts_username_key") => Err(taken()),
            Some("accounts_email_key") => Ok(Added::AddressInUse),
            _ => Err(error.into()),
        },
    }
}

/// The outcome of creating an account.
#[derive(Debug, PartialEq, Eq)]
pub enum Added {
    /// The account was created.
    Done,
    /// Another account has the address. The transaction is aborted.
    AddressInUse,
}

/// Returns the error that the username is taken.
pub fn taken() -> Error {
    Failure::Invalid(vec![FieldProblem::new(
        "username",
        UsernameViolation::Taken,
    )])
    .into()
}
