//! The texts of every email (`locales/*/mail.json`). The server adds the layout and escapes people's names. To add an
//! email: its sentences in every language, and a function here.

use muster::language::Language;

use crate::*;

/// The texts of one email. Nothing is escaped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MailWords {
    /// The subject.
    pub subject: String,
    /// The greeting.
    pub greeting: String,
    /// The heading.
    pub heading: String,
    /// The paragraphs: what happened and what to do.
    pub paragraphs: Vec<String>,
    /// The values to enter, each with its label.
    pub facts: Vec<(String, String)>,
    /// The line before a personal note, in emails that can have one.
    pub note_from: Option<String>,
    /// The label of the button.
    pub button: String,
    /// The line before the link in plain text.
    pub address_hint: String,
    /// What to do if the email was not expected.
    pub unexpected: String,
    /// The footer.
    pub footer: String,
}

/// Returns the texts of an invitation.
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

/// The data of an email with login details.
#[derive(Clone, Copy)]
pub struct Details<'a> {
    /// The inviter's name.
    pub inviter: &'a str,
    /// The institution's name.
    pub institution: &'a str,
    /// The username.
    pub username: &'a str,
    /// The temporary password.
    pub password: &'a str,
    /// The time until which the password works.
    pub expires: &'a str,
    /// Whether the password works only once.
    pub once: bool,
}

/// Returns the texts of an invitation with login details.
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

/// Returns the texts for a password reset.
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

/// Returns the texts for an account that was locked after failed sign-ins.
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

/// Returns the texts for a changed password.
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

/// Returns the texts for the confirmation of an address.
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

/// Returns the texts that every email has.
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
