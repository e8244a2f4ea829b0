//! The page's interface to the worker that checks files. It starts with the first chosen file and ends with the page.

use gloo::events::EventListener;
use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue};

use super::checking::Tell;
use crate::browser_value::BrowserValue;

/// The URL of the worker's script.
const SCRIPT: &str = "/import-worker.js";

struct Running {
    worker: web_sys::Worker,
    _listeners: [EventListener; 2],
}

impl Drop for Running {
    fn drop(&mut self) {
        self.worker.terminate();
    }
}

/// The worker of a page.
#[derive(Clone, Copy)]
pub struct ImportWorker {
    running: BrowserValue<Running>,
    tell: StoredValue<Option<Callback<Tell>>>,
}

impl ImportWorker {
    /// Creates the interface; no worker runs yet.
    pub fn new() -> Self {
        let running = BrowserValue::<Running>::new();
        on_cleanup(move || drop(running.take()));
        Self {
            running,
            tell: StoredValue::new(None),
        }
    }

    /// Sets the callback for the worker's messages.
    pub fn heard_by(self, tell: Callback<Tell>) {
        self.tell.set_value(Some(tell));
    }

    /// Requests the preview of another file.
    pub fn look(self, file: &web_sys::File, reading: &impl Serialize) {
        self.post("look", reading, file);
    }

    /// Sends a task about the file.
    pub fn task(self, what: &str, with: &impl Serialize) {
        self.post(what, with, &JsValue::UNDEFINED);
    }

    fn post(self, what: &str, with: &impl Serialize, file: &JsValue) {
        let Ok(json) = serde_json::to_string(with) else {
            return;
        };
        let sent = self.running.update(|running| {
            if running.is_none() {
                *running = self.begun();
            }
            let message = js_sys::Array::of3(&what.into(), &json.into(), file);
            let running = running.as_ref()?;
            running.worker.post_message(&message).ok()
        });
        if sent == Some(None) {
            self.hear(Tell::Broken);
        }
    }

    /// Passes a message on. A broken worker is replaced at the next task.
    fn hear(self, told: Tell) {
        if told == Tell::Broken {
            drop(self.running.take());
        }
        if let Some(hearer) = self.tell.try_get_value().flatten() {
            hearer.run(told);
        }
    }

    fn begun(self) -> Option<Running> {
        let options = web_sys::WorkerOptions::new();
        options.set_type(web_sys::WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(SCRIPT, &options).ok()?;
        let message = EventListener::new(&worker, "message", move |event| {
            let told = event
                .dyn_ref::<web_sys::MessageEvent>()
                .and_then(|event| event.data().as_string())
                .and_then(|json| serde_json::from_str(&json).ok());
            // After an upgrade of the server, the page can meet a newer worker that sends unknown messages.
            self.hear(told.unwrap_or(Tell::Broken));
        });
        let error = EventListener::new(&worker, "error", move |_| self.hear(Tell::Broken));
        Some(Running {
            worker,
            _listeners: [message, error],
        })
    }
}
