//! Waiting until a person has paused typing, before the server is asked.

use std::time::Duration;

use leptos::prelude::*;

/// Shorter than a pause for thought, longer than the gap between two keys.
const PAUSE: Duration = Duration::from_millis(300);

/// One thing to do after a pause; a newer one takes its place.
#[derive(Clone, Copy)]
pub(super) struct Debounce(StoredValue<Option<TimeoutHandle>>);

impl Debounce {
    pub(super) fn new() -> Self {
        let waiting = Self(StoredValue::new(None));
        on_cleanup(move || waiting.cancel());
        waiting
    }

    /// Does it after the pause, unless something newer comes.
    pub(super) fn after_pause(self, act: impl FnOnce() + 'static) {
        self.cancel();
        self.0.set_value(set_timeout_with_handle(act, PAUSE).ok());
    }

    /// Forgets what was to be done.
    pub(super) fn cancel(self) {
        if let Some(handle) = self.0.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    }
}
