//! The words of every mail, from the same locale files as the pages (`locales/*/mail.json`). What surrounds them,
//! and what makes a person's name harmless, is the server's. To add a mail: its sentences in every language, and a
//! function here.

use leptos_i18n::td_string;
use muster::language::Language;

use crate::language::locale_of;

/// The sentences of one mail. Nothing in here is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWords {
    /// The subject.
    pub subject: String,
    /// How it begins.
    pub greeting: String,
    /// The title over everything.
    pub heading: String,
    /// What happened and what can be done, a paragraph each.
    pub paragraphs: Vec<String>,
    /// What is to be read off and typed: what each is called, and what it says.
    pub facts: Vec<(String, String)>,
    /// What stands before a personal note, in mails that can have one.
    pub note_from: Option<String>,
    /// What the one button says.
    pub button: String,
    /// What stands before the address in plain text.
    pub address_hint: String,
    /// What to do if this was not expected.
    pub unexpected: String,
    /// The small print.
    pub footer: String,
}

/// An offer of a membership.
pub fn invitation(
    language: Language,
    inviter: &str,
    institution: &str,
    role: &str,
    expires: &str,
) -> MailWords {
    let locale = locale_of(language);
    MailWords {
        heading: td_string!(locale, mail.invitation.heading, institution = institution).to_string(),
        paragraphs: vec![
            td_string!(
                locale,
                mail.invitation.body,
                inviter = inviter,
                institution = institution,
                role = role
            )
            .to_string(),
            td_string!(locale, mail.invitation.until, expires = expires).to_string(),
        ],
        note_from: Some(td_string!(locale, mail.invitation.note, inviter = inviter).to_string()),
        ..common(
            language,
            td_string!(
                locale,
                mail.invitation.subject,
                inviter = inviter,
                institution = institution
            )
            .to_string(),
            td_string!(locale, mail.invitation.button).to_string(),
            td_string!(locale, mail.invitation.unexpected).to_string(),
        )
    }
}

/// What a mail with login details tells.
#[derive(Clone, Copy)]
pub struct Details<'a> {
    /// Who invites.
    pub inviter: &'a str,
    /// Whom to join.
    pub institution: &'a str,
    /// The username.
    pub username: &'a str,
    /// The password.
    pub password: &'a str,
    /// Until when it works.
    pub expires: &'a str,
    /// Whether it works once only.
    pub once: bool,
}

/// An offer of a membership, with what to sign in with.
pub fn login_details(language: Language, details: &Details<'_>) -> MailWords {
    let locale = locale_of(language);
    let Details {
        inviter,
        institution,
        username,
        password,
        expires,
        once,
    } = *details;
    let valid = if once {
        td_string!(locale, mail.login_details.once, expires = expires).to_string()
    } else {
        td_string!(locale, mail.login_details.until, expires = expires).to_string()
    };
    MailWords {
        heading: td_string!(
            locale,
            mail.login_details.heading,
            institution = institution
        )
        .to_string(),
        paragraphs: vec![
            td_string!(
                locale,
                mail.login_details.body,
                inviter = inviter,
                institution = institution
            )
            .to_string(),
            valid,
        ],
        facts: vec![
            (
                td_string!(locale, mail.login_details.username).to_string(),
                username.to_owned(),
            ),
            (
                td_string!(locale, mail.login_details.password).to_string(),
                password.to_owned(),
            ),
        ],
        ..common(
            language,
            td_string!(
                locale,
                mail.login_details.subject,
                institution = institution
            )
            .to_string(),
            td_string!(locale, mail.login_details.button).to_string(),
            td_string!(locale, mail.login_details.unexpected).to_string(),
        )
    }
}

/// A forgotten password.
pub fn password_reset(language: Language, expires: &str) -> MailWords {
    let locale = locale_of(language);
    let body = td_string!(locale, mail.password_reset.body).to_string();
    MailWords {
        heading: td_string!(locale, mail.password_reset.heading).to_string(),
        paragraphs: vec![body, once_until(language, expires)],
        ..common(
            language,
            td_string!(locale, mail.password_reset.subject).to_string(),
            td_string!(locale, mail.password_reset.button).to_string(),
            td_string!(locale, mail.password_reset.unexpected).to_string(),
        )
    }
}

/// Too many failed sign-ins.
pub fn account_locked(language: Language, expires: &str) -> MailWords {
    let locale = locale_of(language);
    let body = td_string!(locale, mail.account_locked.body).to_string();
    MailWords {
        heading: td_string!(locale, mail.account_locked.heading).to_string(),
        paragraphs: vec![body, once_until(language, expires)],
        ..common(
            language,
            td_string!(locale, mail.account_locked.subject).to_string(),
            td_string!(locale, mail.account_locked.button).to_string(),
            td_string!(locale, mail.account_locked.unexpected).to_string(),
        )
    }
}

/// Tells of a new password.
pub fn password_changed(language: Language, at: &str) -> MailWords {
    let locale = locale_of(language);
    let body = td_string!(locale, mail.password_changed.body, at = at).to_string();
    MailWords {
        heading: td_string!(locale, mail.password_changed.heading).to_string(),
        paragraphs: vec![body],
        ..common(
            language,
            td_string!(locale, mail.password_changed.subject).to_string(),
            td_string!(locale, mail.password_changed.button).to_string(),
            td_string!(locale, mail.password_changed.unexpected).to_string(),
        )
    }
}

/// Asks whether the address is one's own.
pub fn confirm_address(language: Language, institution: &str, expires: &str) -> MailWords {
    let locale = locale_of(language);
    let body = td_string!(locale, mail.confirm_address.body, institution = institution).to_string();
    MailWords {
        heading: td_string!(locale, mail.confirm_address.heading).to_string(),
        paragraphs: vec![body, once_until(language, expires)],
        ..common(
            language,
            td_string!(locale, mail.confirm_address.subject).to_string(),
            td_string!(locale, mail.confirm_address.button).to_string(),
            td_string!(
                locale,
                mail.confirm_address.unexpected,
                institution = institution
            )
            .to_string(),
        )
    }
}

fn once_until(language: Language, expires: &str) -> String {
    td_string!(locale_of(language), mail.once_until, expires = expires).to_string()
}

/// What all mails have, and what differs but is always there.
fn common(language: Language, subject: String, button: String, unexpected: String) -> MailWords {
    let locale = locale_of(language);
    MailWords {
        subject,
        button,
        unexpected,
        greeting: td_string!(locale, mail.greeting).to_string(),
        address_hint: td_string!(locale, mail.address_hint).to_string(),
        footer: td_string!(locale, mail.footer).to_string(),
        heading: String::new(),
        paragraphs: Vec::new(),
        facts: Vec::new(),
        note_from: None,
    }
}
