//! `muster mail`: shows whether email is being sent, and retries after a fix.

use crate::{
    cli::MailCommand,
    commands::sentence,
    config::Config,
    error::Error,
    mail::Cause,
    process::{Databases, InUse, Sentence},
    store::{
        Store,
        mail_pauses::{self, EVERYTHING, Pause},
        outbox,
    },
};

/// Runs the command and prints its result.
///
/// # Errors
/// Returns one sentence for the terminal.
pub async fn run(config: &Config, command: MailCommand) -> Result<(), Sentence> {
    let databases = Databases::open(config, InUse::Share).await?;
    let store = databases.worker().await?;
    let done = match command {
        MailCommand::Status => status(&store).await,
        MailCommand::Retry => retry(&store).await,
    };
    drop(store);
    databases.close().await?;
    done.map_err(sentence)
}

async fn status(store: &Store) -> Result<(), Error> {
    let mut connection = store.pool().acquire().await?;
    let pauses = mail_pauses::all(&mut connection).await?;
    let waiting = outbox::count_queued(&mut connection).await?;
    if pauses.is_empty() {
        println!("Email is being sent. Messages waiting: {waiting}.");
    }
    for pause in pauses {
        println!("{}", sentences(&pause));
        println!("Messages waiting: {waiting}.");
    }
    Ok(())
}

async fn retry(store: &Store) -> Result<(), Error> {
    let mut connection = store.pool().acquire().await?;
    if mail_pauses::probe_now(&mut connection).await? == 0 {
        println!("Email is not paused.");
    } else {
        println!("Retrying the next message now.");
    }
    Ok(())
}

fn sentences(pause: &Pause) -> String {
    let whose = if pause.scope == EVERYTHING {
        "All email".to_owned()
    } else {
        format!("Email of the institution or account {}", pause.scope)
    };
    let advice = Cause::from_code(&pause.cause).map_or("", Cause::advice);
    format!(
        "{whose} has been paused since {}: the mail server does not accept it ({}).\nResponse: {}\n{advice}\nThe next attempt is in {} s.",
        pause.since.format("%Y-%m-%d %H:%M:%S UTC"),
        pause.cause,
        pause.response,
        pause.seconds_left
    )
}
