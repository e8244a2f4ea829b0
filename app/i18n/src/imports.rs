//! Texts for the codes of an import. To add a code: its arm here and its sentence in every `imports.json`. States and
//! results are in `verdicts`, emails in `emails`.

mod emails;
mod verdicts;

use muster::{
    email::EmailViolation,
    import::{
        Access, Applying, Column, Delimiter, Encoding, Fault, FaultKind, LineEnd, MAX_FIELD_BYTES,
        MatchBy, Mode, NameOrder, RowProblem, Send,
    },
    person_name::NameViolation,
    phone::PhoneViolation,
    problem::Problem,
    username::{MAX_LENGTH, MIN_LENGTH, UsernameViolation},
};

use crate::*;

/// The texts for the codes of imports in one language.
#[derive(Debug, Clone, Copy)]
pub struct ImportWords(Locale);

/// Returns the texts in the page's language.
#[must_use]
pub fn use_import_words() -> ImportWords {
    ImportWords::of(use_locale())
}

impl ImportWords {
    /// Creates the texts of this locale.
    #[must_use]
    pub const fn of(locale: Locale) -> Self {
        Self(locale)
    }

    /// Returns the locale.
    const fn locale(self) -> Locale {
        self.0
    }

    /// Returns an encoding's name.
    #[must_use]
    pub fn encoding(self, encoding: Encoding) -> &'static str {
        let locale = self.0;
        match encoding {
            Encoding::Utf8 => td_string!(locale, imports.encoding_utf8),
            Encoding::Utf8Bom => td_string!(locale, imports.encoding_utf8_bom),
            Encoding::Utf16Le => td_string!(locale, imports.encoding_utf16le),
            Encoding::Utf16Be => td_string!(locale, imports.encoding_utf16be),
            Encoding::Windows1252 => td_string!(locale, imports.encoding_windows1252),
            Encoding::Latin1 => td_string!(locale, imports.encoding_latin1),
        }
    }

    /// Returns a field separator's name.
    #[must_use]
    pub fn delimiter(self, delimiter: Delimiter) -> &'static str {
        let locale = self.0;
        match delimiter {
            Delimiter::Comma => td_string!(locale, imports.delimiter_comma),
            Delimiter::Semicolon => td_string!(locale, imports.delimiter_semicolon),
            Delimiter::Tab => td_string!(locale, imports.delimiter_tab),
            Delimiter::Pipe => td_string!(locale, imports.delimiter_pipe),
        }
    }

    /// Returns a line ending's name.
    #[must_use]
    pub fn line_end(self, line_end: LineEnd) -> &'static str {
        let locale = self.0;
        match line_end {
            LineEnd::CrLf => td_string!(locale, imports.line_end_crlf),
            LineEnd::Lf => td_string!(locale, imports.line_end_lf),
            LineEnd::Cr => td_string!(locale, imports.line_end_cr),
        }
    }

    /// Returns a column's name.
    #[must_use]
    pub fn column(self, column: Column) -> &'static str {
        let locale = self.0;
        match column {
            Column::Username => td_string!(locale, imports.column_username),
            Column::FirstName => td_string!(locale, imports.column_first_name),
            Column::LastName => td_string!(locale, imports.column_last_name),
            Column::FullName => td_string!(locale, imports.column_full_name),
            Column::Email => td_string!(locale, imports.column_email),
            Column::Phone => td_string!(locale, imports.column_phone),
            Column::Role => td_string!(locale, imports.column_role),
            Column::Language => td_string!(locale, imports.column_language),
            Column::ChangePassword => td_string!(locale, imports.column_change_password),
        }
    }

    /// Returns the label of an order of full names.
    #[must_use]
    pub fn name_order(self, order: NameOrder) -> &'static str {
        let locale = self.0;
        match order {
            NameOrder::FirstLast => td_string!(locale, imports.name_order_first_last),
            NameOrder::LastFirst => td_string!(locale, imports.name_order_last_first),
        }
    }

    /// Returns the label of a mode.
    #[must_use]
    pub fn mode(self, mode: Mode) -> &'static str {
        let locale = self.0;
        match mode {
            Mode::Add => td_string!(locale, imports.mode_add),
            Mode::Update => td_string!(locale, imports.mode_update),
            Mode::Both => td_string!(locale, imports.mode_both),
        }
    }

    /// Returns the label of the value that identifies members.
    #[must_use]
    pub fn match_by(self, match_by: MatchBy) -> &'static str {
        let locale = self.0;
        match match_by {
            MatchBy::Username => td_string!(locale, imports.match_by_username),
            MatchBy::Email => td_string!(locale, imports.match_by_email),
        }
    }

    /// Returns the label of a way of access.
    #[must_use]
    pub fn access(self, access: Access) -> &'static str {
        let locale = self.0;
        match access {
            Access::Invite => td_string!(locale, imports.access_invite),
            Access::Passwords => td_string!(locale, imports.access_passwords),
        }
    }

    /// Returns the label of a time of sending.
    #[must_use]
    pub fn send(self, send: Send) -> &'static str {
        let locale = self.0;
        match send {
            Send::Now => td_string!(locale, imports.send_now),
            Send::Later => td_string!(locale, imports.send_later),
            Send::Job => td_string!(locale, imports.send_job),
        }
    }

    /// Returns the label of the effect of a rejected row.
    #[must_use]
    pub fn applying(self, applying: Applying) -> &'static str {
        let locale = self.0;
        match applying {
            Applying::RowByRow => td_string!(locale, imports.applying_row_by_row),
            Applying::Whole => td_string!(locale, imports.applying_whole),
        }
    }

    /// Returns the text of a fault of a file or row, with its position.
    #[must_use]
    pub fn fault(self, fault: &Fault) -> String {
        let locale = self.0;
        let what = match fault.kind {
            FaultKind::Ragged { expected, found: 1 } => {
                td_string!(locale, imports.fault_ragged_singular, expected = expected)
            }
            FaultKind::Ragged { expected, found } => td_string!(
                locale,
                imports.fault_ragged_plural,
                expected = expected,
                found = found
            ),
            FaultKind::Nul => td_string!(locale, imports.fault_nul).to_owned(),
            FaultKind::OpenQuote => td_string!(locale, imports.fault_open_quote).to_owned(),
            // A further column has a lower limit than other fields.
            FaultKind::FieldTooLong { maximum } if maximum < MAX_FIELD_BYTES as u64 => td_string!(
                locale,
                imports.fault_attribute_too_long,
                maximum = grouped(locale, i64::try_from(maximum).unwrap_or(i64::MAX))
            ),
            FaultKind::FieldTooLong { maximum } => td_string!(
                locale,
                imports.fault_field_too_long,
                maximum = maximum / 1024
            ),
            FaultKind::TooManyColumns { maximum } => {
                td_string!(locale, imports.fault_too_many_columns, maximum = maximum)
            }
            FaultKind::TooManyRows { maximum } => td_string!(
                locale,
                imports.fault_too_many_rows,
                maximum = grouped(locale, maximum.into())
            ),
            FaultKind::TooLarge { maximum } => {
                return td_string!(
                    locale,
                    imports.fault_too_large,
                    maximum = maximum / 1024 / 1024 / 1024
                );
            }
            FaultKind::BadEncoding { .. } => {
                td_string!(locale, imports.fault_bad_encoding).to_owned()
            }
            FaultKind::Empty => return td_string!(locale, imports.fault_empty).to_owned(),
        };
        let line = grouped(locale, i64::try_from(fault.line).unwrap_or(i64::MAX));
        td_string!(
            locale,
            imports.fault_at,
            what = what,
            line = line,
            column = fault.column
        )
    }

    /// Returns a cell's problem in a few words: the cell itself is marked.
    #[must_use]
    pub fn problem(self, found: &RowProblem) -> String {
        let locale = self.0;
        if let Some(row) = found.same_as {
            return td_string!(
                locale,
                imports.problem_same_as,
                column = self.column(found.column),
                row = grouped(locale, row.into())
            );
        }
        match &found.problem {
            Problem::Username(violation) => match violation {
                UsernameViolation::InvalidCharacter { character, .. }
                    if !character.is_whitespace() =>
                {
                    td_string!(locale, imports.problem_character, character = *character)
                }
                UsernameViolation::InvalidCharacter { .. } => {
                    td_string!(locale, imports.problem_space).to_owned()
                }
                UsernameViolation::ContainsName { found } => {
                    td_string!(locale, imports.problem_contains_name, found = found.clone())
                }
                UsernameViolation::GenericTerm { term } => {
                    td_string!(locale, imports.problem_generic_term, term = term.clone())
                }
                UsernameViolation::Extension { ending } => {
                    td_string!(locale, imports.problem_extension, ending = ending.clone())
                }
                other => self.code(found.column, other.code()),
            },
            Problem::Name(NameViolation::TooLong { maximum }) | Problem::TooLong { maximum } => {
                td_string!(locale, imports.problem_over, maximum = *maximum)
            }
            Problem::Email(
                EmailViolation::TooLong
                | EmailViolation::NotAnAddress
                | EmailViolation::LocalNotAscii
                | EmailViolation::Required,
            )
            | Problem::Name(
                NameViolation::Required | NameViolation::NotPrintable | NameViolation::TooManyMarks,
            )
            | Problem::Phone(PhoneViolation::NotANumber)
            | Problem::Required
            | Problem::Unknown
            | Problem::Duplicate => self.code(found.column, found.problem.code()),
            // Cells never have these.
            other @ (Problem::Password(_)
            | Problem::TooMany { .. }
            | Problem::WrongPassword
            | Problem::AlreadyMember
            | Problem::AlreadyInvited
            | Problem::Past
            | Problem::TooManyEmails { .. }
            | Problem::StorageQuotaExceeded) => Say::of(locale).of_problem(other),
        }
    }

    /// Returns the text of all problems of a row.
    #[must_use]
    pub fn row(self, fault: Option<&Fault>, problems: &[RowProblem]) -> String {
        let of_row = fault.map(|fault| self.fault(fault)).into_iter();
        let all: Vec<String> = of_row
            .chain(problems.iter().map(|it| self.problem(it)))
            .collect();
        all.join("; ")
    }

    /// Returns the name of a kind of problem: of a column's problem, or of the whole row without a column.
    #[must_use]
    pub fn kind(self, column: Option<Column>, code: &str) -> String {
        let locale = self.0;
        match column {
            Some(column) => self.code(column, code),
            None => match code {
                "ragged" => td_string!(locale, imports.kind_ragged).to_owned(),
                "nul" => td_string!(locale, imports.fault_nul).to_owned(),
                _ => td_string!(locale, imports.kind_other).to_owned(),
            },
        }
    }

    /// Returns the name of a problem by its code.
    fn code(self, column: Column, code: &str) -> String {
        let locale = self.0;
        let of_column = self.column(column);
        match code {
            "too_short" => td_string!(locale, imports.problem_too_short, minimum = MIN_LENGTH),
            "too_long" if column == Column::Username => {
                td_string!(locale, imports.problem_over, maximum = MAX_LENGTH)
            }
            "too_long" => td_string!(locale, imports.kind_too_long, column = of_column),
            "email_address" => td_string!(locale, imports.problem_email_address).to_owned(),
            "invalid_character" => td_string!(locale, imports.kind_character).to_owned(),
            "period_placement" => td_string!(locale, imports.problem_period_placement).to_owned(),
            "contains_name" => td_string!(locale, imports.kind_contains_name).to_owned(),
            "generic_term" => td_string!(locale, imports.kind_generic_term).to_owned(),
            "extension" => td_string!(locale, imports.kind_extension).to_owned(),
            "taken" => td_string!(locale, imports.problem_taken).to_owned(),
            "not_an_address" => td_string!(locale, imports.problem_not_an_address).to_owned(),
            "local_not_ascii" => td_string!(locale, imports.problem_local_not_ascii).to_owned(),
            "not_printable" => {
                td_string!(locale, imports.problem_not_printable, column = of_column)
            }
            "too_many_marks" => {
                td_string!(locale, imports.problem_too_many_marks, column = of_column)
            }
            "not_a_number" => td_string!(locale, imports.problem_not_a_number).to_owned(),
            "required" if column == Column::FullName => {
                td_string!(locale, imports.problem_half_a_name).to_owned()
            }
            "required" => td_string!(locale, imports.problem_required, column = of_column),
            "duplicate" => td_string!(locale, imports.kind_duplicate, column = of_column),
            _ => match column {
                Column::Role => td_string!(locale, imports.problem_no_role).to_owned(),
                Column::Language => td_string!(locale, imports.problem_no_language).to_owned(),
                Column::ChangePassword => td_string!(locale, imports.problem_neither).to_owned(),
                _ => td_string!(locale, imports.problem_unknown, column = of_column),
            },
        }
    }
}
