//! The state of an import in preparation, and the handling of the worker's messages.

use leptos::{prelude::*, task::spawn_local};
use muster::{
    draft::ImportOptionsDraft,
    import::{Dialect, Fault, Mapping, NameOrder, Target},
    phone::CallingCode,
};
use rpc::imports::{ImportRoles, remembered_mapping};

use super::{
    super::{
        checking::{Ask, Asked, Choices, Counts, Looked, Progress, Reading, Shown, Tell},
        steps::Step,
        worker::ImportWorker,
    },
    options_form::OptionFields,
    upload::Upload,
};
use crate::{browser_value::BrowserValue, language::page_language, shell::use_shell};

/// The file's properties that are known without reading it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct About {
    pub name: String,
    pub size: u64,
    /// The time of the last change, as the browser reports it. With name and size it identifies the file.
    pub modified: i64,
}

/// The settings of the check. The upload uses them even if the page changes in the meantime.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checked {
    pub dialect: Dialect,
    pub mapping: Mapping,
    pub options: ImportOptionsDraft,
}

/// An import in preparation.
#[derive(Clone, Copy)]
pub struct Importing {
    pub worker: ImportWorker,
    pub slug: StoredValue<String>,
    pub roles: StoredValue<ImportRoles>,
    pub step: RwSignal<Step>,
    file: BrowserValue<web_sys::File>,
    pub about: RwSignal<Option<About>>,
    reading: RwSignal<Reading>,
    pub looked: RwSignal<Option<Looked>>,
    /// The target of each column.
    pub targets: RwSignal<Vec<Target>>,
    pub name_order: RwSignal<NameOrder>,
    /// The calling code for phone numbers without one, as typed.
    pub calling_code: RwSignal<String>,
    /// Whether the mapping was remembered from an earlier file with the same headers.
    pub remembered: RwSignal<bool>,
    pub options: OptionFields,
    pub checked: StoredValue<Option<Checked>>,
    pub progress: RwSignal<Option<Progress>>,
    pub counts: RwSignal<Counts>,
    pub shown: RwSignal<Shown>,
    asked: StoredValue<u32>,
    /// Whether the file was moved or changed while it was read.
    pub gone: RwSignal<bool>,
    /// Whether the worker can't continue.
    pub broken: RwSignal<bool>,
    pub upload: Upload,
}

impl Importing {
    pub fn new(roles: ImportRoles) -> Self {
        let worker = ImportWorker::new();
        let importing = Self {
            worker,
            slug: StoredValue::new(use_shell().slug()),
            options: OptionFields::new(&roles.choices),
            roles: StoredValue::new(roles),
            step: RwSignal::new(Step::File),
            file: BrowserValue::new(),
            about: RwSignal::new(None),
            reading: RwSignal::new(Reading::default()),
            looked: RwSignal::new(None),
            targets: RwSignal::new(Vec::new()),
            name_order: RwSignal::new(NameOrder::FirstLast),
            calling_code: RwSignal::new(String::new()),
            remembered: RwSignal::new(false),
            checked: StoredValue::new(None),
            progress: RwSignal::new(None),
            counts: RwSignal::new(Counts::default()),
            shown: RwSignal::new(Shown::default()),
            asked: StoredValue::new(0),
            gone: RwSignal::new(false),
            broken: RwSignal::new(false),
            upload: Upload::new(),
        };
        worker.heard_by(Callback::new(move |told| importing.hear(told)));
        importing
    }

    /// Selects another file.
    pub fn choose(self, file: web_sys::File) {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "whole numbers, which JavaScript keeps as floats"
        )]
        self.about.set(Some(About {
            name: file.name(),
            size: file.size() as u64,
            modified: file.last_modified() as i64,
        }));
        self.file.set(file);
        self.looked.set(None);
        self.gone.set(false);
        self.broken.set(false);
        self.read_as(Reading::default());
    }

    /// Reads the beginning of the file with the chosen format.
    pub fn read_as(self, reading: Reading) {
        self.reading.set(reading);
        self.file.with(|file| {
            if let Some(file) = file {
                self.worker.look(file, &reading);
            }
        });
    }

    /// Returns the chosen format.
    pub fn reading(self) -> Reading {
        self.reading.get_untracked()
    }

    /// Returns the column mapping.
    pub fn mapping(self) -> Mapping {
        Mapping {
            targets: self.targets.get(),
            name_order: self.name_order.get(),
            calling_code: CallingCode::parse(&self.calling_code.get()).unwrap_or_default(),
        }
    }

    /// Checks the whole file.
    pub fn check(self) {
        let Some(looked) = self.looked.get_untracked() else {
            return;
        };
        let checked = Checked {
            dialect: looked.dialect,
            mapping: untrack(|| self.mapping()),
            options: untrack(|| self.options.draft()),
        };
        let Ok(options) = checked.options.parse() else {
            return;
        };
        let roles = self.roles.with_value(|roles| roles.named.clone());
        self.progress.set(None);
        self.counts.set(Counts::default());
        self.shown.set(Shown::default());
        self.upload.reset();
        self.worker.task(
            "check",
            &Choices {
                dialect: checked.dialect,
                mapping: checked.mapping.clone(),
                options,
                roles,
            },
        );
        self.checked.set_value(Some(checked));
        self.step.set(Step::Check);
    }

    /// Returns the fault that ended the check early.
    pub fn stop(self) -> Option<Fault> {
        self.progress
            .with(|progress| progress.as_ref().and_then(|it| it.stop))
    }

    /// Sends a request about the checked file.
    pub fn ask(self, ask: Ask) {
        let number = self.asked.try_update_value(|asked| {
            *asked += 1;
            *asked
        });
        if let Some(number) = number {
            self.worker.task("ask", &Asked { number, ask });
        }
    }

    /// Requests the download of invalid rows.
    pub fn save(self) {
        self.worker.task("save", &page_language());
    }

    fn hear(self, told: Tell) {
        match told {
            Tell::Looked(looked) => self.take(looked),
            Tell::Progress(progress) => {
                self.counts.set(progress.counts.clone());
                if progress.done {
                    self.shown.set(progress.shown.clone());
                }
                self.progress.set(Some(progress));
            }
            Tell::Shown {
                number,
                counts,
                shown,
            } => {
                // Answers to older requests are ignored.
                if self.asked.try_get_value() == Some(number) {
                    self.counts.set(counts);
                    self.shown.set(shown);
                }
            }
            Tell::Saved(address) => self.download(&address),
            Tell::Mended(edits) => self.upload.begin(self, edits),
            Tell::Sent { parts, of } => self.upload.sent(self, parts, of),
            Tell::NotSent(status) => self.upload.not_sent(status),
            Tell::Gone => {
                self.gone.set(true);
                self.start_over();
            }
            Tell::Broken => {
                self.broken.set(true);
                self.start_over();
            }
        }
    }

    fn start_over(self) {
        self.upload.cancel();
        self.step.set(Step::File);
    }

    fn take(self, looked: Looked) {
        let headers = looked.headers.clone();
        // With another format it is still the same file, so its mapping may have been chosen already.
        let is_known = self.looked.with_untracked(|before| {
            before
                .as_ref()
                .is_some_and(|before| before.headers == headers)
        });
        if is_known {
            self.looked.set(Some(looked));
            return;
        }
        self.targets.set(looked.mapping.targets.clone());
        self.name_order.set(looked.mapping.name_order);
        self.remembered.set(false);
        let readable = looked.fault.is_none() || !headers.is_empty();
        self.looked.set(Some(looked));
        if self.step.get_untracked() == Step::File {
            self.step.set(Step::Columns);
        }
        if !readable {
            return;
        }
        let slug = self.slug.get_value();
        let guessed = untrack(|| self.mapping());
        spawn_local(async move {
            let Ok(remembered) = remembered_mapping(slug, headers.clone()).await else {
                // The detected mapping is used.
                return;
            };
            let Some(mapping) = remembered.mapping else {
                return;
            };
            // In the meantime the page may have been closed, another file chosen, this one checked, or its columns
            // mapped by hand.
            let same = self.looked.try_with_untracked(|looked| {
                looked.as_ref().is_some_and(|it| it.headers == headers)
            });
            if same == Some(true)
                && self.step.get_untracked() == Step::Columns
                && untrack(|| self.mapping()) == guessed
            {
                self.targets.set(mapping.targets);
                self.name_order.set(mapping.name_order);
                let code = mapping.calling_code.map(u16::from);
                self.calling_code
                    .set(code.map(|code| format!("+{code}")).unwrap_or_default());
                self.remembered.set(true);
            }
        });
    }

    fn download(self, address: &str) {
        use wasm_bindgen::JsCast;
        let Ok(link) = document().create_element("a") else {
            return;
        };
        let name = self
            .about
            .with_untracked(|about| about.as_ref().map(|about| about.name.clone()))
            .unwrap_or_default();
        let name = name
            .rsplit_once('.')
            .map_or(name.as_str(), |(stem, _)| stem);
        if let Ok(link) = link.dyn_into::<web_sys::HtmlAnchorElement>() {
            link.set_href(address);
            link.set_download(&format!("{name}-to-mend.csv"));
            link.click();
        }
    }
}
