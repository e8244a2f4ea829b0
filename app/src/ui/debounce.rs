//! Delays an action until a person has paused typing, or until the browser has painted what they did.

use std::time::Duration;

use leptos::prelude::*;

/// Longer than the interval between two keys, shorter than a pause to think.
const PAUSE: Duration = Duration::from_millis(300);

/// One pending action, which a newer one replaces.
#[derive(Clone, Copy)]
pub struct Debounce {
    waiting: StoredValue<Option<TimeoutHandle>>,
    pause: Duration,
}

impl Debounce {
    /// Creates a debounce with the default delay.
    #[must_use]
    pub fn new() -> Self {
        Self::of(PAUSE)
    }

    /// Creates a debounce with this delay.
    #[must_use]
    pub fn of(pause: Duration) -> Self {
        let debounce = Self {
            waiting: StoredValue::new(None),
            pause,
        };
        on_cleanup(move || debounce.cancel());
        debounce
    }

    /// Runs the action after the delay, unless a newer one replaces it.
    pub fn after_pause(self, act: impl FnOnce() + 'static) {
        self.after(self.pause, act);
    }

    /// Runs the action after the next frame is painted, unless a newer one replaces it. Slow work on a phone then does
    /// not delay the check box or letter itself.
    pub fn after_paint(self, act: impl FnOnce() + 'static) {
        request_animation_frame(move || {
            // The page may have been closed.
            if self.waiting.try_with_value(|_| ()).is_some() {
                self.after(Duration::ZERO, act);
            }
        });
    }

    fn after(self, time: Duration, act: impl FnOnce() + 'static) {
        self.cancel();
        self.waiting
            .set_value(set_timeout_with_handle(act, time).ok());
    }

    /// Drops the pending action.
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
