//! Connecting: waits for a database that is starting, configures the session, and refuses unsuitable databases.

use std::{str::FromStr, time::Duration};

use sqlx::{
    AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _,
    postgres::PgConnectOptions,
};
use tokio::time::{Instant, sleep, timeout, timeout_at};

use super::{
    Role, RoleNames,
    unusable::{Unusable, code, said},
};

/// The migrations use syntax that older versions lack.
const MINIMUM_VERSION: i32 = 15;
/// The pauses between two attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// The timeout of an attempt. A pooler keeps clients waiting while its server is down.
const ATTEMPT: Duration = Duration::from_secs(5);
/// The timeout for a second connection through a pooler.
const SECOND_CONNECTION: Duration = Duration::from_secs(10);
/// The number of comparisons of two connections. If no other client uses the pooler, the first one already detects
/// sharing.
const COMPARISONS: usize = 3;

/// Returns the options without start-up parameters of ours. PgBouncer before 1.20 refuses connections with parameters
/// that it does not know.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name("muster")
        .extra_float_digits(None))
}

/// Returns host and port, or the socket's folder.
fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// Configures a connection of a pool, in one round trip. This happens after connecting because poolers do not pass on
/// start-up parameters.
///
/// # Errors
/// Returns an error if the query fails.
pub(super) async fn set_up_session(
    connection: &mut PgConnection,
    role: Role,
    roles: &RoleNames,
    lock_timeout: &str,
) -> Result<(), sqlx::Error> {
    // Plans are made for the actual values: whether a filter is set, and how rare its value is. A page's query finishes
    // faster than it could be compiled or distributed over processes.
    let settings = format!(
        "SET search_path = muster; SET plan_cache_mode = force_custom_plan; SET jit = off; \
         SET max_parallel_workers_per_gather = 0; SET lock_timeout = '{lock_timeout}'; SET ROLE {}",
        roles.name_of(role)
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(connection)
        .await?;
    Ok(())
}

/// Connects. While the database is not up yet, retries until `patience` is over and logs that it waits.
///
/// # Errors
/// Returns [`Unusable::Unreachable`] after that time. Returns errors that waiting does not resolve immediately.
pub(super) async fn connect_when_up(
    options: &PgConnectOptions,
    patience: Duration,
) -> Result<PgConnection, Unusable> {
    let deadline = Instant::now() + patience;
    let mut pause = FIRST_PAUSE;
    let mut waiting = false;
    loop {
        let cause =
            match timeout_at(deadline.min(Instant::now() + ATTEMPT), options.connect()).await {
                Ok(Ok(connection)) => {
                    if waiting {
                        tracing::info!("the database answers");
                    }
                    return Ok(connection);
                }
                Ok(Err(error)) if passes_by_waiting(&error) => said(&error),
                Ok(Err(error)) => return Err(refused(error, options)),
                Err(_) => "no answer".to_owned(),
            };
        if !waiting {
            tracing::warn!(
                "the database at {} is not up yet ({cause}); waiting for it up to {} seconds",
                address(options),
                patience.as_secs()
            );
            waiting = true;
        }
        if Instant::now() + pause >= deadline {
            return Err(Unusable::Unreachable {
                address: address(options),
                seconds: patience.as_secs(),
                cause,
            });
        }
        sleep(pause).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
    }
}

/// Returns whether the error may pass: nothing listens yet, the host has no address yet, the server is starting or
/// stopping (57P01 to 57P03) or full (53300), or a pooler reports this about its server (with its own messages and one
/// code for everything).
fn passes_by_waiting(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(error) => error.kind() != std::io::ErrorKind::PermissionDenied,
        sqlx::Error::Database(error) => {
            let code = error.code().unwrap_or_default();
            let message = error.message();
            code.starts_with("57P0")
                || code == "53300"
                || (code.starts_with("08")
                    && [
                        "server_login_retry",
                        "server login",
                        "server conn",
                        "connect",
                    ]
                    .iter()
                    .any(|words| message.contains(words)))
        }
        _ => false,
    }
}

fn refused(error: sqlx::Error, options: &PgConnectOptions) -> Unusable {
    // 28P01 is a wrong password, 28000 any other refusal of the login.
    if code(&error).is_some_and(|code| code.starts_with("28")) {
        return Unusable::LoginRefused {
            address: address(options),
            cause: said(&error),
        };
    }
    Unusable::Database(error)
}

/// Connects when the database is up, and refuses an unsuitable database before anything is created in it.
///
/// # Errors
/// Same as [`connect_when_up`]. Also returns why the database is unsuitable.
pub(super) async fn connect_checked(
    url: &str,
    patience: Duration,
) -> Result<PgConnection, Unusable> {
    let options = options(url)?;
    let mut connection = connect_when_up(&options, patience).await?;
    if timeout(SECOND_CONNECTION, is_shared(&mut connection, &options))
        .await
        .map_err(|_| Unusable::PoolTooSmall {
            address: address(&options),
            seconds: SECOND_CONNECTION.as_secs(),
        })??
    {
        return Err(Unusable::TransactionPooling {
            address: address(&options),
        });
    }
    let (version, encoding): (i32, String) = sqlx::query_as(
        "SELECT current_setting('server_version_num')::integer / 10000, current_setting('server_encoding')",
    )
    .fetch_one(&mut connection)
    .await?;
    if version < MINIMUM_VERSION {
        return Err(Unusable::TooOld { major: version });
    }
    if encoding != "UTF8" {
        return Err(Unusable::Encoding { encoding });
    }
    Ok(connection)
}

/// Returns whether two open connections use one session of the server, or one of them changes its session. Then a
/// pooler shares sessions between clients, and a role set by one client would apply to another.
async fn is_shared(
    first: &mut PgConnection,
    options: &PgConnectOptions,
) -> Result<bool, sqlx::Error> {
    let mut second = options.connect().await?;
    let here = session(first).await?;
    let there = session(&mut second).await?;
    let mut shared = here == there;
    for _ in 0..COMPARISONS {
        shared |= session(first).await? != here || session(&mut second).await? != there;
    }
    second.close().await?;
    Ok(shared)
}

/// Returns the server process of a connection. Uses no prepared statement, because those fail first behind such a
/// pooler.
async fn session(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("SELECT pg_backend_pid()")
        .fetch_one(connection)
        .await?
        .try_get(0)
}
