//! The icons in use. `scripts/icons.mjs` reads their names from this file and builds the sprite `public/icons.svg`.

use leptos::prelude::*;

macro_rules! icons {
    ($($variant:ident => $name:literal),* $(,)?) => {
        /// An icon of the sprite, by its lucide name.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum IconName { $($variant),* }

        impl IconName {
            const fn href(self) -> &'static str {
                match self { $(Self::$variant => concat!("/icons.svg#", $name)),* }
            }
        }
    };
}

icons! {
    ArrowLeft => "arrow-left",
    ArrowRight => "arrow-right",
    ArrowUpDown => "arrow-up-down",
    AtSign => "at-sign",
    BadgeCheck => "badge-check",
    Ban => "ban",
    Bell => "bell",
    BellOff => "bell-off",
    Building2 => "building-2",
    CalendarClock => "calendar-clock",
    CalendarX => "calendar-x",
    Check => "check",
    ChevronDown => "chevron-down",
    ChevronLeft => "chevron-left",
    ChevronRight => "chevron-right",
    Circle => "circle",
    CircleAlert => "circle-alert",
    CircleCheck => "circle-check",
    CircleDashed => "circle-dashed",
    CirclePause => "circle-pause",
    CircleX => "circle-x",
    Clock => "clock",
    Copy => "copy",
    Download => "download",
    Ellipsis => "ellipsis",
    ExternalLink => "external-link",
    Eye => "eye",
    EyeOff => "eye-off",
    Globe => "globe",
    History => "history",
    Hourglass => "hourglass",
    House => "house",
    IdCard => "id-card",
    Inbox => "inbox",
    Info => "info",
    KeyRound => "key-round",
    Languages => "languages",
    Link => "link",
    ListFilter => "list-filter",
    Lock => "lock",
    LockOpen => "lock-open",
    LogIn => "log-in",
    LogOut => "log-out",
    Mail => "mail",
    MailCheck => "mail-check",
    MailOpen => "mail-open",
    MailX => "mail-x",
    Menu => "menu",
    Minus => "minus",
    Monitor => "monitor",
    Moon => "moon",
    Package => "package",
    Pencil => "pencil",
    Phone => "phone",
    Plus => "plus",
    RefreshCw => "refresh-cw",
    ScanLine => "scan-line",
    ScrollText => "scroll-text",
    Search => "search",
    Send => "send",
    Settings => "settings",
    Shield => "shield",
    ShieldCheck => "shield-check",
    Sun => "sun",
    Trash2 => "trash-2",
    TriangleAlert => "triangle-alert",
    Undo2 => "undo-2",
    Upload => "upload",
    User => "user",
    UserCheck => "user-check",
    UserCog => "user-cog",
    UserPlus => "user-plus",
    UserX => "user-x",
    Users => "users",
    WandSparkles => "wand-sparkles",
    X => "x",
}

/// An icon of the size of the text beside it. Screen readers ignore it and read the text.
#[component]
pub fn Icon(name: IconName) -> impl IntoView {
    view! {
        <svg class="i" aria-hidden="true" focusable="false">
            <use href=name.href()></use>
        </svg>
    }
}
