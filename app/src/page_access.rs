//! The one table of which pages need a session. The server refuses a page that is not in it. Paths are written as the
//! server's router writes them.

/// Who may open a page. What the page shows, its data decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PageAccess {
    /// Anyone.
    Public,
    /// Only signed-in people; others are redirected to the sign-in page.
    Session,
    /// Only people who have to replace a temporary password; nothing else is open to them.
    TemporaryPassword,
}

/// The page on which a temporary password is replaced.
pub const NEW_PASSWORD: &str = "/new-password";

/// Every page, with its access.
pub const PAGES: &[(&str, PageAccess)] = &[
    ("/setup", PageAccess::Public),
    ("/sign-in", PageAccess::Public),
    ("/forgotten", PageAccess::Public),
    ("/reset", PageAccess::Public),
    (NEW_PASSWORD, PageAccess::TemporaryPassword),
    ("/unlock", PageAccess::Public),
    ("/confirm", PageAccess::Public),
    ("/accept", PageAccess::Public),
    ("/profile", PageAccess::Session),
    // Exists only with the built-in mailbox, and for browsers that opened its link.
    ("/dev/mailbox", PageAccess::Public),
    ("/dev/mailbox/{id}", PageAccess::Public),
    ("/i/{slug}", PageAccess::Session),
    ("/i/{slug}/users", PageAccess::Session),
    ("/i/{slug}/users/new", PageAccess::Session),
    ("/i/{slug}/users/{id}", PageAccess::Session),
    ("/i/{slug}/users/{id}/edit", PageAccess::Session),
    ("/i/{slug}/invite", PageAccess::Session),
    ("/i/{slug}/invitations", PageAccess::Session),
    ("/i/{slug}/imports", PageAccess::Session),
    ("/i/{slug}/imports/new", PageAccess::Session),
    ("/i/{slug}/imports/{id}", PageAccess::Session),
];
