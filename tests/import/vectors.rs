//! The shared vectors, each through the road that a file takes: written, decoded, parted, mapped, judged.

use muster::import::{
    Access, Applying, Column, Delimiter, Encoding, Limits, LineEnd, Mapping, MatchBy, Mode,
    NameOrder, Options, PersonDraft, Reader, Roles, Send, Target, Writing,
};

/// Writes the rows as our own export does, reads them back, and gives each row's codes in one column.
fn codes(columns: &[Column], rows: &[Vec<String>], column: Column) -> Vec<String> {
    let writing = Writing {
        delimiter: Delimiter::Semicolon,
        line_end: LineEnd::CrLf,
    };
    let mut file = String::new();
    writing.record(columns.iter().map(|column| column.code()), &mut file);
    for row in rows {
        writing.record(row.iter().map(String::as_str), &mut file);
    }
    let mapping = Mapping {
        targets: columns.iter().copied().map(Target::Column).collect(),
        name_order: NameOrder::FirstLast,
        calling_code: None,
    };
    let layout = mapping.layout();
    let options = Options {
        mode: Mode::Add,
        match_by: MatchBy::Username,
        clear: None,
        access: Access::Passwords,
        send: Send::Later,
        send_at: None,
        applying: Applying::Whole,
        role: None,
    };
    let mut reader = Reader::new(Encoding::Utf8, Delimiter::Semicolon, Limits::default());
    let (mut found, mut rest) = (Vec::new(), file.as_bytes());
    while let Some(record) = reader.read(&mut rest) {
        let record = record.unwrap();
        if record.number == 0 {
            continue;
        }
        let problems = PersonDraft::new(record.fields, &layout).check(&options, &Roles::default());
        let codes = problems
            .unwrap_err()
            .into_iter()
            .filter(|problem| problem.column == column);
        found.push(
            codes
                .map(|problem| problem.problem.code())
                .collect::<Vec<_>>()
                .join(";"),
        );
    }
    assert_eq!(found.len(), rows.len(), "each row is a row");
    found
}

fn vectors(file: &str) -> Vec<Vec<String>> {
    let mut reader = csv::Reader::from_reader(file.as_bytes());
    let records = reader.records().map(Result::unwrap);
    records
        .map(|record| record.iter().map(str::to_owned).collect())
        .collect()
}

#[test]
fn a_username_in_a_file_gets_the_codes_of_the_vectors() {
    let vectors = vectors(include_str!("../vectors/usernames.csv"));
    let columns = [Column::FirstName, Column::LastName, Column::Username];
    let rows: Vec<Vec<String>> = vectors.iter().map(|vector| vector[..3].to_vec()).collect();
    for (vector, codes) in vectors.iter().zip(codes(&columns, &rows, Column::Username)) {
        // An empty cell is no username at all, as an empty field of a form is.
        let expected = if vector[2].is_empty() {
            "required"
        } else {
            &vector[3]
        };
        assert_eq!(codes, expected, "{vector:?}");
    }
    assert!(vectors.len() >= 54);
}

#[test]
fn an_address_in_a_file_gets_the_code_of_the_vectors() {
    let vectors = vectors(include_str!("../vectors/emails.csv"));
    // A name beside it, so that an empty address does not make a blank row.
    let columns = [Column::Email, Column::FirstName];
    let rows: Vec<Vec<String>> = vectors
        .iter()
        .map(|vector| vec![vector[0].clone(), "Zoë".to_owned()])
        .collect();
    for (vector, codes) in vectors.iter().zip(codes(&columns, &rows, Column::Email)) {
        assert_eq!(codes, vector[2], "{vector:?}");
    }
    assert!(vectors.len() >= 33);
}
