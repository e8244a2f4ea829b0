//! Rate limits, shared by all replicas and kept across restarts.

use std::net::{IpAddr, Ipv6Addr};

use muster::failure::Failure;
use sqlx::PgConnection;

use crate::error::Error;

/// The number of uses in a window of time.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// The number of uses.
    pub times: i32,
    /// The length of the window in seconds.
    pub seconds: i32,
}

/// Returns the key under which a client is counted: an IPv4 address, or the /64 network of an IPv6 address, because a
/// single customer is assigned at least that many addresses. Every limit for a client uses this key; the audit log
/// keeps the full address.
#[must_use]
pub fn client_key(ip: IpAddr) -> String {
    match ip.to_canonical() {
        IpAddr::V4(ip) => ip.to_string(),
        IpAddr::V6(ip) => {
            let network = u128::from(ip) & (u128::MAX << 64);
            format!("{}/64", Ipv6Addr::from(network))
        }
    }
}

/// Passwords hashed for one link or account, except at sign-in.
const HASHES_PER_SUBJECT: Limit = Limit {
    times: 30,
    seconds: 900,
};

/// Passwords hashed for one network, except at sign-in: an office may join on one morning.
const HASHES_PER_CLIENT: Limit = Limit {
    times: 300,
    seconds: 300,
};

/// Counts one password hash of a client and of a subject, which is an account or a link.
///
/// # Errors
/// Returns `TooManyTries` if either limit is reached.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn take_hash(
    connection: &mut PgConnection,
    ip: IpAddr,
    subject: impl std::fmt::Display + Send,
) -> Result<(), Error> {
    let client = format!("passwords from {}", client_key(ip));
    take(connection, &client, HASHES_PER_CLIENT).await?;
    let subject = format!("passwords of {subject}");
    take(connection, &subject, HASHES_PER_SUBJECT).await
}

/// Counts one use.
///
/// # Errors
/// Returns `TooManyTries` with the seconds until the window ends if the limit is reached.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn take(connection: &mut PgConnection, key: &str, limit: Limit) -> Result<(), Error> {
    let row = sqlx::query!(
        r#"WITH now AS (
               SELECT to_timestamp(floor(extract(epoch FROM clock_timestamp()) / $2::int4) * $2::int4) AS window_at
           )
           INSERT INTO rate_limits AS l (key, window_at, used)
           SELECT $1, now.window_at, 1 FROM now
           ON CONFLICT (key, window_at) DO UPDATE SET used = l.used + 1
           RETURNING used,
               ceil($2::int4 - extract(epoch FROM clock_timestamp() - window_at))::bigint AS "left!""#,
        key,
        limit.seconds
    )
    .fetch_one(connection)
    .await?;
    if row.used > limit.times {
        return Err(Failure::TooManyTries {
            seconds: u64::try_from(row.left).unwrap_or(1).max(1),
        }
        .into());
    }
    Ok(())
}

/// Allows one use in an interval, measured from the last use instead of in fixed windows.
///
/// # Errors
/// Returns `TooSoon` with the remaining seconds.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn once(connection: &mut PgConnection, key: &str, seconds: i32) -> Result<(), Error> {
    sqlx::query!("SELECT pg_advisory_xact_lock(hashtextextended($1, 1))", key)
        .fetch_one(&mut *connection)
        .await?;
    let wait = sqlx::query_scalar!(
        "SELECT ceil($2::int4 - extract(epoch FROM clock_timestamp() - max(window_at)))::bigint
         FROM rate_limits WHERE key = $1",
        key,
        seconds
    )
    .fetch_one(&mut *connection)
    .await?
    .unwrap_or(0);
    if wait > 0 {
        return Err(Failure::TooSoon {
            seconds: wait.unsigned_abs(),
        }
        .into());
    }
    sqlx::query!(
        "INSERT INTO rate_limits (key, window_at, used) VALUES ($1, clock_timestamp(), 1)",
        key
    )
    .execute(connection)
    .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::client_key;

    #[test]
    fn ipv6_clients_are_counted_by_their_64_bit_network_and_mapped_ones_as_ipv4() {
        let key = |ip: &str| client_key(ip.parse().unwrap());
        assert_eq!(key("198.51.100.7"), "198.51.100.7");
        assert_eq!(key("::ffff:198.51.100.7"), "198.51.100.7");
        assert_eq!(key("2001:db8:1:2::7"), "2001:db8:1:2::/64");
        assert_eq!(key("2001:db8:1:2:ffff::1"), key("2001:db8:1:2::7"));
        assert_ne!(key("2001:db8:1:3::7"), key("2001:db8:1:2::7"));
    }
}
