//! The page's end of the worker that checks files. It begins with the first file that is chosen and ends with the page.

use leptos::prelude::*;
use serde::Serialize;
use wasm_bindgen::{JsCast, JsValue, prelude::Closure};

use super::checking::Tell;

/// Its script, among the files of the site.
const SCRIPT: &str = "/import-worker.js";

struct Running {
    worker: web_sys::Worker,
    _hears: Closure<dyn FnMut(web_sys::MessageEvent)>,
}

/// The worker of a page.
#[derive(Clone, Copy)]
pub struct ImportWorker {
    running: StoredValue<Option<Running>, LocalStorage>,
    tell: StoredValue<Option<Callback<Tell>>>,
}

impl ImportWorker {
    /// None runs yet.
    pub fn new() -> Self {
        let running = StoredValue::new_local(None::<Running>);
        on_cleanup(move || {
            running.try_update_value(|running| {
                if let Some(running) = running.take() {
                    running.worker.terminate();
                }
            });
        });
        Self {
            running,
            tell: StoredValue::new(None),
        }
    }

    /// Who hears what it says.
    pub fn heard_by(self, tell: Callback<Tell>) {
        self.tell.set_value(Some(tell));
    }

    /// Has it look at another file.
    pub fn look(self, file: &web_sys::File, reading: &impl Serialize) {
        self.post("look", reading, file);
    }

    /// Has it do something with the file.
    pub fn task(self, what: &str, with: &impl Serialize) {
        self.post(what, with, &JsValue::UNDEFINED);
    }

    fn post(self, what: &str, with: &impl Serialize, file: &JsValue) {
        let Ok(json) = serde_json::to_string(with) else {
            return;
        };
        self.running.update_value(|running| {
            if running.is_none() {
                *running = self.begun();
            }
            let message = js_sys::Array::of3(&what.into(), &json.into(), file);
            // What can't be sent is not heard of again; a string and a file always can.
            let _ = running
                .as_ref()
                .map(|running| running.worker.post_message(&message));
        });
    }

    fn begun(self) -> Option<Running> {
        let options = web_sys::WorkerOptions::new();
        options.set_type(web_sys::WorkerType::Module);
        let worker = web_sys::Worker::new_with_options(SCRIPT, &options).ok()?;
        let hears = Closure::new(move |event: web_sys::MessageEvent| {
            let told = event
                .data()
                .as_string()
                .and_then(|json| serde_json::from_str(&json).ok());
            let hearer = self.tell.try_get_value().flatten();
            if let (Some(told), Some(hearer)) = (told, hearer) {
                hearer.run(told);
            }
        });
        worker.set_onmessage(Some(hears.as_ref().unchecked_ref()));
        Some(Running {
            worker,
            _hears: hears,
        })
    }
}
