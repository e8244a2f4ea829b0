//! The texts of an email. Every typed value is made harmless here, before it is inserted into a sentence, and nowhere
//! later.

use i18n::mail::{self, MailWords};
use muster::language::Language;

use super::{
    Mail,
    inert::{line, lines},
};

/// The content of a layout, not escaped for HTML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) language: Language,
    pub(super) sentences: MailWords,
    /// The inviter's note, line by line.
    pub(super) note: Vec<String>,
    pub(super) url: String,
}

impl Words {
    /// Returns the writing direction for the `dir` attribute.
    pub(super) const fn direction(&self) -> &'static str {
        match self.language {
            Language::En | Language::De => "ltr",
        }
    }

    /// Returns the start side of a line, for layouts that only know left and right.
    pub(super) fn start(&self) -> &'static str {
        if self.direction() == "rtl" {
            "right"
        } else {
            "left"
        }
    }
}

pub(super) fn of(language: Language, mail: &Mail) -> Words {
    let (words, note, url) = match mail {
        Mail::Invitation {
            institution,
            inviter,
            role,
            expires,
            note,
            url,
        } => {
            let (inviter, institution, role) = (line(inviter), line(institution), line(role));
            let words = mail::invitation(language, &inviter, &institution, &role, expires);
            (words, lines(note), url)
        }
        Mail::LoginDetails {
            institution,
            inviter,
            username,
            password,
            expires,
            once,
            url,
        } => {
            let details = mail::Details {
                inviter: &line(inviter),
                institution: &line(institution),
                // The username rules allow only letters, digits and periods. It is meant to be copied, so nothing is
                // inserted into it.
                username,
                password,
                expires,
                once: *once,
            };
            (mail::login_details(language, &details), Vec::new(), url)
        }
        Mail::PasswordReset { expires, url } => {
            (mail::password_reset(language, expires), Vec::new(), url)
        }
        Mail::AccountLocked { expires, url } => {
            (mail::account_locked(language, expires), Vec::new(), url)
        }
        Mail::PasswordChanged { at, url } => {
            (mail::password_changed(language, at), Vec::new(), url)
        }
        Mail::ConfirmAddress {
            institution,
            expires,
            url,
        } => {
            let words = mail::confirm_address(language, &line(institution), expires);
            (words, Vec::new(), url)
        }
    };
    Words {
        language,
        sentences: words,
        note,
        url: url.clone(),
    }
}
