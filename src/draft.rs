//! Form input before validation. A draft holds raw strings and always deserializes, so a mistake in one field does not
//! lose the others. Its `parse` returns the typed value, or all problems at once by field name. The page, the server
//! function and the plain form POST call the same `parse`. To add a draft: one file here.

mod accept;
mod bulk;
mod change_password;
mod edit_user;
pub(crate) mod fields;
mod forgotten;
mod import;
mod import_options;
mod invite;
mod language;
mod new_password;
mod paste;
mod resend;
mod send_time;
mod setup;
mod sign_in;
mod user;

pub use accept::{AcceptDraft, NewAccount};
pub use bulk::{Bulk, BulkAction, BulkDraft, MAX_CHOSEN};
pub use change_password::{ChangePassword, ChangePasswordDraft};
pub use edit_user::{EditUser, EditUserDraft};
pub use forgotten::{Forgotten, ForgottenDraft};
pub use import::{ImportDraft, NewImport, sha256_of};
pub use import_options::ImportOptionsDraft;
pub use invite::{InviteDraft, InviteRow, MAX_NOTE_LENGTH, MAX_ROWS, Note, RowOutcome};
pub use language::LanguageDraft;
pub use new_password::NewPasswordDraft;
pub use paste::rows_from_paste;
pub use resend::ResendDraft;
pub use send_time::SendTimeDraft;
pub use setup::{Setup, SetupDraft};
pub use sign_in::{Identifier, SignIn, SignInDraft, own_page};
pub use user::{NewUser, UserDraft};
