//! Tokens and keyed hashes. A mailed link is derived from the server's key, so that a retry sends the same link
//! although only the hash of its token is stored.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use muster::{
    ids::{AccountId, InstitutionId, MembershipId},
    password::{Password, PasswordViolation},
};
use rand::{TryRngCore as _, rngs::OsRng};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::error::{Context as _, Error};

/// A SHA-256 of a token, or a keyed hash of other data.
pub type Hash = [u8; 32];

/// A token of a link or a cookie: 43 characters of base64url.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Token(hidden)")
    }
}

/// The length of 256 bits in base64url.
const TOKEN_LENGTH: usize = 43;

const fn belongs_to_token(character: char) -> bool {
    character.is_ascii_alphanumeric() || character == '-' || character == '_'
}

/// Returns whether the character is white space or has no width: mail programs insert these to break long words.
fn breaks_a_line(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '\u{ad}' | '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}'
        )
}

impl Token {
    /// Parses a token from a URL or a cookie.
    #[must_use]
    pub fn parse(raw: &str) -> Option<Self> {
        let shaped = raw.len() == TOKEN_LENGTH && raw.chars().all(belongs_to_token);
        shaped.then(|| Self(raw.to_owned()))
    }

    /// Finds the token in the last part of a link. Mail programs, chats and people append characters to a link and
    /// break its lines, so the token is the first run of 43 token characters.
    #[must_use]
    pub fn find(text: &str) -> Option<Self> {
        let decoded = percent_encoding::percent_decode_str(text).decode_utf8_lossy();
        let joined: String = decoded
            .chars()
            .filter(|character| !breaks_a_line(*character))
            .collect();
        [&*decoded, joined.as_str()]
            .into_iter()
            .flat_map(|text| text.split(|character| !belongs_to_token(character)))
            .find_map(|run| run.get(..TOKEN_LENGTH).and_then(Self::parse))
    }

    /// Generates a token of 256 bits from the operating system's random number generator.
    ///
    /// # Errors
    /// Returns `Internal` if the generator fails.
    pub fn random() -> Result<Self, Error> {
        let mut bytes = [0; 32];
        OsRng
            .try_fill_bytes(&mut bytes)
            .context("the random number generator failed")?;
        Ok(Self(URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Returns the token as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the hash under which the token is stored.
    #[must_use]
    pub fn hash(&self) -> Hash {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

/// Generates 64 random bits.
///
/// # Errors
/// Returns `Internal` if the generator fails.
pub fn random_number() -> Result<u64, Error> {
    OsRng
        .try_next_u64()
        .context("the random number generator failed")
}

/// The alphabet of temporary passwords. No two of these characters look alike.
const LETTERS: [char; 31] = [
    'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'j', 'k', 'm', 'n', 'p', 'q', 'r', 's', 't', 'u', 'v',
    'w', 'x', 'y', 'z', '2', '3', '4', '5', '6', '7', '8', '9',
];
/// Four groups of four characters: 79 bits.
const GROUPS: usize = 4;

/// Returns the form in which a temporary password is hashed and compared.
///
/// It tolerates copied white space, missing dashes and characters that look alike. The normalization leaves 72 bits.
#[must_use]
pub fn mailed_form(typed: &str) -> String {
    let kept = typed.chars().filter(|character| !is_ignored(*character));
    kept.map(|character| match character {
        's' => '5',
        'z' => '2',
        'b' => '8',
        'g' | 'q' => '9',
        'v' => 'u',
        other => other,
    })
    .collect()
}

/// Returns whether the character is white space, a dash or invisible.
fn is_ignored(character: char) -> bool {
    character.is_whitespace()
        || character.is_control()
        || matches!(
            character,
            '-' | '\u{ad}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2010}'..='\u{2015}'
                | '\u{2060}'
                | '\u{2212}'
                | '\u{fe63}'
                | '\u{feff}'
                | '\u{ff0d}'
        )
}

/// The length of an account's reference.
const REFERENCE_BYTES: usize = 12;

/// The server's key, from which tokens and keyed hashes are derived.
#[derive(Clone)]
pub struct Keys {
    key: Hmac<Sha256>,
}

impl std::fmt::Debug for Keys {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("Keys(hidden)")
    }
}

impl Keys {
    /// Creates the key from the configured secret.
    ///
    /// # Errors
    /// Returns `Internal` if the secret cannot be a key.
    pub fn new(secret: &[u8]) -> Result<Self, Error> {
        let key = Hmac::new_from_slice(secret).context("the secret can't be a key")?;
        Ok(Self { key })
    }

    /// Returns the token of an invitation's mailed link.
    #[must_use]
    pub fn invitation(
        &self,
        institution: InstitutionId,
        membership: MembershipId,
        epoch: i32,
    ) -> Token {
        self.token(
            b"invitation",
            &[
                institution.as_uuid().as_bytes(),
                membership.as_uuid().as_bytes(),
                &epoch.to_be_bytes(),
            ],
        )
    }

    /// Returns the temporary password of an invitation with login details. Like the link's token, it is the same for
    /// each attempt to send and different in each epoch.
    ///
    /// # Errors
    /// Returns `Internal` if the password rules refuse it.
    pub fn login_password(
        &self,
        institution: InstitutionId,
        membership: MembershipId,
        epoch: i32,
    ) -> Result<Password, Error> {
        let bytes = self.mac(
            b"login password",
            &[
                institution.as_uuid().as_bytes(),
                membership.as_uuid().as_bytes(),
                &epoch.to_be_bytes(),
            ],
        );
        // 128 bits are far more than are used: the bias of the remainders is below 1 in 2^48.
        let mut number = bytes[..16]
            .iter()
            .fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let mut text = String::with_capacity(GROUPS * 5);
        for place in 0..GROUPS * 4 {
            if place > 0 && place % 4 == 0 {
                text.push('-');
            }
            let letter = usize::try_from(number % LETTERS.len() as u128).unwrap_or(0);
            text.push(LETTERS[letter]);
            number /= LETTERS.len() as u128;
        }
        Password::parse(&text, &[])
            .map_err(PasswordViolation::code)
            .context("the rules refuse a temporary password")
    }

    /// Returns the hash under which a temporary password is stored and looked up, in its compared form
    /// ([`mailed_form`]). A fast hash is enough because the password is random.
    #[must_use]
    pub fn login_password_hash(&self, password: &str) -> Hash {
        self.mac(
            b"login password's hash",
            &[mailed_form(password).as_bytes()],
        )
    }

    /// Returns the token of an account's mailed link.
    #[must_use]
    pub fn account_link(&self, id: Uuid) -> Token {
        self.token(b"account link", &[id.as_bytes()])
    }

    /// Returns the token of the first set-up. It is the same at every start.
    #[must_use]
    pub fn setup(&self) -> Token {
        self.token(b"setup", &[])
    }

    /// Returns the key under which failed sign-ins of an identifier or an account id are counted.
    #[must_use]
    pub fn sign_in_counter(&self, of: &[u8]) -> Hash {
        self.mac(b"sign-in counter", &[of])
    }

    /// Returns the reference of an account in the forms of its pages. It is no secret and has no authority.
    #[must_use]
    pub fn account_reference(&self, account: AccountId) -> String {
        let mac = self.mac(b"account of a page", &[account.as_uuid().as_bytes()]);
        URL_SAFE_NO_PAD.encode(&mac[..REFERENCE_BYTES])
    }

    /// Returns the key under which an institution's invitation emails to an address are counted.
    #[must_use]
    pub fn invitation_counter(&self, institution: InstitutionId, email: &str) -> Hash {
        self.mac(
            b"invitation counter",
            &[institution.as_uuid().as_bytes(), email.as_bytes()],
        )
    }

    fn token(&self, purpose: &[u8], parts: &[&[u8]]) -> Token {
        Token(URL_SAFE_NO_PAD.encode(self.mac(purpose, parts)))
    }

    pub(crate) fn mac(&self, purpose: &[u8], parts: &[&[u8]]) -> Hash {
        self.fed(purpose, parts).finalize().into_bytes().into()
    }

    /// Verifies a MAC in constant time.
    pub(crate) fn is_mac(&self, purpose: &[u8], parts: &[&[u8]], mac: &[u8]) -> bool {
        self.fed(purpose, parts).verify_slice(mac).is_ok()
    }

    /// Computes the MAC of the parts, each prefixed with its length, so that different lists of parts never give the
    /// same bytes.
    fn fed(&self, purpose: &[u8], parts: &[&[u8]]) -> Hmac<Sha256> {
        let mut mac = self.key.clone();
        for part in std::iter::once(&purpose).chain(parts) {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        mac
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mailed_password_is_the_same_with_what_copying_and_typing_do_to_it() {
        let mailed = mailed_form("abcd-efgh-jkmn-5678");
        for typed in [
            " abcd-efgh-jkmn-5678",
            "abcd-efgh-jkmn-5678\r\n",
            "\tabcd-efgh-jkmn-5678\u{a0}",
            "abcd-efgh-jkmn-5678\u{200b}",
            "abcdefghjkmn5678",
            "abcd efgh jkmn 5678",
            "abcd\u{2013}efgh\u{2011}jkmn\u{2212}5678",
            "abcd-ef9h-jkmn-s67b",
        ] {
            assert_eq!(mailed_form(typed), mailed, "{typed:?}");
        }
        for other in [
            "abcd-efgh-jkmn-567",
            "abcd-efgh-jkmn-5677",
            "bbcd-efgh-jkmn-5678",
            "Abcd-efgh-jkmn-5678",
            "",
        ] {
            assert_ne!(mailed_form(other), mailed, "{other}");
        }
    }

    #[test]
    fn what_is_equal_of_mailed_passwords_leaves_over_72_bits() {
        let mut classes = std::collections::BTreeMap::new();
        for letter in LETTERS {
            *classes
                .entry(mailed_form(&letter.to_string()))
                .or_insert(0_u32) += 1;
        }
        let bits: f64 = classes
            .values()
            .map(|many| f64::from(*many) / 31.0)
            .map(|share| -share * share.log2())
            .sum();
        assert!(bits * 16.0 > 72.0, "{}", bits * 16.0);
    }

    #[test]
    fn a_new_epoch_gives_another_link_and_a_retry_the_same() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let institution = InstitutionId::from_uuid(Uuid::from_u128(1));
        let membership = MembershipId::from_uuid(Uuid::from_u128(2));
        assert_eq!(
            keys.invitation(institution, membership, 1),
            keys.invitation(institution, membership, 1)
        );
        assert_ne!(
            keys.invitation(institution, membership, 1),
            keys.invitation(institution, membership, 2)
        );
    }

    #[test]
    fn a_mailed_password_is_long_legible_and_of_its_epoch_alone() {
        let keys = Keys::new(&[7; 32]).unwrap();
        let of = |membership, epoch| {
            let institution = InstitutionId::from_uuid(Uuid::from_u128(1));
            let membership = MembershipId::from_uuid(Uuid::from_u128(membership));
            let password = keys.login_password(institution, membership, epoch);
            password.unwrap().as_str().to_owned()
        };
        assert_eq!(of(2, 1), of(2, 1));
        let many: std::collections::BTreeSet<String> = (0..500)
            .map(|number| of(number, 1))
            .chain([of(2, 2)])
            .collect();
        assert_eq!(many.len(), 501);
        let mut used = std::collections::BTreeSet::new();
        for password in &many {
            let groups: Vec<&str> = password.split('-').collect();
            assert_eq!(groups.len(), 4, "{password}");
            assert!(groups.iter().all(|group| group.len() == 4), "{password}");
            used.extend(password.chars());
        }
        assert_eq!(
            used.len(),
            LETTERS.len() + 1,
            "every letter, and the hyphen"
        );
        assert!(!used.iter().any(|letter| "il1o0".contains(*letter)));
        assert_ne!(
            keys.login_password_hash(&of(2, 1)),
            keys.login_password_hash(&of(2, 2))
        );
    }

    #[test]
    fn what_cannot_be_a_token_is_none() {
        for raw in [
            "",
            "null",
            "a",
            &"a".repeat(44),
            &"ä".repeat(43),
            &"a".repeat(1 << 20),
        ] {
            assert_eq!(Token::parse(raw), None);
        }
        assert!(Token::parse(Token::random().unwrap().as_str()).is_some());
    }

    #[test]
    fn characters_attached_to_a_token_are_ignored() {
        let token = Token::random().unwrap();
        let text = token.as_str();
        let (left, right) = text.split_at(20);
        for shape in [
            text.to_owned(),
            format!("{text}."),
            format!("{text},"),
            format!("{text})"),
            format!("{text}%29."),
            format!("{text}>"),
            format!("%3C{text}%3E"),
            format!("<{text}>"),
            format!("{text}/"),
            format!("{text}/."),
            format!("{text}%20"),
            format!("{text}%20and more"),
            format!("{text}%0D%0A"),
            format!("{text}%E2%80%8B"),
            format!("%E2%80%8B{text}"),
            format!("{text}%FF"),
            format!("{text}&utm_source=mail"),
            format!("{text}x"),
            format!("{left}%0D%0A{right}"),
            format!("{left}%0D{right}."),
            format!("{left}%20{right}"),
            format!("{left}%E2%80%8B{right}"),
        ] {
            assert_eq!(Token::find(&shape).as_ref(), Some(&token), "{shape}");
        }
        for none in ["", "null", left, &"%".repeat(60), &".".repeat(60)] {
            assert_eq!(Token::find(none), None, "{none}");
        }
    }
}
