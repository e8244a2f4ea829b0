//! Enums whose values have a stable code for the database, requests and files. Each code is written once.

/// The error for a code that no value has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnknownCode;

macro_rules! code_enum {
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
            /// All values, in the order of menus.
            pub const ALL: &'static [Self] = &[$( Self::$variant, )+];

            /// Returns the stable code.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $( Self::$variant => $code, )+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::code_enum::UnknownCode;

            fn from_str(code: &str) -> Result<Self, Self::Err> {
                match code {
                    $( $code => Ok(Self::$variant), )+
                    _ => Err($crate::code_enum::UnknownCode),
                }
            }
        }
    };
}

pub(crate) use code_enum;
