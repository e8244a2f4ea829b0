//! The command line: what can be typed after `muster`. What a command does is not here.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand};

/// Invite, import and manage the people of many institutions.
#[derive(Debug, Parser)]
#[command(name = "muster", version, about)]
pub struct Cli {
    /// Configuration file [default: muster.toml, if it exists]
    #[arg(long, global = true, env = "MUSTER_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Command to run [default: serve]
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
    /// Run the web server and the background worker (emails and imports)
    Serve,
    /// Run only the background worker
    Worker,
    /// Migrate the database to this version and exit
    Migrate {
        /// Only create the database roles, before a backup is restored into an empty database
        #[arg(long)]
        roles_only: bool,
    },
    /// Manage institutions
    #[command(subcommand)]
    Institution(InstitutionCommand),
    /// Import people from a CSV file
    Import(ImportFile),
    /// Manage a person's account
    #[command(subcommand)]
    User(UserCommand),
    /// Manage email delivery
    #[command(subcommand)]
    Mail(MailCommand),
    /// Create a demo institution with 500 people in all states
    Demo,
    /// Check usernames
    #[command(subcommand)]
    Username(UsernameCommand),
}

/// What can be done with institutions.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum InstitutionCommand {
    /// Create an institution and its main contact, and print a link to set the password
    Create(CreateInstitution),
    /// Set the number of seats of an institution
    Seats {
        /// The institution's slug, as in its address
        slug: String,
        /// Number of seats, or `none` for unlimited
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
        .ok_or_else(|| "expected a number of 0 or more, or `none`".to_owned())
}

/// A file and what is to be done with its people.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct ImportFile {
    /// The CSV file. Its encoding, field separator and columns are detected and printed
    pub file: PathBuf,
    /// The institution's slug, as in its address
    #[arg(long, value_name = "SLUG")]
    pub institution: String,
    /// Only check the file and print the plan
    #[arg(long)]
    pub dry_run: bool,
    /// Role for new people if their row specifies none [default: Basic]
    #[arg(long, value_name = "ROLE")]
    pub role: Option<String>,
    /// Add new members, update existing members, or both: add, update or both
    #[arg(long, default_value = "add")]
    pub mode: String,
    /// Match existing members by: email or username
    #[arg(long, default_value = "email")]
    pub match_by: String,
    /// Country code for phone numbers without one, such as +49
    #[arg(long, value_name = "CODE", default_value = "")]
    pub country_code: String,
    /// Create accounts with generated passwords and email the login details, instead of sending invitations
    #[arg(long)]
    pub passwords: bool,
    /// When to send emails: now, later (manually, on the import's page) or at a time in the institution's time zone,
    /// such as 2026-11-23T09:00
    #[arg(long, value_name = "WHEN", default_value = "now")]
    pub send: String,
    /// Import nothing if a row is rejected
    #[arg(long)]
    pub whole: bool,
    /// Write the result of each row to this file [default: no report]
    #[arg(long, value_name = "FILE")]
    pub report: Option<PathBuf>,
    /// Report format: csv (the file with two more columns) or json (one object per line)
    #[arg(long, value_enum, default_value_t = ReportFormat::Csv)]
    pub format: ReportFormat,
}

/// How a report is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum ReportFormat {
    /// The file with two more columns
    Csv,
    /// One object per line
    Json,
}

/// An institution and its main contact, as typed.
#[derive(Debug, Clone, PartialEq, Eq, Args)]
pub struct CreateInstitution {
    /// The institution's name
    #[arg(long)]
    pub name: String,
    /// The institution's time zone, such as Europe/Zurich
    #[arg(long)]
    pub time_zone: String,
    /// Language of the institution's emails: en or de
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
    /// Print a link to set a new password
    ResetPassword {
        /// Username or email address of the person
        #[arg(value_name = "USERNAME-OR-EMAIL")]
        identifier: String,
    },
}

/// What can be done with email.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Subcommand)]
pub enum MailCommand {
    /// Print whether email is being sent and, if not, the mail server's response and what to check
    Status,
    /// Retry the next message immediately, after the mail server has been fixed
    Retry,
}

/// What can be done with usernames.
#[derive(Debug, Clone, PartialEq, Eq, Subcommand)]
pub enum UsernameCommand {
    /// Read a CSV with the columns `first_name`, `last_name` and `username` from standard input, and write it to
    /// standard output with an added column `codes`: the violated username rules, joined by semicolons
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
