//! Guarantees for the operator: nothing is ignored silently, and each error is a helpful sentence.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use super::raw::KEYS;
use super::{Config, ConfigError, Database, MailRoute, SmtpTls};

const KEY: &str = "0123456789abcdef0123456789abcdef";

fn with(environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    load(None, environment)
}

fn load(file: Option<&Path>, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment = environment
        .iter()
        .map(|(name, value)| (OsString::from(name), OsString::from(value)));
    Config::from_sources(file, environment)
}

fn with_file(text: &str) -> Result<Config, ConfigError> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muster.toml");
    fs::write(&file, text).unwrap();
    load(Some(&file), &[])
}

fn refusal(result: Result<Config, ConfigError>) -> String {
    let sentence = result.unwrap_err().to_string();
    assert!(
        sentence.ends_with('.') && !sentence.contains('\n'),
        "{sentence}"
    );
    sentence
}

#[test]
fn nothing_set_is_a_loopback_server_with_its_own_database_and_mailbox() {
    let config = with(&[]).unwrap();
    assert_eq!(config.origin.as_str(), "http://127.0.0.1:3000");
    assert!(config.is_embedded());
    assert!(matches!(config.mail().unwrap(), MailRoute::Mailbox));
}

#[test]
fn the_environment_goes_over_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muster.toml");
    fs::write(
        &file,
        "log = \"warn\"\n[session]\nidle_minutes = 5\nabsolute_hours = 2\n",
    )
    .unwrap();
    let config = load(Some(&file), &[("MUSTER_SESSION_IDLE_MINUTES", "7")]).unwrap();
    assert_eq!(config.session.idle.as_secs(), 7 * 60);
    assert_eq!(config.session.absolute.as_secs(), 2 * 3600);
    assert_eq!(config.log, "warn");
}

#[test]
fn every_key_can_be_set_in_the_file_and_in_the_environment() {
    let value = |key: &str| match key {
        "listen" => "127.0.0.1:4000",
        "metrics_listen" => "127.0.0.1:9464",
        "origin" => "https://muster.example.org",
        "database_url" | "worker_database_url" | "owner_database_url" => {
            "postgres://muster@db/muster"
        }
        "secret" => KEY,
        "smtp.tls" => "tls",
        "smtp.from" => "Muster <muster@example.org>",
        "log_format" => "json",
        "trusted_proxies" => "10.0.0.1, 10.0.0.2",
        key if key.ends_with("port") || key.contains("seconds") || key.contains("pool") => "25",
        key if key.starts_with("session") || key == "argon2_threads" => "1",
        _ => "text",
    };
    let names: Vec<String> = KEYS
        .iter()
        .map(|key| format!("MUSTER_{}", key.replace('.', "_").to_uppercase()))
        .collect();
    let environment: Vec<(&str, &str)> = names
        .iter()
        .zip(KEYS)
        .map(|(name, key)| (name.as_str(), value(key)))
        .collect();
    let config = with(&environment).unwrap();
    assert_eq!(config.trusted_proxies.len(), 2);
    assert!(matches!(
        config.database,
        Database::External {
            worker_url: Some(_),
            owner_url: Some(_),
            ..
        }
    ));

    let file: String = KEYS
        .iter()
        .map(|key| match *key {
            "trusted_proxies" => "trusted_proxies = [\"10.0.0.1\", \"10.0.0.2\"]\n".to_owned(),
            key if value(key).parse::<u64>().is_ok() && key != "secret" => {
                format!("{key} = {}\n", value(key))
            }
            key => format!("{key} = \"{}\"\n", value(key)),
        })
        .collect();
    assert_eq!(with_file(&file).unwrap().trusted_proxies.len(), 2);
}

#[test]
fn an_unknown_key_is_refused_and_the_right_one_offered() {
    let sentence = refusal(with_file("[smtp]\nhots = \"mail\"\n"));
    assert!(
        sentence.contains("`smtp.hots` (did you mean `smtp.host`?)"),
        "{sentence}"
    );
    let sentence = refusal(with(&[("MUSTER_SMTP_HOTS", "mail")]));
    assert!(
        sentence.contains("`MUSTER_SMTP_HOTS` (did you mean `MUSTER_SMTP_HOST`?)"),
        "{sentence}"
    );
    refusal(with_file("[lgo]\n"));
}

#[test]
fn a_value_of_the_wrong_kind_is_refused_with_its_key() {
    for (name, value, key) in [
        ("MUSTER_SMTP_PORT", "many", "smtp.port"),
        ("MUSTER_LISTEN", "here", "listen"),
        ("MUSTER_METRICS_LISTEN", "9464", "metrics_listen"),
        ("MUSTER_TRUSTED_PROXIES", "10.0.0.1,x", "trusted_proxies"),
        ("MUSTER_LOG", "server=loud", "log"),
        ("MUSTER_LOG_FORMAT", "xml", "log_format"),
        ("MUSTER_SESSION_IDLE_MINUTES", "0", "session.idle_minutes"),
    ] {
        let sentence = refusal(with(&[(name, value)]));
        assert!(sentence.contains(key), "{sentence}");
    }
}

#[test]
fn trusted_proxies_are_addresses_and_networks_and_mapped_ones_are_ipv4() {
    let list = "10.0.0.1, 172.16.5.0/12, ::1, 2001:db8::/32, ::ffff:10.0.0.2, ::ffff:10.1.0.0/112";
    let config = with(&[("MUSTER_TRUSTED_PROXIES", list)]).unwrap();
    let networks: Vec<String> = config
        .trusted_proxies
        .iter()
        .map(ToString::to_string)
        .collect();
    let expected = [
        "10.0.0.1/32",
        "172.16.0.0/12",
        "::1/128",
        "2001:db8::/32",
        "10.0.0.2/32",
        "10.1.0.0/16",
    ];
    assert_eq!(networks, expected);
    for wrong in [
        "10.0.0.0/33",
        "10.0.0.1:80",
        "proxy.example",
        "10.0.0.0-10.0.0.9",
    ] {
        let sentence = refusal(with(&[("MUSTER_TRUSTED_PROXIES", wrong)]));
        assert!(sentence.contains("172.16.0.0/12"), "{sentence}");
    }
}

#[test]
fn an_origin_is_what_a_browser_would_send() {
    let origin =
        |raw: &str| with(&[("MUSTER_ORIGIN", raw)]).map(|config| config.origin.to_string());
    assert_eq!(
        origin("https://Muster.example.org:443").unwrap(),
        "https://muster.example.org"
    );
    assert_eq!(origin("http://[::1]:3000").unwrap(), "http://[::1]:3000");
    for refused in [
        "https://muster.example.org/",
        "https://muster.example.org/path",
        "https://user@muster.example.org",
        "https://muster.example.org?x",
        "https://muster.example.org#x",
        "ftp://muster.example.org",
        "muster.example.org",
        "https://",
        "https://müster.example.org",
    ] {
        assert!(origin(refused).is_err(), "{refused}");
    }
}

#[test]
fn a_server_on_every_address_is_opened_at_localhost() {
    let config = with(&[("MUSTER_LISTEN", "0.0.0.0:8080")]).unwrap();
    assert_eq!(config.origin.as_str(), "http://localhost:8080");
}

#[test]
fn metrics_are_off_and_never_on_the_public_address() {
    assert_eq!(with(&[]).unwrap().metrics_listen, None);
    let both = |listen, metrics| {
        with(&[
            ("MUSTER_LISTEN", listen),
            ("MUSTER_METRICS_LISTEN", metrics),
        ])
    };
    for (listen, metrics) in [
        ("127.0.0.1:3000", "127.0.0.1:3000"),
        ("0.0.0.0:3000", "127.0.0.1:3000"),
        ("127.0.0.1:3000", "[::]:3000"),
        ("[::ffff:127.0.0.1]:3000", "127.0.0.1:3000"),
    ] {
        let sentence = refusal(both(listen, metrics));
        assert!(sentence.contains("`metrics_listen`"), "{sentence}");
        assert!(sentence.contains("public server"), "{sentence}");
    }
    // The default of `listen`.
    refusal(with(&[("MUSTER_METRICS_LISTEN", "127.0.0.1:3000")]));
    for (listen, metrics) in [
        ("127.0.0.1:3000", "127.0.0.1:9464"),
        ("127.0.0.1:3000", "10.0.0.1:3000"),
        ("127.0.0.1:0", "127.0.0.1:0"),
    ] {
        assert!(both(listen, metrics).is_ok(), "{listen} {metrics}");
    }
}

#[test]
fn a_real_database_wants_a_key_and_a_mail_server() {
    let config = with(&[("DATABASE_URL", "postgres://muster@db/muster")]).unwrap();
    assert!(
        config
            .secret()
            .unwrap_err()
            .to_string()
            .contains("MUSTER_SECRET")
    );
    assert!(
        config
            .mail()
            .unwrap_err()
            .to_string()
            .contains("MUSTER_SMTP_HOST")
    );
}

#[test]
fn two_different_databases_are_refused() {
    let url = ("DATABASE_URL", "postgres://a/b");
    assert!(with(&[url, ("MUSTER_DATABASE_URL", "postgres://a/b")]).is_ok());
    refusal(with(&[url, ("MUSTER_DATABASE_URL", "postgres://a/c")]));
    refusal(with(&[("MUSTER_WORKER_DATABASE_URL", "postgres://a/c")]));
    refusal(with(&[("DATABASE_URL", "mysql://a/b")]));
}

#[test]
fn a_key_is_made_once_and_only_its_owner_can_read_it() {
    let folder = tempfile::tempdir().unwrap();
    let data_dir = folder.path().join("data");
    let config = with(&[("MUSTER_DATA_DIR", data_dir.to_str().unwrap())]).unwrap();
    let first = config.secret().unwrap();
    assert!(first.expose().len() >= 32);
    assert_eq!(first.expose(), config.secret().unwrap().expose());
    let mode = fs::metadata(data_dir.join("secret"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_short_key_is_refused() {
    refusal(with(&[("MUSTER_SECRET", "too short")]));
}

#[test]
fn a_mail_server_needs_a_sender_and_hides_its_password() {
    let host = ("MUSTER_SMTP_HOST", "mail.example.org");
    let from = ("MUSTER_SMTP_FROM", "Muster <muster@example.org>");
    let login = [
        ("MUSTER_SMTP_USERNAME", "muster"),
        ("MUSTER_SMTP_PASSWORD", "canary-password"),
    ];
    refusal(with(&[host]));
    refusal(with(&[from]));
    refusal(with(&[host, from, login[0]]));
    refusal(with(&[
        host,
        from,
        login[0],
        login[1],
        ("MUSTER_SMTP_TLS", "off"),
    ]));
    let config = with(&[host, from, login[0], login[1], ("MUSTER_SECRET", KEY)]).unwrap();
    assert!(!format!("{config:?}").contains("canary") && !format!("{config:?}").contains(KEY));
    let MailRoute::Smtp(smtp) = config.mail().unwrap() else {
        panic!("a mail server was set");
    };
    assert_eq!((smtp.tls, smtp.port), (SmtpTls::StartTls, 587));
}

#[test]
fn somebody_elses_variables_are_left_alone() {
    assert!(
        with(&[
            ("LEPTOS_OUTPUT_NAME", "x"),
            ("MUSTER_CONFIG", "x"),
            ("MUSTER_LOG", "")
        ])
        .is_ok()
    );
}
