//! How a connection begins: waiting for a database that is still starting, what a session is set to, and what is refused.

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

/// Older ones lack syntax that the migrations use.
const MINIMUM_VERSION: i32 = 15;
/// Between two attempts to connect.
const FIRST_PAUSE: Duration = Duration::from_millis(100);
const LONGEST_PAUSE: Duration = Duration::from_secs(1);
/// How long an attempt may take. A pooler holds clients while the server behind it is down.
const ATTEMPT: Duration = Duration::from_secs(5);
/// How long a pooler may take to give a second connection.
const SECOND_CONNECTION: Duration = Duration::from_secs(10);
/// How often two connections are compared. A pooler that shares them gives itself away the first time unless others use it.
const COMPARISONS: usize = 3;

/// Options without start-up parameters of ours: PgBouncer before 1.20 refuses a connection that has any which it does not know.
pub(super) fn options(url: &str) -> Result<PgConnectOptions, sqlx::Error> {
    Ok(PgConnectOptions::from_str(url)?
        .application_name("muster")
        .extra_float_digits(None))
}

/// Host and port, or the socket's folder.
fn address(options: &PgConnectOptions) -> String {
    match options.get_socket() {
        Some(socket) => socket.display().to_string(),
        None => format!("{}:{}", options.get_host(), options.get_port()),
    }
}

/// Sets what every connection of a pool needs, in one round trip, after the connection is made: start-up parameters do not
/// pass through poolers.
///
/// # Errors
/// Returns an error if a query fails.
pub(super) async fn set_up_session(
    connection: &mut PgConnection,
    role: Role,
    roles: &RoleNames,
) -> Result<(), sqlx::Error> {
    // Plans made for the very values: whether a filter is set, and how rare what it looks for is. And a
    // page's query is done before it would be compiled or spread over processes.
    let settings = format!(
        "SET search_path = muster; SET plan_cache_mode = force_custom_plan; SET jit = off; \
         SET max_parallel_workers_per_gather = 0; SET lock_timeout = '{}'; SET ROLE {}",
        role.patience(),
        roles.name_of(role)
    );
    sqlx::raw_sql(AssertSqlSafe(settings))
        .execute(connection)
        .await?;
    Ok(())
}

/// Connects. While the database is not up yet this is tried again for as long as `patience`, and the log says so.
///
/// # Errors
/// [`Unusable::Unreachable`] after that; at once what does not pass by waiting.
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

/// Nothing listens yet, the host has no address yet, the server is starting or stopping (57P01 to 57P03) or full (53300), or a
/// pooler says this of the server behind it (in its own words, with a code for everything).
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
    // 28P01 and 28000: the password, and everything else about who may come in.
    if code(&error).is_some_and(|code| code.starts_with("28")) {
        return Unusable::LoginRefused {
            address: address(options),
            cause: said(&error),
        };
    }
    Unusable::Database(error)
}

/// Connects when the database is up, and refuses a database that Muster can't work with, before anything is created in it.
///
/// # Errors
/// As [`connect_when_up`], and what is wrong with the database.
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

/// Whether two connections that are open at once ever are one session of the server, or one of them changes its session: then
/// a pooler shares sessions between clients, and a role set in one would hold in another.
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

/// The server's process that answers a connection. Asked without a prepared statement: those are what breaks first there.
async fn session(connection: &mut PgConnection) -> Result<i32, sqlx::Error> {
    sqlx::raw_sql("SELECT pg_backend_pid()")
        .fetch_one(connection)
        .await?
        .try_get(0)
}
