//! The type of all text props, for fixed and changing text: a literal, a `String`, a signal or a closure.

use leptos::prelude::*;

/// A fixed or changing text that is cheap to copy into closures.
#[derive(Clone, Copy, Debug)]
pub struct Words(Signal<String>);

impl Words {
    #[must_use]
    pub fn get(self) -> String {
        self.0.get()
    }
}

impl From<&'static str> for Words {
    fn from(text: &'static str) -> Self {
        Self(Signal::stored(text.to_owned()))
    }
}

impl From<String> for Words {
    fn from(text: String) -> Self {
        Self(Signal::stored(text))
    }
}

impl From<Signal<String>> for Words {
    fn from(text: Signal<String>) -> Self {
        Self(text)
    }
}

impl From<RwSignal<String>> for Words {
    fn from(text: RwSignal<String>) -> Self {
        Self(text.into())
    }
}

impl From<Memo<String>> for Words {
    fn from(text: Memo<String>) -> Self {
        Self(text.into())
    }
}

impl<F, S> From<F> for Words
where
    F: Fn() -> S + Send + Sync + 'static,
    S: Into<String>,
{
    fn from(text: F) -> Self {
        Self(Signal::derive(move || text().into()))
    }
}

/// A text that may be absent, such as a field's problem. An empty text counts as absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct MaybeWords(Option<Signal<Option<String>>>);

impl MaybeWords {
    #[must_use]
    pub fn get(self) -> Option<String> {
        self.0
            .and_then(|text| text.get())
            .filter(|text| !text.is_empty())
    }
}

impl From<Words> for MaybeWords {
    fn from(text: Words) -> Self {
        Self(Some(Signal::derive(move || Some(text.get()))))
    }
}

impl From<&'static str> for MaybeWords {
    fn from(text: &'static str) -> Self {
        Some(text.to_owned()).into()
    }
}

impl From<String> for MaybeWords {
    fn from(text: String) -> Self {
        Some(text).into()
    }
}

impl From<Option<String>> for MaybeWords {
    fn from(text: Option<String>) -> Self {
        Self(Some(Signal::stored(text)))
    }
}

impl From<Signal<Option<String>>> for MaybeWords {
    fn from(text: Signal<Option<String>>) -> Self {
        Self(Some(text))
    }
}

impl From<RwSignal<Option<String>>> for MaybeWords {
    fn from(text: RwSignal<Option<String>>) -> Self {
        Self(Some(text.into()))
    }
}

impl From<Memo<Option<String>>> for MaybeWords {
    fn from(text: Memo<Option<String>>) -> Self {
        Self(Some(text.into()))
    }
}

impl<F, S> From<F> for MaybeWords
where
    F: Fn() -> Option<S> + Send + Sync + 'static,
    S: Into<String>,
{
    fn from(text: F) -> Self {
        Self(Some(Signal::derive(move || text().map(Into::into))))
    }
}
