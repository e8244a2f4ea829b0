//! `muster username check`: reads a CSV of people and usernames and adds the codes of the violated rules. It uses the
//! same function as all pages, and processes row by row, so files may have any size.

use std::io::{self, ErrorKind, Read, Write};

use csv::{ByteRecord, ReaderBuilder, Writer};
use muster::username::violations;

const CODES: &[u8] = b"codes";
/// The byte order mark that some programs write before UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// An error of the check.
#[derive(Debug, thiserror::Error)]
pub enum UsernameCheckError {
    /// The header lacks a column.
    #[error(
        "The first line must name the columns `first_name`, `last_name` and `username`; `{0}` is missing."
    )]
    MissingColumn(&'static str),
    /// A cell is not UTF-8.
    #[error("Line {line} is not UTF-8.")]
    NotText {
        /// The line, counted from 1.
        line: u64,
    },
    /// The input is not valid CSV, or reading or writing it failed.
    #[error("The CSV can't be read: {0}.")]
    Csv(#[from] csv::Error),
    /// Writing the result failed.
    #[error("The result can't be written: {0}.")]
    Write(#[from] io::Error),
}

/// Copies the CSV from `input` to `output` with a column `codes`, which replaces an existing one or is appended.
/// Columns may be in any order; all others are copied unchanged.
///
/// # Errors
///
/// Returns an error if a column is missing, the input is not CSV in UTF-8, or reading or writing fails. A closed output
/// pipe is not an error.
pub fn run(input: impl Read, output: impl Write) -> Result<(), UsernameCheckError> {
    match copy(input, output) {
        Err(UsernameCheckError::Write(error)) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(UsernameCheckError::Csv(error)) => match error.kind() {
            csv::ErrorKind::Io(source) if source.kind() == ErrorKind::BrokenPipe => Ok(()),
            _ => Err(UsernameCheckError::Csv(error)),
        },
        result => result,
    }
}

fn copy(input: impl Read, output: impl Write) -> Result<(), UsernameCheckError> {
    let mut reader = ReaderBuilder::new().from_reader(input);
    let mut writer = Writer::from_writer(output);
    let header = without_mark(reader.byte_headers()?);
    let column = |name: &'static str| {
        header
            .iter()
            .position(|found| found == name.as_bytes())
            .ok_or(UsernameCheckError::MissingColumn(name))
    };
    let (first, last, username) = (
        column("first_name")?,
        column("last_name")?,
        column("username")?,
    );
    let codes = header
        .iter()
        .position(|name| name == CODES)
        .unwrap_or(header.len());
    writer.write_byte_record(&with_codes(&header, codes, CODES))?;

    let mut row = ByteRecord::new();
    while reader.read_byte_record(&mut row)? {
        let text = |column: usize| {
            let line = row.position().map_or(0, csv::Position::line);
            std::str::from_utf8(row.get(column).unwrap_or_default())
                .map_err(|_| UsernameCheckError::NotText { line })
        };
        let found: Vec<&str> = violations(text(username)?, text(first)?, text(last)?)
            .iter()
            .map(muster::username::UsernameViolation::code)
            .collect();
        writer.write_byte_record(&with_codes(&row, codes, found.join(";").as_bytes()))?;
    }
    writer.flush()?;
    Ok(())
}

fn without_mark(header: &ByteRecord) -> ByteRecord {
    let first = header
        .iter()
        .take(1)
        .map(|name| name.strip_prefix(BYTE_ORDER_MARK).unwrap_or(name));
    first.chain(header.iter().skip(1)).collect()
}

fn with_codes(row: &ByteRecord, column: usize, codes: &[u8]) -> ByteRecord {
    if column == row.len() {
        let mut longer = row.clone();
        longer.push_field(codes);
        return longer;
    }
    row.iter()
        .enumerate()
        .map(|(index, field)| if index == column { codes } else { field })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const VECTORS: &str = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/vectors/usernames.csv"
    );

    fn check(csv: &str) -> String {
        let mut output = Vec::new();
        run(csv.as_bytes(), &mut output).unwrap();
        String::from_utf8(output).unwrap()
    }

    #[test]
    fn the_shared_vectors_come_back_with_the_codes_they_came_with() {
        let vectors = std::fs::read_to_string(VECTORS).unwrap();
        let rows = |text: &str| -> Vec<csv::StringRecord> {
            ReaderBuilder::new()
                .has_headers(false)
                .from_reader(text.as_bytes())
                .records()
                .map(|row| row.unwrap())
                // `taken` is known only to the database.
                .filter(|row| &row[3] != "taken")
                .collect()
        };
        let expected = rows(&vectors);
        assert!(expected.len() > 10);
        assert_eq!(rows(&check(&vectors)), expected);

        // The input without the expected codes, too.
        let mut questions = Writer::from_writer(Vec::new());
        for row in &expected {
            questions.write_record(row.iter().take(3)).unwrap();
        }
        let questions = String::from_utf8(questions.into_inner().unwrap()).unwrap();
        assert_eq!(rows(&check(&questions)), expected);
    }

    #[test]
    fn columns_may_stand_in_any_order_and_others_are_kept() {
        let answer =
            check("\u{feff}username,note,last_name,first_name\nkes88,\"a,\"\"b\",McFly,Marty\n");
        assert_eq!(
            answer,
            "username,note,last_name,first_name,codes\nkes88,\"a,\"\"b\",McFly,Marty,too_short\n"
        );
    }

    #[test]
    fn every_broken_rule_is_named() {
        let answer = check("first_name,last_name,username\nMarty,McFly,.a@\n");
        assert!(
            answer.ends_with("too_short;email_address;period_placement\n"),
            "{answer}"
        );
    }

    #[test]
    fn what_cannot_be_checked_is_one_clear_sentence() {
        let refused = |csv: &[u8]| run(csv, io::sink()).unwrap_err().to_string();
        assert!(refused(b"first_name,username\n").contains("`last_name`"));
        assert!(refused(b"").contains("`first_name`"));
        assert!(refused(b"first_name,last_name,username\na,b,\xff\n").contains("Line 2"));
        assert!(refused(b"first_name,last_name,username\na,b\n").contains("can't be read"));
    }
}
