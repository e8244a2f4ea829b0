//! The commands of the command line. To add a command, declare it in `cli` and handle it in [`run`].

mod import;
mod mail;

use std::process::ExitCode;

use muster::{
    audit::AuditAction,
    draft::{Identifier, SetupDraft},
    failure::Failure,
    ids::AccountId,
    problem::Problem,
};
use uuid::Uuid;

use crate::{
    cli::{Cli, Command, CreateInstitution, InstitutionCommand, UserCommand, UsernameCommand},
    config::Config,
    error::Error,
    founding::{Added, Founding, add_account, found, main_account},
    keys::Token,
    passwords::Share,
    process::{self, Databases, InUse, Sentence},
    service::Service,
    store::{
        self, Tx, accounts, audit, institutions,
        links::{self, Kind},
    },
};

/// Runs the command.
///
/// # Errors
/// Returns one sentence for the terminal.
pub fn run(cli: Cli) -> Result<ExitCode, Sentence> {
    let file = cli.config.clone();
    let command = cli.into_command();
    if let Command::Username(UsernameCommand::Check) = command {
        return crate::username_check::run(std::io::stdin().lock(), std::io::stdout().lock())
            .map(|()| ExitCode::SUCCESS)
            .map_err(|error| error.to_string());
    }
    let config = Config::load(file.as_deref()).map_err(|error| error.to_string())?;
    process::log(&config);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(|error| format!("the runtime can't be started: {error}."))?;
    runtime.block_on(async {
        let done: Result<(), Sentence> = match command {
            Command::Import(wanted) => return import::run(&config, &wanted).await,
            Command::Serve => process::serve(config).await,
            Command::Worker => process::work(config).await,
            Command::Migrate { roles_only } => migrate(&config, roles_only).await,
            Command::Institution(InstitutionCommand::Create(wanted)) => {
                with_service(&config, async |service| {
                    create_institution(service, &wanted).await
                })
                .await
            }
            Command::Institution(InstitutionCommand::Seats { slug, seats }) => {
                with_service(&config, async |service| {
                    set_seats(service, &slug, seats.0).await
                })
                .await
            }
            Command::User(UserCommand::ResetPassword { identifier }) => {
                with_service(&config, async |service| {
                    reset_password(service, &identifier).await
                })
                .await
            }
            Command::Mail(wanted) => mail::run(&config, wanted).await,
            Command::Demo => {
                with_service(&config, async |service| crate::demo::run(service).await).await
            }
            Command::Username(UsernameCommand::Check) => Ok(()),
        };
        done.map(|()| ExitCode::SUCCESS)
    })
}

async fn migrate(config: &Config, roles_only: bool) -> Result<(), Sentence> {
    if roles_only {
        return Databases::create_roles(config).await;
    }
    if config.is_embedded() {
        // Read before the database is opened, as in `serve`: a database without its key is refused.
        config.secret().map_err(|error| error.to_string())?;
    }
    Databases::open(config, InUse::Share).await?.close().await
}

async fn with_service(
    config: &Config,
    work: impl AsyncFnOnce(&Service) -> Result<(), Error>,
) -> Result<(), Sentence> {
    let secret = config.secret().map_err(|error| error.to_string())?;
    let databases = Databases::open(config, InUse::Share).await?;
    let service = Service::new(config, secret.expose(), databases.app().await?, false)
        .map_err(|error| error.to_string())?;
    let done = work(&service).await;
    drop(service);
    databases.close().await?;
    done.map_err(sentence)
}

fn sentence(error: Error) -> Sentence {
    match error {
        Error::Refused(Failure::Invalid(problems)) => problems
            .iter()
            .map(|problem| {
                format!(
                    "{}: {}",
                    problem.field.replace('_', "-"),
                    problem.problem.code()
                )
            })
            .collect::<Vec<_>>()
            .join("; "),
        other => other.to_string(),
    }
}

/// Creates an institution and its main contact. The main contact is the existing account of the address, or a new
/// account whose password is set by the printed link.
async fn create_institution(service: &Service, wanted: &CreateInstitution) -> Result<(), Error> {
    let password = Token::random()?;
    let draft = SetupDraft {
        institution_name: wanted.name.clone(),
        time_zone: wanted.time_zone.clone(),
        language: wanted.language.clone(),
        first_name: wanted.first_name.clone(),
        last_name: wanted.last_name.clone(),
        email: wanted.email.clone(),
        username: wanted.username.clone(),
        password: password.as_str().to_owned(),
    };
    let wanted = draft.parse()?;
    let hash = service
        .passwords
        .hash(&Share::operator(), wanted.password.as_str())
        .await?;
    let mut tx = service.store.across().await?;
    let known = accounts::id_by_email(&mut tx, wanted.email.as_str()).await?;
    let account = AccountId::from_uuid(known.unwrap_or_else(Uuid::now_v7));
    if known.is_none() {
        let new = main_account(&wanted, account, &hash);
        if add_account(&mut tx, &new, None).await? == Added::AddressInUse {
            return Err(Failure::Conflict.into());
        }
    }
    let slug = found(&mut tx, &Founding::of(&wanted, account)).await?;
    let link = match known {
        Some(_) => None,
        None => Some(reset_link(service, &mut tx, account).await?),
    };
    tx.commit().await?;
    println!(
        "{} was created. Its address: {}",
        wanted.institution_name.as_str(),
        service.address(&format!("/i/{}", slug.as_str()))
    );
    match link {
        Some(link) => {
            println!(
                "The main contact can set a password with this link within 30 minutes: {link}"
            );
        }
        None => println!("The main contact already has an account and can sign in with it."),
    }
    Ok(())
}

/// Sets an institution's number of seats. People above a lowered limit stay, but nobody can join.
async fn set_seats(service: &Service, slug: &str, seats: Option<i32>) -> Result<(), Error> {
    let mut tx = service.store.across().await?;
    let found = institutions::by_slug(&mut tx, slug).await?;
    let (institution, _) = found.ok_or(Failure::NotFound)?;
    store::enter(&mut tx, institution).await?;
    institutions::lock_seats(&mut tx, institution).await?;
    institutions::set_seats(&mut tx, institution, seats).await?;
    let held = institutions::seats_held(&mut tx, institution).await?;
    let entry = audit::Entry::new(institution, AuditAction::InstitutionSeatsSet)
        .with(serde_json::json!({ "seats": seats }));
    audit::insert(&mut tx, entry).await?;
    tx.commit().await?;
    match seats {
        Some(seats) => println!("{slug} now has {seats} seats. Seats taken: {held}."),
        None => println!("{slug} now has unlimited seats. Seats taken: {held}."),
    }
    Ok(())
}

/// Prints a link with which the account's owner sets a new password.
async fn reset_password(service: &Service, identifier: &str) -> Result<(), Error> {
    let unknown = || Error::Refused(Failure::NotFound);
    let identifier = Identifier::parse(identifier).map_err(|problem: Problem| {
        Error::Broken(format!(
            "expected a username or an email address ({})",
            problem.code()
        ))
    })?;
    let mut tx = service.store.across().await?;
    let account = accounts::by_identifier(&mut tx, identifier.as_str())
        .await?
        .ok_or_else(unknown)?;
    let link = reset_link(service, &mut tx, AccountId::from_uuid(account.id)).await?;
    tx.commit().await?;
    println!(
        "{} can set a new password with this link within 30 minutes: {link}",
        account.username
    );
    Ok(())
}

async fn reset_link(service: &Service, tx: &mut Tx, account: AccountId) -> Result<String, Error> {
    let id = Uuid::now_v7();
    let token = service.keys.account_link(id);
    links::insert(tx, id, account, Kind::Reset, None, &token.hash()).await?;
    Ok(service.address(&format!("/reset/{}", token.as_str())))
}
