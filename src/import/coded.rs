//! Choices that travel by a stable code: an enum, its `ALL`, its `code()` and the way back, with each code
//! written once. To add one: a call of the macro, and a line in [`codes`](super::codes).

/// No choice has this code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCode;

macro_rules! coded {
    (
        $(#[$doc:meta])*
        pub enum $name:ident {
            $( $(#[$variant_doc:meta])* $variant:ident = $code:literal, )+
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $( $(#[$variant_doc])* #[serde(rename = $code)] $variant, )+
        }

        impl $name {
            /// Every one, in the order of the menus.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// The stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $( Self::$variant => $code, )+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::import::UnknownCode;

            fn from_str(code: &str) -> Result<Self, Self::Err> {
                match code {
                    $( $code => Ok(Self::$variant), )+
                    _ => Err($crate::import::UnknownCode),
                }
            }
        }
    };
}

pub(crate) use coded;
