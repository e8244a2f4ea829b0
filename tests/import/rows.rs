//! What is wrong with a row, and whom it means.

use std::fmt::Write;

use muster::draft::ImportOptionsDraft;
use muster::ids::RoleId;
use muster::import::{
    Access, Applying, Change, Column, Delimiter, Duplicates, Encoding, Limits, Mapping, MatchBy,
    Mode, NameOrder, Options, Person, PersonDraft, Reader, Roles, RowProblem, Send, codes,
    propose_for,
};
use muster::local_time::LocalTime;
use muster::username::violations;

const ROLE: &str = "01935f8e-0000-7000-8000-000000000001";
const OTHER: &str = "01935f8e-0000-7000-8000-000000000002";

fn role(id: &str) -> RoleId {
    id.parse().unwrap()
}

fn roles() -> Roles {
    Roles::new([
        (role(ROLE), "Médecin".to_owned()),
        (role(OTHER), "Member".to_owned()),
    ])
}

fn options() -> Options {
    Options {
        mode: Mode::Add,
        match_by: MatchBy::Email,
        clear: Some("-".to_owned()),
        access: Access::Invite,
        send: Send::Now,
        send_at: None,
        applying: Applying::RowByRow,
        role: Some(role(OTHER)),
    }
}

/// Judges a file's only row.
fn check_in(
    order: NameOrder,
    header: &str,
    row: &str,
    options: &Options,
) -> Result<Person, Vec<RowProblem>> {
    let headers: Vec<&str> = header.split(',').collect();
    let mut mapping = Mapping::guess(&headers, &[]);
    mapping.name_order = order;
    let layout = mapping.layout();
    let file = format!("{header}\n{row}\n");
    let mut reader = Reader::new(Encoding::Utf8, Delimiter::Comma, Limits::default());
    let mut rest = file.as_bytes();
    reader.read(&mut rest);
    let record = reader.read(&mut rest).unwrap().unwrap();
    assert_eq!(record.fault, None);
    PersonDraft::new(record.fields, &layout).check(options, &roles())
}

fn check(header: &str, row: &str, options: &Options) -> Result<Person, Vec<RowProblem>> {
    check_in(NameOrder::FirstLast, header, row, options)
}

fn said(problems: Result<Person, Vec<RowProblem>>) -> Vec<(&'static str, &'static str)> {
    let problems = problems.unwrap_err();
    problems
        .iter()
        .map(|it| (it.column.code(), it.problem.code()))
        .collect()
}

const ALL: &str = "username,first name,last name,email,phone,role,language,change password";

#[test]
fn a_full_row_is_a_person() {
    let person = check(
        ALL,
        "kestrel88, Zoë ,Åström,Zoe@Example.org,'+46 8 123 456 78,MEDECIN,de-CH,Ja",
        &options(),
    )
    .unwrap();
    assert_eq!(person.username.unwrap().as_str(), "kestrel88");
    assert_eq!(person.first_name.unwrap().as_str(), "Zoë");
    assert_eq!(person.email.unwrap().as_str(), "zoe@example.org");
    assert!(matches!(person.phone, Change::Set(number) if number.as_str() == "+46812345678"));
    assert_eq!(person.role, Some(role(ROLE)));
    assert!(matches!(person.language, Change::Set(language) if language.code() == "de"));
    assert_eq!(person.change_password, Some(true));
}

#[test]
fn every_problem_of_every_cell_is_told_at_once() {
    assert_eq!(
        said(check(
            ALL,
            "zoe_admin,Zoë,,zoe.example.org,12,Boss,Klingon,maybe",
            &options()
        )),
        [
            ("username", "invalid_character"),
            ("username", "contains_name"),
            ("last_name", "required"),
            ("email", "not_an_address"),
            ("phone", "not_a_number"),
            ("role", "unknown"),
            ("language", "unknown"),
            ("change_password", "unknown"),
        ]
    );
}

#[test]
fn a_username_is_needed_where_a_password_is_made_and_may_be_left_out_of_an_invitation() {
    let (header, row) = (
        "username,first name,last name,email",
        ",Zoë,Åström,zoe@example.org",
    );
    assert_eq!(check(header, row, &options()).unwrap().username, None);
    let passwords = Options {
        access: Access::Passwords,
        ..options()
    };
    assert_eq!(
        said(check(header, row, &passwords)),
        [("username", "required")]
    );
}

#[test]
fn a_role_comes_from_the_row_or_from_the_options() {
    let (header, row) = (
        "first name,last name,email,role",
        "Zoë,Åström,zoe@example.org,",
    );
    assert_eq!(check(header, row, &options()).unwrap().role, None);
    let without = Options {
        role: None,
        ..options()
    };
    assert_eq!(said(check(header, row, &without)), [("role", "required")]);
}

#[test]
fn an_update_needs_only_who_is_meant_and_tells_leaving_from_clearing() {
    let update = Options {
        mode: Mode::Update,
        ..options()
    };
    let person = check(
        "email,first name,phone,language",
        "zoe@example.org,,-,",
        &update,
    )
    .unwrap();
    assert_eq!(person.first_name, None);
    assert_eq!(person.phone, Change::Clear);
    assert_eq!(person.language, Change::Leave);
    // Nobody can be without a name or an address.
    assert_eq!(
        said(check("email,first name", "-,-", &update)),
        [("first_name", "required"), ("email", "required")]
    );
    let by_username = Options {
        match_by: MatchBy::Username,
        ..update
    };
    assert_eq!(
        said(check("email,username", "zoe@example.org,", &by_username)),
        [("username", "required")]
    );
    // The name she has now is in the username she chose before: it only says who is meant.
    assert!(check("username,last name", "kestrel88,Kestrel", &by_username).is_ok());
}

#[test]
fn who_turns_out_to_be_new_is_asked_once_more() {
    let both = Options {
        mode: Mode::Both,
        ..options()
    };
    let person = check(
        "email,first name,last name",
        "zoe@example.org,,Åström",
        &both,
    )
    .unwrap();
    assert_eq!(person.lacks(&both, false), []);
    let lacking: Vec<Column> = person
        .lacks(&both, true)
        .iter()
        .map(|it| it.column)
        .collect();
    assert_eq!(lacking, [Column::FirstName]);
}

#[test]
fn a_name_that_is_missing_is_taken_from_the_full_name_that_is_there() {
    let headers = "first name,last name,name,email";
    for row in [
        "Emma,,Emma Bauer,e@example.org",
        ",Bauer,\"Bauer, Emma\",e@example.org",
    ] {
        let person = check(headers, row, &options()).unwrap();
        let name = [person.first_name.unwrap(), person.last_name.unwrap()].map(|it| it.to_string());
        assert_eq!(name, ["Emma", "Bauer"], "{row}");
    }
    // Somebody else's name is nobody's.
    let said = said(check(headers, "Emma,,Ina Klein,e@example.org", &options()));
    assert_eq!(said, [("last_name", "required")]);
}

#[test]
fn a_full_name_is_split_where_there_is_no_other() {
    let names = |order, row: &str| {
        let person = check_in(order, "name,email", row, &options()).unwrap();
        (
            person.first_name.unwrap().to_string(),
            person.last_name.unwrap().to_string(),
        )
    };
    let split = |first: &str, last: &str| (first.to_owned(), last.to_owned());
    let first_last = NameOrder::FirstLast;
    assert_eq!(
        names(first_last, "Ana María López,a@example.org"),
        split("Ana María", "López")
    );
    assert_eq!(
        names(first_last, "\"López García, Ana\",a@example.org"),
        split("Ana", "López García")
    );
    assert_eq!(
        names(NameOrder::LastFirst, "López Ana María,a@example.org"),
        split("Ana María", "López")
    );
    let said_of = |row: &str| said(check("name,email,username", row, &options()));
    assert_eq!(
        said_of("Madonna,a@example.org,kestrel88"),
        [("full_name", "required")]
    );
    assert_eq!(
        said_of(",a@example.org,kestrel88"),
        [("full_name", "required")]
    );
    // The rules of usernames see the parts.
    assert_eq!(
        said_of("Ana Kestrel,a@example.org,kestrel88"),
        [("username", "contains_name")]
    );
    // First and last name of their own win over it.
    let own = check(
        "name,first name,last name,email",
        "X Y,Zoë,Åström,z@example.org",
        &options(),
    )
    .unwrap();
    assert_eq!(own.first_name.unwrap().as_str(), "Zoë");
}

fn person(username: &str, email: &str) -> Person {
    check(
        "username,first name,last name,email",
        &format!("{username},Zoë,Åström,{email}"),
        &options(),
    )
    .unwrap()
}

#[test]
fn what_an_earlier_row_said_is_found_whatever_its_case() {
    let mut duplicates = Duplicates::new(7);
    let first = person("kestrel88", "zoe@example.org");
    assert_eq!(duplicates.add(1, &first), []);
    assert_eq!(
        duplicates.add(1, &first),
        [],
        "the row itself, judged again"
    );
    let problems = duplicates.add(9, &person("KESTREL88", "ZOE@EXAMPLE.ORG"));
    let said: Vec<_> = problems
        .iter()
        .map(|it| (it.column, it.problem.code(), it.same_as))
        .collect();
    assert_eq!(
        said,
        [
            (Column::Username, "duplicate", Some(1)),
            (Column::Email, "duplicate", Some(1))
        ]
    );
    // Edited into another, it gives its name free.
    duplicates.release(1, &first);
    assert_eq!(duplicates.add(9, &first), []);
    assert_eq!(duplicates.add(1, &first)[0].same_as, Some(9));
}

#[test]
fn many_rows_are_told_apart() {
    let mut duplicates = Duplicates::new(7);
    let mut someone = person("kestrel88", "zoe@example.org");
    for row in 1..=20_000 {
        someone.username = format!("kestrel{row}").try_into().ok();
        someone.email = format!("zoe{row}@example.org").try_into().ok();
        assert_eq!(duplicates.add(row, &someone), []);
    }
    for row in 1..=20_000 {
        someone.username = format!("Kestrel{row}").try_into().ok();
        assert_eq!(duplicates.add(20_001, &someone)[0].same_as, Some(row));
    }
}

#[test]
fn proposals_keep_the_rules_and_are_each_anothers() {
    let mapping = Mapping::guess(&["first name", "last name", "email"], &[]);
    let layout = mapping.layout();
    let propose_all = || {
        let mut duplicates = Duplicates::new(7);
        let mut file = String::from("first name,last name,email\n");
        for row in 0..2000 {
            let _ = writeln!(file, "Amber,Finch,a{row}@example.org");
        }
        let mut reader = Reader::new(Encoding::Utf8, Delimiter::Comma, Limits::default());
        let (mut rest, mut proposed) = (file.as_bytes(), Vec::new());
        while let Some(record) = reader.read(&mut rest) {
            let record = record.unwrap();
            if record.number == 0 {
                continue;
            }
            let mut draft = PersonDraft::new(record.fields, &layout);
            let username = propose_for(&draft, record.number, 42, &duplicates).unwrap();
            assert_eq!(violations(username.as_str(), "Amber", "Finch"), []);
            draft.set(Column::Username, username.as_str());
            let person = draft.check(&options(), &roles()).unwrap();
            assert_eq!(duplicates.add(record.number, &person), []);
            proposed.push(username);
        }
        proposed
    };
    let proposed = propose_all();
    assert_eq!(proposed.len(), 2000);
    assert_eq!(proposed, propose_all());
}

#[test]
fn the_options_are_read_from_a_form() {
    let draft = ImportOptionsDraft {
        mode: "both".into(),
        match_by: "email".into(),
        clear: " <leer> ".into(),
        access: "passwords".into(),
        send: "job".into(),
        send_at: "2026-11-23T09:00".into(),
        applying: "whole".into(),
        role: ROLE.into(),
    };
    let options = draft.parse().unwrap();
    assert_eq!(
        (options.mode, options.send, options.role),
        (Mode::Both, Send::Job, Some(role(ROLE)))
    );
    assert!(options.clears("<leer>") && !options.clears(""));
    let at = options.send_at.as_ref().map(LocalTime::as_str);
    assert_eq!(at, Some("2026-11-23T09:00"));
    // A job needs its time; nothing else has one.
    for (send, send_at, read) in [
        ("job", "", Err("required")),
        ("job", "tomorrow", Err("unknown")),
        ("now", "tomorrow", Ok(None)),
    ] {
        let draft = ImportOptionsDraft {
            send: send.into(),
            send_at: send_at.into(),
            ..draft.clone()
        };
        let found = draft.parse().map(|options| options.send_at);
        let found = found.map_err(|problems| {
            assert_eq!(problems[0].field, "send_at");
            problems[0].problem.code()
        });
        assert_eq!(found, read, "{send} {send_at}");
    }
    let problems = ImportOptionsDraft::default().parse().unwrap_err();
    let said: Vec<_> = problems
        .iter()
        .map(|it| (it.field.as_str(), it.problem.code()))
        .collect();
    assert_eq!(
        said,
        ["mode", "match_by", "access", "send", "applying"].map(|field| (field, "required"))
    );
}

#[test]
fn every_code_is_named_once() {
    let mut codes = codes();
    let count = codes.len();
    codes.sort_unstable();
    codes.dedup();
    assert_eq!(codes.len(), count);
    assert!(codes.contains(&("fault", "open_quote")) && codes.contains(&("column", "full_name")));
}
