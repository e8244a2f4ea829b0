//! How fast it goes. Ignored in the ordinary run, because a debug build says nothing:
//! `cargo nextest run -p muster --release --run-ignored only --no-capture speed`.

use std::fmt::Write;
use std::time::Instant;

use muster::import::{
    Access, Applying, Delimiter, Duplicates, Encoding, Limits, Mapping, MatchBy, Mode, Options,
    PersonDraft, Reader, Roles, Send,
};

const ROWS: u32 = 1_000_000;

/// A file as directories export it: some 95 bytes a row.
fn file() -> String {
    let mut file =
        String::from("username,first name,last name,email,phone,role,language,department\n");
    let names = ["Okafor", "Åström", "McFly", "García López", "Weiß"];
    for row in 0..ROWS {
        let last = names[row as usize % names.len()];
        let _ = writeln!(
            file,
            "kestrel{row},Amélie,{last},a.okafor{row}@northgate.example,+49 30 {row:07},Member,en,\"Wards, {row}\""
        );
    }
    file
}

fn report(what: &str, rows: u32, bytes: usize, began: Instant) {
    let seconds = began.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "a figure for people")]
    let megabytes = bytes as f64 / 1e6;
    println!(
        "{what}: {:.2} million rows/s, {:.0} MB/s",
        f64::from(rows) / seconds / 1e6,
        megabytes / seconds
    );
}

#[test]
#[ignore = "a measurement"]
fn reading_alone() {
    let file = file();
    for _ in 0..3 {
        let began = Instant::now();
        let mut reader = Reader::new(Encoding::Utf8, Delimiter::Comma, Limits::default());
        let mut fields = 0;
        for mut slice in file.as_bytes().chunks(256 * 1024) {
            while let Some(record) = reader.read(&mut slice) {
                fields += record.unwrap().fields.iter().map(str::len).sum::<usize>();
            }
        }
        assert!(reader.finish().is_none() && fields > 0);
        report("read", reader.rows(), file.len(), began);
    }
}

#[test]
#[ignore = "a measurement"]
fn reading_and_judging() {
    let file = file();
    let options = Options {
        mode: Mode::Add,
        match_by: MatchBy::Email,
        clear: None,
        access: Access::Invite,
        send: Send::Now,
        send_at: None,
        applying: Applying::RowByRow,
        role: None,
    };
    let member = "01935f8e-0000-7000-8000-000000000001".parse().unwrap();
    let roles = Roles::new([(member, "Member".to_owned())]);
    let mut mapping = None;
    for with_duplicates in [false, true, false, true] {
        let began = Instant::now();
        let mut reader = Reader::new(Encoding::Utf8, Delimiter::Comma, Limits::default());
        let mut duplicates = Duplicates::new(7);
        for mut slice in file.as_bytes().chunks(256 * 1024) {
            while let Some(record) = reader.read(&mut slice) {
                let record = record.unwrap();
                if record.number == 0 {
                    let headers: Vec<&str> = record.fields.iter().collect();
                    mapping = Some(Mapping::guess(&headers, &[]).layout());
                    continue;
                }
                let draft = PersonDraft::new(record.fields, mapping.as_ref().unwrap());
                let person = draft.check(&options, &roles).unwrap();
                if with_duplicates {
                    assert_eq!(duplicates.add(record.number, &person), []);
                }
            }
        }
        let what = if with_duplicates {
            "read, judge, find duplicates"
        } else {
            "read, judge"
        };
        report(what, reader.rows(), file.len(), began);
    }
}
