//! The context of an institution's pages.

use leptos::prelude::*;
use muster::permission::Permission;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rpc::shell::ShellView;

/// The open institution and the person's membership, for the pages inside the layout.
#[derive(Debug, Clone, Copy)]
pub struct ShellContext {
    view: RwSignal<Option<ShellView>>,
    undone: RwSignal<u32>,
}

impl ShellContext {
    pub(super) fn new() -> Self {
        Self {
            view: RwSignal::new(None),
            undone: RwSignal::new(0),
        }
    }

    /// Reports that a toast has undone something. The toast outlives its page, so the current page may be out of date.
    pub fn tell_undone(self) {
        self.undone.update(|times| *times = times.wrapping_add(1));
    }

    /// Returns how often something was undone; tracked.
    #[must_use]
    pub fn undone(self) -> u32 {
        self.undone.get()
    }

    pub(super) fn open(self, view: ShellView) {
        self.view.set(Some(view));
    }

    /// Returns the shell's data, or `None` outside an institution. Not tracked: they are constant for a page.
    #[must_use]
    pub fn get(self) -> Option<ShellView> {
        self.view.get_untracked()
    }

    /// Returns the institution's slug.
    #[must_use]
    pub fn slug(self) -> String {
        self.view
            .with_untracked(|view| view.as_ref().map(|view| view.institution.slug.clone()))
            .unwrap_or_default()
    }

    /// Returns whether the person has the permission here.
    #[must_use]
    pub fn may(self, permission: Permission) -> bool {
        self.view.with_untracked(|view| {
            view.as_ref()
                .is_some_and(|view| view.permissions.contains(permission))
        })
    }

    /// Returns the path of a page of this institution; an empty `page` gives Home.
    #[must_use]
    pub fn path(self, page: &str) -> String {
        let slug = self.slug();
        if page.is_empty() {
            format!("/i/{slug}")
        } else {
            format!("/i/{slug}/{page}")
        }
    }
}

/// Returns the context of the current institution.
#[must_use]
pub fn use_shell() -> ShellContext {
    use_context().unwrap_or_else(ShellContext::new)
}

/// All bytes except the unreserved characters of RFC 3986.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes a text as a part of a URL. The router's own function differs between server and browser.
#[must_use]
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_a_text_leaves_its_part_of_an_address() {
        assert_eq!(
            encoded("/i/a/users?after=x&y"),
            "%2Fi%2Fa%2Fusers%3Fafter%3Dx%26y"
        );
        assert_eq!(encoded("Weiß-1._~"), "Wei%C3%9F-1._~");
    }
}
