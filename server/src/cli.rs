//! The command line: what can be typed after `muster`. What a command does is not here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Bring people in and look after them.
#[derive(Debug, Parser)]
#[command(name = "muster", version, about)]
pub struct Cli {
    /// The configuration file [default: muster.toml, if there is one]
    #[arg(long, global = true, env = "MUSTER_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// What to do [default: serve]
    #[command(subcommand)]
    pub command: Option<Command>,
}

impl Cli {
    /// What to do, which is to serve when nothing was said.
    pub fn into_command(self) -> Command {
        self.command.unwrap_or(Command::Serve)
    }
}

/// What `muster` can do.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum Command {
    /// Serve pages, and do the work that waits (mails) beside it
    Serve,
    /// Only do the work that waits
    Worker,
    /// Bring the database to this version, and end
    Migrate {
        /// Only create the database roles, in an empty database that a backup is restored into next
        #[arg(long)]
        roles_only: bool,
    },
    /// Look after institutions
    #[command(subcommand)]
    Institution(InstitutionCommand),
    /// Bring people in by a file
    Import(ImportFile),
    /// Look after one person's account
    #[command(subcommand)]
    User(UserCommand),
    /// Look after email
    #[command(subcommand)]
    Mail(MailCommand),
    /// Make an institution of 500 plausible people in all states, to look around in
    Demo,
    /// Try usernames
    #[command(subcommand)]
    Username(UsernameCommand),
}

/// What can be done with institutions.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum InstitutionCommand {
    /// Create an institution and its main contact; prints a link by which they choose their password
    Create(CreateInstitution),
    /// Set how many people may be in an institution
    Seats {
        /// The institution's part of the address
        slug: String,
        /// How many, or `none` for any number
        #[arg(value_name = "N|none", value_parser = seats)]
        seats: Seats,
    },
}

/// Licence spaces, or any number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seats(pub Option<i32>);

fn seats(text: &str) -> Result<Seats, String> {
    if text == "none" {
        return Ok(Seats(None));
    }
    text.parse()
        .ok()
        .filter(|seats| *seats >= 0)
        .map(|seats| Seats(Some(seats)))
        .ok_or_else(|| "a number from 0 on, or none, is expected".to_owned())
}

/// A file and what is to be done with its people.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ImportFile {
    /// The CSV file; its encoding, its delimiter and what its columns mean are guessed and said
    pub file: PathBuf,
    /// The institution's part of the address
    #[arg(long, value_name = "SLUG")]
    pub institution: String,
    /// Only check the file and say what would be done
    #[arg(long)]
    pub dry_run: bool,
    /// The role of new people whose row names none [default: Basic]
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Whether rows make new members, change those there are, or both: add, update or both
    #[arg(long, default_value = "add")]
    pub mode: String,
    /// By what a member already there is known again: email or username
    #[arg(long, default_value = "email")]
    pub match_by: String,
    /// The country code of phone numbers without one, such as +49
    #[arg(long, value_name = "CODE", default_value = "")]
    pub country_code: String,
    /// Make accounts with generated passwords and mail the login details, instead of invitations
    #[arg(long)]
    pub passwords: bool,
    /// When invitations are sent: now, later (by hand, on the import's page) or at a time of the institution, as
    /// 2026-11-23T09:00
    #[arg(long, value_name = "WHEN", default_value = "now")]
    pub send: String,
    /// Do everything or nothing: one refused row stops them all
    #[arg(long)]
    pub whole: bool,
    /// Where to write what came of each row [default: nowhere]
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// How it is written: csv (the file itself with two more columns) or json (an object a line)
    #[arg(long, value_enum, default_value_t = ReportFormat::Csv)]
    pub format: ReportFormat,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// The file itself with two more columns.
    Csv,
    /// An object a line.
    Json,
}

/// An institution and its main contact, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CreateInstitution {
    /// The institution's name
    #[arg(long)]
    pub name: String,
    /// Its time zone, such as Europe/Zurich
    #[arg(long)]
    pub time_zone: String,
    /// The language of its mails: en or de
    #[arg(long, default_value = "en")]
    pub language: String,
    /// The main contact's first name
    #[arg(long)]
    pub first_name: String,
    /// The main contact's last name
    #[arg(long)]
    pub last_name: String,
    /// The main contact's email address
    #[arg(long)]
    pub email: String,
    /// The main contact's username
    #[arg(long)]
    pub username: String,
}

/// What can be done with one person's account.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum UserCommand {
    /// Print a link by which the person chooses a new password
    ResetPassword {
        /// Their username or email address
        #[arg(value_name = "USERNAME-OR-EMAIL")]
        identifier: String,
    },
}

/// What can be done with email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum MailCommand {
    /// Say whether email is being sent, and if not, what the mail server objects to and what to check
    Status,
    /// Try the next message now, after a fix at the mail server
    Retry,
}

/// What can be done with usernames.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum UsernameCommand {
    /// Read a CSV with the columns `first_name`, `last_name` and `username` from standard input, and write it to
    /// standard output with a column `codes`: the rules that the username breaks, joined by semicolons
    Check,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn nothing_said_means_serve() {
        let cli = Cli::try_parse_from(["muster"]).unwrap();
        assert_eq!(cli.into_command(), Command::Serve);
    }

    #[test]
    fn seats_are_a_number_or_none() {
        assert_eq!(seats("250"), Ok(Seats(Some(250))));
        assert_eq!(seats("none"), Ok(Seats(None)));
        assert!(seats("-1").is_err() && seats("all").is_err());
    }

    #[test]
    fn a_person_is_named_by_username_or_email() {
        let cli = Cli::try_parse_from(["muster", "user", "reset-password", "a@b.org"]).unwrap();
        let expected = UserCommand::ResetPassword {
            identifier: "a@b.org".to_owned(),
        };
        assert_eq!(cli.into_command(), Command::User(expected));
    }
}
