//! Waiting until a person has paused typing, before the server is asked, or until they see what they did, before
//! everything that follows from it is shown.

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
        self.after(self.pause, act);
    }

    /// Does it once the next frame is painted, unless something newer comes: what takes a phone long does not keep
    /// a person waiting for the box or the letter itself.
    pub fn after_paint(self, act: impl FnOnce() + 'static) {
        request_animation_frame(move || {
            // The page may be gone meanwhile.
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
