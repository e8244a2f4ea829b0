//! What surrounds every page of an institution: side bar, top bar, and what is shown where a page
//! can't be. To add a room: its link in `side_bar`, its permission there too, and the same in
//! `palette_search`, so that the search from anywhere finds it.

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
pub mod view;

pub use context::{ShellContext, encoded, use_shell};
pub use layout::InstitutionLayout;
pub use refused::Refused;
