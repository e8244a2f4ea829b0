//! A value that exists only in the browser, such as a file or a connection.
//!
//! A value of [`LocalStorage`] panics if another thread drops it, and the server drops a page on the thread that
//! finishes it. So the server stores no value. clippy rejects `StoredValue::new_local` everywhere else.

use leptos::prelude::*;

/// Holds a value that never leaves the browser's thread. On the server it is always empty.
pub struct BrowserValue<T: 'static>(Option<StoredValue<Option<T>, LocalStorage>>);

impl<T> Copy for BrowserValue<T> {}

impl<T> Clone for BrowserValue<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: 'static> BrowserValue<T> {
    /// Creates an empty one.
    pub fn new() -> Self {
        #[allow(
            clippy::disallowed_methods,
            reason = "the one place: a browser has one thread"
        )]
        let stored = || StoredValue::new_local(None);
        Self(cfg!(target_arch = "wasm32").then(stored))
    }

    /// Replaces the value.
    pub fn set(self, value: T) {
        self.update(|stored| *stored = Some(value));
    }

    /// Returns what `read` returns, or `None` on the server and after the page is gone.
    pub fn with<U>(self, read: impl FnOnce(&Option<T>) -> U) -> Option<U> {
        self.0?.try_with_value(read)
    }

    /// Changes the value. Returns `None` on the server and after the page is gone.
    pub fn update<U>(self, change: impl FnOnce(&mut Option<T>) -> U) -> Option<U> {
        self.0?.try_update_value(change)
    }

    /// Removes and returns the value.
    pub fn take(self) -> Option<T> {
        self.update(Option::take).flatten()
    }
}
