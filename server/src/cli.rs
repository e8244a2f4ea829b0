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
    Migrate,
    /// Look after institutions
    #[command(subcommand)]
    Institution(InstitutionCommand),
    /// Look after one person's account
    #[command(subcommand)]
    User(UserCommand),
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
    fn a_person_is_named_by_username_or_email() {
        let cli = Cli::try_parse_from(["muster", "user", "reset-password", "a@b.org"]).unwrap();
        let expected = UserCommand::ResetPassword {
            identifier: "a@b.org".to_owned(),
        };
        assert_eq!(cli.into_command(), Command::User(expected));
    }
}
