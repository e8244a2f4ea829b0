//! Monograms of people and tiles of institutions: initials on a constant hue.

use leptos::prelude::*;

use super::{MaybeWords, Words};

const HUES: [&str; 12] = [
    "hue-0", "hue-1", "hue-2", "hue-3", "hue-4", "hue-5", "hue-6", "hue-7", "hue-8", "hue-9",
    "hue-10", "hue-11",
];

/// Returns the class of a key's hue. It must not change between machines and releases, so no library hasher is used.
#[must_use]
pub fn hue_class(key: &str) -> &'static str {
    // FNV-1a, 32 bits.
    let hash = key.bytes().fold(0x811c_9dc5_u32, |hash, byte| {
        (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193)
    });
    HUES[(hash % 12) as usize]
}

/// Returns the initials of a name, or of an email address if there is no name.
#[must_use]
pub fn initials(name: &str) -> String {
    let name = name.trim();
    let parts: Vec<char> = match name.split_once('@') {
        Some((mailbox, _)) => mailbox
            .split(['.', '-', '_', '+'])
            .filter_map(first_letter)
            .collect(),
        None => name.split_whitespace().filter_map(first_letter).collect(),
    };
    let last = parts.last().filter(|_| parts.len() > 1);
    parts
        .first()
        .into_iter()
        .chain(last)
        .flat_map(|letter| letter.to_uppercase())
        .collect()
}

fn first_letter(part: &str) -> Option<char> {
    part.chars().find(|character| character.is_alphanumeric())
}

/// A person's round monogram. The name is next to it, so screen readers ignore it.
#[component]
pub fn Monogram(
    #[prop(into)] name: String,
    #[prop(into)] key: String,
    #[prop(optional)] large: bool,
) -> impl IntoView {
    view! {
        <span class=format!("face {}", hue_class(&key)) class:large=large aria-hidden="true">
            {initials(&name)}
        </span>
    }
    .into_any()
}

/// An institution's square tile.
#[component]
pub fn Tile(
    #[prop(into)] name: String,
    #[prop(into)] key: String,
    #[prop(optional)] large: bool,
) -> impl IntoView {
    view! {
        <span class=format!("tile {}", hue_class(&key)) class:large=large aria-hidden="true">
            {initials(&name)}
        </span>
    }
    .into_any()
}

/// A person in a list: monogram, name, and a line that distinguishes namesakes. With `href` the row is a link.
#[component]
pub fn Person(
    #[prop(into)] name: Words,
    #[prop(optional, into)] detail: MaybeWords,
    #[prop(into)] key: String,
    #[prop(optional, into)] href: Option<String>,
) -> impl IntoView {
    let hue = format!("face {}", hue_class(&key));
    view! {
        <div class="who">
            <span class=hue aria-hidden="true">{move || initials(&name.get())}</span>
            <span class="names">
                <strong>
                    {match href {
                        Some(href) => view! { <a class="cover" href=href>{move || name.get()}</a> }.into_any(),
                        None => view! { <span>{move || name.get()}</span> }.into_any(),
                    }}
                </strong>
                {move || detail.get().map(|detail| view! { <small>{detail}</small> })}
            </span>
        </div>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_those_of_the_first_and_the_last_part() {
        assert_eq!(initials("Amara Okafor"), "AO");
        assert_eq!(initials("  Ana María de la Cruz "), "AC");
        assert_eq!(initials("Prince"), "P");
        assert_eq!(initials("b.weiss@northgate.example"), "BW");
        assert_eq!(initials("hugo@lindqvist.example"), "H");
        assert_eq!(initials(""), "");
        assert_eq!(initials("– ’"), "");
    }

    #[test]
    fn a_hue_stays() {
        assert_eq!(hue_class("northgate"), hue_class("northgate"));
        assert!(HUES.contains(&hue_class("")));
    }
}
