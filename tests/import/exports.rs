//! What real directories export, and what spreadsheets in the product's languages say, maps by itself, and
//! its people are read without a problem. The people are made up; the headers are each product's own.

use muster::ids::RoleId;
use muster::import::{
    Access, Applying, Column, Dialect, Encoding, Limits, Mapping, MatchBy, Mode, Options,
    PersonDraft, Reader, Roles, Send, Target,
};

use crate::all::All;

const ROLE: &str = "01935f8e-0000-7000-8000-000000000001";

fn options() -> Options {
    Options {
        mode: Mode::Add,
        match_by: MatchBy::Email,
        clear: None,
        access: Access::Invite,
        send: Send::Now,
        send_at: None,
        applying: Applying::RowByRow,
        role: Some(ROLE.parse().unwrap()),
    }
}

fn roles() -> Roles {
    let names = ["Mitglied", "Membre", "Miembro", "Membro", "عضو"];
    let id: RoleId = ROLE.parse().unwrap();
    Roles::new(names.map(|name| (id, name.to_owned())))
}

/// Reads a file as the worker does, and says what its columns became and whom its rows mean.
fn import(file: &[u8]) -> (Dialect, Vec<(String, &'static str)>, Vec<String>) {
    let dialect = Dialect::guess(file);
    let all = All::read(file, dialect.encoding, dialect.delimiter);
    assert_eq!(all.stopped, None);
    let mut rows = all.fields();
    let headers = rows.remove(0);
    let mapping = Mapping::guess(&headers, &rows);
    assert_eq!(mapping.problems(headers.len(), &options()), []);
    let targets = headers.iter().zip(&mapping.targets);
    let columns = targets
        .filter_map(|(header, target)| match target {
            Target::LeftOut => None,
            Target::Attribute => Some(((*header).to_owned(), "attribute")),
            Target::Column(column) => Some(((*header).to_owned(), column.code())),
        })
        .collect();

    let layout = mapping.layout();
    let mut reader = Reader::new(dialect.encoding, dialect.delimiter, Limits::default());
    let mut people = Vec::new();
    let mut rest = file;
    while let Some(record) = reader.read(&mut rest) {
        let record = record.unwrap();
        if record.number > 0 {
            let draft = PersonDraft::new(record.fields, &layout);
            let person = draft.check(&options(), &roles()).unwrap();
            people.push(person.email.unwrap().to_string());
        }
    }
    (dialect, columns, people)
}

/// The columns that are known, in the file's order, and those kept beside them.
fn maps(file: &[u8], expected: &[(&str, &str)]) {
    let (_, columns, people) = import(file);
    let columns: Vec<(&str, &str)> = columns
        .iter()
        .map(|(header, target)| (header.as_str(), *target))
        .collect();
    assert_eq!(columns, expected);
    assert!(people[0].ends_with("@northgate.example"), "{people:?}");
}

#[test]
fn google_workspace_maps_by_itself() {
    maps(
        include_bytes!("exports/google-workspace.csv"),
        &[
            ("First Name [Required]", "first_name"),
            ("Last Name [Required]", "last_name"),
            ("Email Address [Required]", "email"),
            ("Work Phone", "attribute"),
            ("Mobile Phone", "phone"),
            ("Change Password at Next Sign-In", "change_password"),
        ],
    );
}

#[test]
fn microsoft_entra_maps_by_itself() {
    let file = include_bytes!("exports/microsoft-entra-download.csv");
    maps(
        file,
        &[
            ("userPrincipalName", "attribute"),
            ("displayName", "full_name"),
            ("surname", "last_name"),
            ("mail", "email"),
            ("givenName", "first_name"),
            ("telephoneNumber", "attribute"),
            ("mobilePhone", "phone"),
        ],
    );
    // The guest has no first and last name of their own: the display name is split.
    assert_eq!(import(file).2.len(), 3);
    maps(
        include_bytes!("exports/microsoft-entra-template.csv"),
        &[
            ("Name [displayName] Required", "full_name"),
            ("User name [userPrincipalName] Required", "email"),
            ("First name [givenName]", "first_name"),
            ("Last name [surname]", "last_name"),
            ("Office phone [telephoneNumber]", "attribute"),
            ("Mobile phone [mobile]", "phone"),
        ],
    );
}

#[test]
fn okta_maps_by_itself_and_its_logins_are_seen_to_be_addresses() {
    maps(
        include_bytes!("exports/okta.csv"),
        &[
            ("login", "attribute"),
            ("firstName", "first_name"),
            ("lastName", "last_name"),
            ("email", "email"),
            ("displayName", "full_name"),
            ("mobilePhone", "phone"),
            ("primaryPhone", "attribute"),
            ("preferredLanguage", "language"),
            ("locale", "attribute"),
        ],
    );
}

#[test]
fn moodle_maps_by_itself() {
    maps(
        include_bytes!("exports/moodle.csv"),
        &[
            ("username", "username"),
            ("firstname", "first_name"),
            ("lastname", "last_name"),
            ("email", "email"),
            ("phone1", "phone"),
            ("lang", "language"),
            ("forcepasswordchange", "change_password"),
        ],
    );
}

#[test]
fn chamilo_maps_by_itself() {
    maps(
        include_bytes!("exports/chamilo.csv"),
        &[
            ("UserName", "username"),
            ("LastName", "last_name"),
            ("FirstName", "first_name"),
            ("Email", "email"),
            ("PhoneNumber", "phone"),
            ("Language", "language"),
        ],
    );
}

#[test]
fn oracle_maps_by_itself() {
    maps(
        include_bytes!("exports/oracle-identity-domains.csv"),
        &[
            ("User ID", "username"),
            ("Last Name", "last_name"),
            ("First Name", "first_name"),
            ("Display Name", "full_name"),
            ("Locale", "attribute"),
            ("Preferred Language", "language"),
            ("Work Email", "email"),
            ("Work Phone", "attribute"),
            ("Mobile No", "phone"),
        ],
    );
    maps(
        include_bytes!("exports/oracle-epm.csv"),
        &[
            ("First Name", "first_name"),
            ("Last Name", "last_name"),
            ("Email", "email"),
            ("User Login", "username"),
        ],
    );
}

#[test]
fn claromentis_maps_by_itself() {
    let file = include_bytes!("exports/claromentis.csv");
    maps(
        file,
        &[
            ("username", "username"),
            ("firstname", "first_name"),
            ("surname", "last_name"),
            ("email", "email"),
            ("change password next time", "change_password"),
        ],
    );
    assert_eq!(import(file).0.encoding, Encoding::Windows1252);
}

#[test]
fn a_spreadsheet_in_each_language_maps_by_itself() {
    for file in [
        &include_bytes!("exports/spreadsheet-german.csv")[..],
        include_bytes!("exports/spreadsheet-french.csv"),
        include_bytes!("exports/spreadsheet-spanish.csv"),
        include_bytes!("exports/spreadsheet-portuguese.csv"),
        include_bytes!("exports/spreadsheet-arabic.csv"),
    ] {
        let (dialect, columns, people) = import(file);
        let known: Vec<&str> = columns.iter().map(|(_, target)| *target).take(7).collect();
        assert_eq!(
            known,
            [
                "username",
                "first_name",
                "last_name",
                "email",
                "phone",
                "role",
                "language"
            ],
            "{dialect:?}"
        );
        assert!(!people.is_empty());
    }
}

#[test]
fn a_name_beside_half_of_it_is_the_other_half() {
    let (first, last, full) = (Column::FirstName, Column::LastName, Column::FullName);
    let guessed = |headers: &[&str], rows: &[Vec<&str>]| Mapping::guess(headers, rows).targets;
    for (headers, row, columns) in [
        (["Name", "Vorname"], ["Müller", "Anna"], [last, first]),
        (["Vorname", "Name"], ["Anna", "Müller"], [first, last]),
        (["Name", "Surname"], ["Anna", "Müller"], [first, last]),
        (["Nome", "Sobrenome"], ["Ana", "Dias"], [first, last]),
        (["Nome", "Apelido"], ["Ana", "Dias"], [first, last]),
        (
            ["Name [Required]", "First name"],
            ["Müller", "Anna"],
            [last, first],
        ),
        // The whole name stands there, or is called so, or stands for what is empty.
        (["Name", "Vorname"], ["Anna Müller", "Anna"], [full, first]),
        (["Name", "Vorname"], ["Müller, Anna", "Anna"], [full, first]),
        (["Full name", "Vorname"], ["Müller", "Anna"], [full, first]),
        (["Name", "Vorname"], ["Anna Müller", ""], [full, first]),
    ] {
        let expected = columns.map(Target::Column);
        assert_eq!(guessed(&headers, &[row.to_vec()]), expected, "{headers:?}");
    }
    let targets = guessed(&["Name", "Vorname"], &[]);
    assert_eq!(targets, [last, first].map(Target::Column));
    let three = ["Name", "Vorname", "Nachname"];
    let targets = guessed(&three, &[vec!["Anna Müller", "Anna", "Müller"]]);
    assert_eq!(targets, [full, first, last].map(Target::Column));
}

#[test]
fn a_mapping_by_hand_is_remembered_by_the_headers_and_judged_before_it_is_used() {
    let key = Mapping::key(&["E-Mail", "Prénom ", "NOM"]);
    assert_eq!(key, Mapping::key(&["e mail", "prenom", "Nom:"]));
    assert_ne!(key, Mapping::key(&["email", "nom", "prenom"]));

    let mut mapping = Mapping::guess(&["email", "name", "who knows"], &[]);
    assert_eq!(mapping.problems(3, &options()), []);
    mapping.targets = vec![
        Target::Column(Column::Phone),
        Target::Column(Column::Phone),
        Target::Attribute,
    ];
    let problems = mapping.problems(4, &options());
    let said: Vec<(&str, &str)> = problems
        .iter()
        .map(|it| (it.field.as_str(), it.problem.code()))
        .collect();
    assert_eq!(
        said,
        [
            ("targets", "unknown"),
            ("first_name", "required"),
            ("last_name", "required"),
            ("email", "required"),
            ("phone", "duplicate")
        ]
    );
    assert_eq!(mapping.layout().attributes(), [2]);
}

#[test]
fn a_column_with_nothing_in_it_stands_behind_one_that_has() {
    let headers = ["Mobile phone", "Telephone number"];
    let rows = [vec!["", "030 1234567"], vec![" ", ""]];
    assert_eq!(
        Mapping::guess(&headers, &rows).targets,
        [Target::Attribute, Target::Column(Column::Phone)]
    );
}

#[test]
fn a_file_that_went_out_to_be_mended_means_what_it_meant() {
    let (plain, behind) = (["Name", "Ward"], ["Name", "Ward", "Result", "Detail"]);
    assert_eq!(Mapping::key(&plain), Mapping::key(&behind));
    let mut mapping = Mapping::guess(&plain, &[]);
    mapping.targets[1] = Target::Attribute;
    let longer = mapping.clone().recalled(&behind).unwrap();
    let own = [Target::LeftOut; 2];
    assert_eq!(longer.targets, [&mapping.targets[..], &own].concat());
    assert_eq!(longer.clone().to_remember(&behind), mapping);
    assert_eq!(
        longer.recalled(&behind).unwrap().to_remember(&behind),
        mapping
    );
    // A column of that name that is the person's own is kept.
    let mut theirs = Mapping::guess(&["Name", "Detail"], &[]);
    theirs.targets[1] = Target::Attribute;
    assert_eq!(theirs.clone().to_remember(&["Name", "Detail"]), theirs);
    assert_eq!(theirs.recalled(&["Name"]), None);
}
