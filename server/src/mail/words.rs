//! From a mail's facts to its sentences: every value that a person typed is made harmless here, before it enters a
//! sentence, and nowhere later.

use app::mail_words::{self, MailWords};
use muster::language::Language;

use super::Mail;
use super::inert::{line, lines};

/// Everything that a layout shows. Nothing in here is escaped for HTML yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) language: Language,
    pub(super) sentences: MailWords,
    /// The personal note, line by line.
    pub(super) note: Vec<String>,
    pub(super) url: String,
}

impl Words {
    /// Which way its language is written, as the `dir` attribute wants it.
    pub(super) const fn direction(&self) -> &'static str {
        match self.language {
            Language::En | Language::De => "ltr",
        }
    }

    /// Where a line begins, for layouts that know left and right only.
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
            let words = mail_words::invitation(language, &inviter, &institution, &role, expires);
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
            let details = mail_words::Details {
                inviter: &line(inviter),
                institution: &line(institution),
                // Letters, digits and periods that the rules allow: to be copied as it is, nothing is put between them.
                username,
                password,
                expires,
                once: *once,
            };
            (
                mail_words::login_details(language, &details),
                Vec::new(),
                url,
            )
        }
        Mail::PasswordReset { expires, url } => (
            mail_words::password_reset(language, expires),
            Vec::new(),
            url,
        ),
        Mail::AccountLocked { expires, url } => (
            mail_words::account_locked(language, expires),
            Vec::new(),
            url,
        ),
        Mail::PasswordChanged { at, url } => {
            (mail_words::password_changed(language, at), Vec::new(), url)
        }
        Mail::ConfirmAddress {
            institution,
            expires,
            url,
        } => {
            let words = mail_words::confirm_address(language, &line(institution), expires);
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
