//! UI components that are independent of features and texts. Texts are props. Behavior comes from the platform
//! (popover, dialog, form), so they work before hydration and without scripts. Their classes are in `style/`.
//!
//! They return erased views: the types of typed views grow with the page, which costs compile time and download size.

mod address;
mod banner;
mod button;
mod card;
mod checklist;
mod chip;
mod control;
mod debounce;
mod dialog;
mod empty;
mod field;
mod head;
mod icon;
mod logo;
mod menu;
mod monogram;
mod password_field;
mod search_field;
mod select_field;
mod shell;
mod skeleton;
mod table;
mod timeline;
mod toast;
mod words;

pub use address::Address;
pub use banner::{Banner, BannerKind};
pub use button::{Button, ButtonKind, ButtonLink};
pub use card::{ActionCard, Card, CardPage, DetailCard, Fact, Facts};
pub use checklist::{Check, Checklist, ChecklistItem};
pub use chip::{Chip, ChipKind, StateChip};
pub use control::focus_first_invalid;
pub use debounce::Debounce;
pub use dialog::{AskFirst, Dialog, DialogCloser, DialogOpener};
pub use empty::EmptyState;
pub use field::{Field, TextArea};
pub use head::{PageHead, Tab, Tabs};
pub use icon::{Icon, IconName};
pub use logo::{Brand, Logo};
pub use menu::{Menu, MenuButton, MenuHeading, MenuLink, MenuSeparator};
pub use monogram::{Monogram, Person, Tile, hue_class, initials};
pub use password_field::PasswordField;
pub use search_field::SearchField;
pub use select_field::{Checkbox, Choice, SelectField};
pub use shell::{NavHeading, NavLink, Shell};
pub use skeleton::{SkeletonTable, SkeletonText};
pub use table::{Column, DataTable, Pager, Sorted};
pub use timeline::{Timeline, TimelineItem};
pub use toast::{Toast, ToastHost, ToastKind, Toasts, provide_toasts, use_toasts};
pub use words::{MaybeWords, Words};
