//! Database URLs.
//!
//! A reserved character in a password splits a URL in the wrong place, so the parts are checked before anything else
//! parses it. Nothing that may be part of a password appears in a message or a log.

use super::{ConfigError, Secret};

/// The parameters that the driver reads.
const READ: &[&str] = &[
    "sslmode",
    "ssl-mode",
    "sslrootcert",
    "ssl-root-cert",
    "ssl-ca",
    "sslcert",
    "ssl-cert",
    "sslkey",
    "ssl-key",
    "statement-cache-capacity",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
];

/// Parameters of other drivers that providers put into their URLs. They have no effect here and are removed, because
/// the driver logs unknown ones with their values.
const IGNORED: &[&str] = &[
    "channel_binding",
    "connect_timeout",
    "connection_limit",
    "gssencmode",
    "keepalives",
    "keepalives_count",
    "keepalives_idle",
    "keepalives_interval",
    "pgbouncer",
    "pool_timeout",
    "schema",
    "sslcompression",
    "sslnegotiation",
    "ssl_min_protocol_version",
    "target_session_attrs",
    "tcp_user_timeout",
];

const ENCODE: &str = "can't be read as a URL. If the password has characters such as # / ? @ : or %, they must be \
                      percent-encoded: # is %23, / is %2F, ? is %3F, @ is %40, : is %3A and % is %25";

/// Checks a URL and removes ignored parameters.
///
/// # Errors
/// Returns an error if it is not a URL or a reserved character splits it in the wrong place.
pub(super) fn postgres_url(key: &'static str, url: &Secret) -> Result<Secret, ConfigError> {
    let text = url.expose().trim();
    let Some((scheme, rest)) = text
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "postgres" | "postgresql"))
    else {
        return Err(ConfigError::invalid(key, "must start with `postgres://`"));
    };
    let unreadable = || ConfigError::invalid(key, ENCODE);
    let (address, query) = match rest.split_once('?') {
        Some((address, query)) => (address, Some(query)),
        None => (rest, None),
    };
    let (authority, database) = address.split_once('/').unwrap_or((address, ""));
    let (login, host) = match authority.rsplit_once('@') {
        Some((login, host)) => (Some(login), host),
        None => (None, authority),
    };
    let readable = !rest.contains('#')
        && !rest.chars().any(char::is_control)
        && !login.is_some_and(|login| login.contains('@'))
        && login.is_none_or(is_login)
        && is_host(host)
        && !database.contains(['/', '@', ':'])
        && !query.is_some_and(|query| query.contains(['@', '?']))
        && is_encoded(rest);
    if !readable {
        return Err(unreadable());
    }
    let Some(query) = query else {
        return Ok(Secret::from(text.to_owned()));
    };
    let mut kept = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, _) = pair.split_once('=').ok_or_else(unreadable)?;
        // The name of a session setting: `options[statement_timeout]`.
        let is_option = name.starts_with("options[") || name.starts_with("options%5B");
        if READ.contains(&name) || is_option {
            kept.push(pair);
        } else if !IGNORED.contains(&name) {
            return Err(unreadable());
        }
    }
    let query = if kept.is_empty() {
        String::new()
    } else {
        format!("?{}", kept.join("&"))
    };
    Ok(Secret::from(format!("{scheme}://{address}{query}")))
}

/// Returns whether this is a name, with an optional password after the first colon. Programs interpret a second colon
/// differently.
fn is_login(login: &str) -> bool {
    login.matches(':').count() <= 1
}

/// Returns whether this is empty, a name, an address or a socket's folder, with an optional port.
fn is_host(host: &str) -> bool {
    let (name, port) = match host.rsplit_once(':') {
        // An IPv6 address has colons inside brackets.
        Some((name, port)) if !port.ends_with(']') => (name, Some(port)),
        _ => (host, None),
    };
    let bracketed = name.starts_with('[') && name.ends_with(']');
    (bracketed || !name.contains(':')) && port.is_none_or(|port| port.parse::<u16>().is_ok())
}

/// Returns whether two hexadecimal digits follow every percent sign.
fn is_encoded(text: &str) -> bool {
    text.split('%').skip(1).all(|after| {
        let digits = after.as_bytes();
        digits.len() >= 2 && digits[..2].iter().all(u8::is_ascii_hexdigit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(url: &str) -> Result<String, String> {
        postgres_url("database_url", &Secret::from(url.to_owned()))
            .map(|url| url.expose().to_owned())
            .map_err(|error| error.to_string())
    }

    /// Letters that occur nowhere else in the URL or the sentence.
    const PARTS: [&str; 2] = ["Zq7", "Xw9"];

    #[test]
    fn a_password_with_an_unencoded_character_is_refused_with_the_cause_and_without_the_password() {
        for between in [
            "#", "/", "?", "@", ":", "%", "%zz", "?x=", "?x=1&", "/?", "#@", "\n", "\t",
        ] {
            let password = PARTS.join(between);
            for host in ["127.0.0.1:5432", "db", "[::1]:5432"] {
                let sentence = checked(&format!("postgres://muster:{password}@{host}/muster"))
                    .expect_err(between);
                assert!(sentence.contains("percent-encoded"), "{sentence}");
                assert!(
                    !PARTS.iter().any(|part| sentence.contains(part)),
                    "{sentence}"
                );
            }
        }
    }

    #[test]
    fn a_password_that_begins_with_digits_is_not_taken_for_a_port() {
        for password in ["12#b", "12/b", "12?b", "5432/muster?sslmode=disable"] {
            assert!(
                checked(&format!("postgres://muster:{password}@db/muster")).is_err(),
                "{password}"
            );
        }
    }

    #[test]
    fn encoded_passwords_and_all_usual_addresses_are_taken_as_they_are() {
        for url in [
            "postgres://muster:a%23b%2Fc%3Fd%40e%25f%3Ag@127.0.0.1:5432/muster",
            "postgresql://muster:a b@db/muster",
            "postgres://muster:ä$'\"!&=+;,@db/muster",
            "postgres://muster@[::1]:5432/muster?sslmode=verify-full&sslrootcert=/etc/ca.pem",
            "postgres://muster:x@localhost:5432/muster?host=/var/run/postgresql",
            "postgres://%2Fvar%2Frun%2Fpostgresql/muster",
            "postgres:///muster?host=/run/postgresql&user=muster",
            "postgres://a/b",
            "postgres://db/muster?options=-c%20statement_timeout%3D5s&options[work_mem]=4MB",
        ] {
            assert_eq!(checked(url).as_deref(), Ok(url));
        }
    }

    #[test]
    fn parameters_of_other_drivers_are_taken_out() {
        assert_eq!(
            checked("postgres://m:p@h/d?sslmode=require&channel_binding=require").as_deref(),
            Ok("postgres://m:p@h/d?sslmode=require")
        );
        assert_eq!(
            checked("postgres://m:p@h/d?pgbouncer=true").as_deref(),
            Ok("postgres://m:p@h/d")
        );
    }
}
