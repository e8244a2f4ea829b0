//! The shell of an institution's pages: side bar, top bar, and the content of refused pages. To add a section: its link
//! with its permission in `side_bar`, and the same in `palette_search`.

mod account_menu;
mod context;
mod initials;
mod layout;
mod palette;
mod palette_key;
mod palette_list;
mod palette_search;
mod refused;
mod side_bar;
mod top_bar;

pub use context::{ShellContext, encoded, use_shell};
pub use layout::InstitutionLayout;
pub use refused::Refused;
