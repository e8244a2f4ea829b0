//! The upload, from the checked file to its plan: the import is begun, the file's parts and then the corrections are
//! sent, and the server checks everything again. After a reload it continues with the missing parts.

use i18n::*;
use leptos::{prelude::*, task::spawn_local};
use muster::{draft::ImportDraft, failure::Failure};
use rpc::{
    Refusal,
    imports::{EditsDraft, MAX_EDITS, PART_BYTES, begin_import, edit_import, plan_import},
};

use super::{
    super::checking::{Ask, Parts},
    importing::Importing,
};
use crate::form::go;

/// The name under which an upload's key is stored while the window is open.
const KEPT_KEY: &str = "muster-import";

/// The upload of a file.
#[derive(Clone, Copy)]
pub struct Upload {
    pub pending: RwSignal<bool>,
    /// The number of uploaded parts and the total number.
    pub parts: RwSignal<Option<(u32, u32)>>,
    /// Why the upload did not continue.
    pub trouble: RwSignal<Option<String>>,
    begun: StoredValue<Option<(String, EditsDraft)>>,
    locale: Locale,
    say: Say,
}

impl Upload {
    pub fn new() -> Self {
        Self {
            pending: RwSignal::new(false),
            parts: RwSignal::new(None),
            trouble: RwSignal::new(None),
            begun: StoredValue::new(None),
            locale: use_locale(),
            say: use_say(),
        }
    }

    /// Resets the upload for other options.
    pub fn reset(self) {
        self.trouble.set(None);
        self.parts.set(None);
    }

    /// Requests the corrections; from now on the rows can't be changed.
    pub fn start(self, importing: Importing) {
        self.reset();
        self.pending.set(true);
        importing.ask(Ask::Mended);
    }

    /// Cancels the upload because the file can no longer be sent.
    pub fn cancel(self) {
        self.pending.set(false);
        self.begun.set_value(None);
    }

    /// Begins the import with the corrections.
    pub fn begin(self, importing: Importing, edits: EditsDraft) {
        let Some(draft) = untrack(|| draft(importing)) else {
            self.cancel();
            return;
        };
        let slug = importing.slug.get_value();
        spawn_local(async move {
            let begun = begin_import(slug.clone(), draft).await;
            // By now the page may have been closed or the worker lost.
            if self.pending.try_get_untracked() != Some(true) {
                return;
            }
            match begun {
                Ok(begun) => {
                    let to = format!("/i/{slug}/imports/{}/parts/", begun.id);
                    self.begun.set_value(Some((begun.id, edits)));
                    importing.worker.task(
                        "send",
                        &Parts {
                            to,
                            bytes: PART_BYTES,
                            there: begun.parts,
                        },
                    );
                }
                Err(Refusal(failure)) => self.fail(&failure),
            }
        });
    }

    /// Records the upload's progress.
    pub fn sent(self, importing: Importing, parts: u32, of: u32) {
        self.parts.set(Some((parts, of)));
        if parts < of {
            return;
        }
        let Some((id, edits)) = self.begun.try_update_value(Option::take).flatten() else {
            return;
        };
        let slug = importing.slug.get_value();
        spawn_local(async move {
            match self.plan(&slug, &id, edits).await {
                Ok(()) => {
                    forget_key();
                    go(&format!("/i/{slug}/imports/{id}"));
                }
                Err(Refusal(failure)) => self.fail(&failure),
            }
        });
    }

    async fn plan(self, slug: &str, id: &str, edits: EditsDraft) -> Result<(), Refusal> {
        for some in batches(edits) {
            edit_import(slug.to_owned(), id.to_owned(), some).await?;
        }
        plan_import(slug.to_owned(), id.to_owned()).await
    }

    /// Records that a part was rejected.
    pub fn not_sent(self, status: u16) {
        self.fail(&match status {
            401 => Failure::Unauthenticated,
            403 => Failure::Forbidden,
            404 => Failure::NotFound,
            409 => Failure::Conflict,
            503 | 507 => Failure::Unavailable,
            0 => Failure::Unreachable,
            _ => {
                self.pending.set(false);
                let words = td_string!(self.locale, imports.part_refused, status = status);
                self.trouble.set(Some(words));
                return;
            }
        });
    }

    fn fail(self, failure: &Failure) {
        self.pending.set(false);
        self.trouble.set(Some(match failure {
            Failure::Conflict => td_string!(self.locale, imports.begun_otherwise).to_owned(),
            Failure::Invalid(problems) => {
                let words = problems.iter().map(|it| self.say.of_problem(&it.problem));
                words.collect::<Vec<_>>().join(" ")
            }
            other => self.say.of_failure(other),
        }));
        if matches!(failure, Failure::Conflict) {
            forget_key();
        }
    }
}

/// Splits the corrections into batches that the server accepts.
fn batches(edits: EditsDraft) -> Vec<EditsDraft> {
    let cells = edits.edits.chunks(MAX_EDITS).map(|some| EditsDraft {
        edits: some.to_vec(),
        ..EditsDraft::default()
    });
    let rows = edits.left_out.chunks(MAX_EDITS).map(|some| EditsDraft {
        left_out: some.to_vec(),
        ..EditsDraft::default()
    });
    let taken = edits.taken.chunks(MAX_EDITS).map(|some| EditsDraft {
        taken: some.to_vec(),
        ..EditsDraft::default()
    });
    cells.chain(rows).chain(taken).collect()
}

fn draft(importing: Importing) -> Option<ImportDraft> {
    let about = importing.about.get()?;
    let checked = importing.checked.get_value()?;
    let mut draft = ImportDraft {
        file_name: about.name.clone(),
        size: about.size,
        encoding: checked.dialect.encoding.code().to_owned(),
        delimiter: checked.dialect.delimiter.code().to_owned(),
        sha256: String::new(),
        key: String::new(),
        mapping: checked.mapping,
        options: checked.options,
    };
    let print = format!("{}:{}", about.modified, serde_json::to_string(&draft).ok()?);
    draft.key = key_of(&print);
    Some(draft)
}

fn storage() -> Option<web_sys::Storage> {
    web_sys::window()?.session_storage().ok().flatten()
}

/// Returns the key of this file with these options: the stored one, if there is one.
fn key_of(print: &str) -> String {
    let kept = storage().and_then(|storage| storage.get_item(KEPT_KEY).ok().flatten());
    let known = kept.as_deref().and_then(|kept| kept.split_once(' '));
    if let Some((key, _)) = known.filter(|(_, of)| *of == print) {
        return key.to_owned();
    }
    let mut bytes = [0; 16];
    if let Some(crypto) = web_sys::window().and_then(|window| window.crypto().ok()) {
        // Without randomness the key would equal that of another import, and the server would reject it.
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    let key = format!("{:032x}", u128::from_be_bytes(bytes));
    if let Some(storage) = storage() {
        // If the browser stores nothing, a reload restarts the upload.
        let _ = storage.set_item(KEPT_KEY, &format!("{key} {print}"));
    }
    key
}

fn forget_key() {
    if let Some(storage) = storage() {
        let _ = storage.remove_item(KEPT_KEY);
    }
}
