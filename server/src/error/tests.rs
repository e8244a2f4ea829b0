use std::{
    io,
    sync::{Arc, Mutex},
};

use super::*;

#[test]
fn only_what_may_succeed_later_is_transient() {
    for code in [
        "08006", "53100", "53300", "57P01", "57P02", "57P03", "55P03", "40P01",
    ] {
        assert!(is_transient_code(code), "{code}");
    }
    // A canceled statement, a dropped database, a session that was idle too long, a violated constraint, a syntax
    // error.
    for code in [
        "57014", "57P04", "57P05", "23505", "42601", "22021", "40001",
    ] {
        assert!(!is_transient_code(code), "{code}");
    }
}

#[test]
fn an_error_is_as_transient_as_its_cause() {
    let gone = || sqlx::Error::Io(io::Error::other("connection reset"));
    assert!(Error::from(gone()).is_transient());
    let wrapped = Err::<(), _>(gone()).context("the report can't be read");
    assert!(wrapped.unwrap_err().is_transient());
    assert!(!Error::internal("a bug").is_transient());
    assert!(!Error::from(Failure::Unavailable).is_transient());
}

#[test]
fn all_causes_are_shown_once() {
    #[derive(Debug, thiserror::Error)]
    #[error("outer: {0}")]
    struct Repeats(#[source] io::Error);

    let inner = Err::<(), _>(Repeats(io::Error::other("disk full"))).context("saving failed");
    let error = inner.unwrap_err();
    assert_eq!(error.to_string(), "saving failed");
    assert_eq!(chain(&error).to_string(), "saving failed: outer: disk full");
    let outer = Err::<(), _>(error).context("the import stopped");
    assert_eq!(
        chain(&outer.unwrap_err()).to_string(),
        "the import stopped: saving failed: outer: disk full"
    );
}

#[test]
fn stored_values_are_not_shown() {
    let decoded = serde_json::from_str::<Vec<u32>>("[\"kestrel, expected nothing\"]");
    let error = decoded.context("the counts of an import can't be read");
    let error = error.unwrap_err();
    assert_eq!(
        chain(&error).to_string(),
        "the counts of an import can't be read: invalid type: string …, expected u32 at line 1 column 28"
    );
    let decode = sqlx::Error::ColumnDecode {
        index: "\"plan\"".to_owned(),
        source: serde_json::from_str::<bool>("\"kestrel\"")
            .unwrap_err()
            .into(),
    };
    let shown = chain(&Error::from(decode)).to_string();
    assert!(
        shown.starts_with("column \"plan\" could not be decoded: invalid type"),
        "{shown}"
    );
    assert!(!shown.contains("kestrel"), "{shown}");
}

#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn an_internal_error_is_logged_with_its_causes_and_shown_as_an_incident_number() {
    let log = Log::default();
    let writer = log.clone();
    let subscriber = tracing_subscriber::fmt()
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .finish();
    let log_guard = tracing::subscriber::set_default(subscriber);
    let failure = boundary("copy_link", async {
        let cause = io::Error::new(io::ErrorKind::StorageFull, "no space on /var/secret");
        Err::<(), _>(cause).context("the link can't be stored")
    })
    .await
    .unwrap_err();
    drop(log_guard);

    let Failure::Internal { incident } = &failure else {
        panic!("{failure:?}");
    };
    let shown = serde_json::to_value(&failure).unwrap();
    assert_eq!(
        shown,
        serde_json::json!({ "Internal": { "incident": incident } })
    );
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    let line = log.lines().find(|line| line.contains(incident)).unwrap();
    for part in [
        "ERROR",
        "use_case{name=\"copy_link\"}",
        "error=the link can't be stored: no space on /var/secret",
    ] {
        assert!(line.contains(part), "{line}");
    }
    assert_eq!(log.lines().count(), 1, "{log}");
}
