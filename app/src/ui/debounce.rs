//! Waiting until a person has paused typing, before the server is asked.

use std::time::Duration;

use leptos::prelude::*;

/// Shorter than a pause for thought, longer than the gap between two keys.
const PAUSE: Duration = Duration::from_millis(300);

/// One thing to do after a pause; a newer one takes its place.
#[derive(Clone, Copy)]
pub struct Debounce {
    waiting: StoredValue<Option<TimeoutHandle>>,
    pause: Duration,
}

impl Debounce {
    /// Waits for a pause of the usual length.
    #[must_use]
    pub fn new() -> Self {
        Self::of(PAUSE)
    }

    /// Waits for a pause of this length.
    #[must_use]
    pub fn of(pause: Duration) -> Self {
        let debounce = Self {
            waiting: StoredValue::new(None),
            pause,
        };
        on_cleanup(move || debounce.cancel());
        debounce
    }

    /// Does it after the pause, unless something newer comes.
    pub fn after_pause(self, act: impl FnOnce() + 'static) {
        self.cancel();
        self.waiting
            .set_value(set_timeout_with_handle(act, self.pause).ok());
    }

    /// Forgets what was to be done.
    pub fn cancel(self) {
        if let Some(handle) = self.waiting.try_update_value(Option::take).flatten() {
            handle.clear();
        }
    }
}

impl Default for Debounce {
    fn default() -> Self {
        Self::new()
    }
}
