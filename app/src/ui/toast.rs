//! Toasts: short messages that disappear, with an optional Undo.

use std::time::Duration;

use leptos::{leptos_dom::helpers::TimeoutHandle, prelude::*};

use super::{Icon, IconName, Words};

/// How long a toast stays without pointer or focus.
const STAY: Duration = Duration::from_secs(8);

/// The kind of a toast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToastKind {
    Ok,
    Info,
    Bad,
}

/// A message with an optional action.
#[derive(Clone, Debug)]
pub struct Toast {
    kind: ToastKind,
    text: String,
    action: Option<(String, Callback<()>)>,
}

impl Toast {
    pub fn new(kind: ToastKind, text: impl Into<String>) -> Self {
        Self {
            kind,
            text: text.into(),
            action: None,
        }
    }

    /// Sets the action, such as Undo.
    #[must_use]
    pub fn action(mut self, text: impl Into<String>, run: Callback<()>) -> Self {
        self.action = Some((text.into(), run));
        self
    }
}

/// The toasts that are shown now. The handle is `Copy`.
#[derive(Clone, Copy, Debug)]
pub struct Toasts {
    shown: RwSignal<Vec<(u64, Toast)>>,
    next: StoredValue<u64>,
}

impl Toasts {
    pub fn show(self, toast: Toast) {
        let id = self.next.get_value();
        self.next.set_value(id + 1);
        self.shown.update(|shown| shown.push((id, toast)));
    }

    pub fn ok(self, text: impl Into<String>) {
        self.show(Toast::new(ToastKind::Ok, text));
    }

    pub fn info(self, text: impl Into<String>) {
        self.show(Toast::new(ToastKind::Info, text));
    }

    pub fn bad(self, text: impl Into<String>) {
        self.show(Toast::new(ToastKind::Bad, text));
    }

    fn dismiss(self, id: u64) {
        self.shown
            .update(|shown| shown.retain(|(other, _)| *other != id));
    }
}

/// Provides the page's toasts. Called once, at its root.
pub fn provide_toasts() -> Toasts {
    let toasts = Toasts {
        shown: RwSignal::new(Vec::new()),
        next: StoredValue::new(0),
    };
    provide_context(toasts);
    toasts
}

/// Returns the page's toasts. Without [`provide_toasts`] messages are dropped.
pub fn use_toasts() -> Toasts {
    use_context().unwrap_or_else(provide_toasts)
}

/// The container of the toasts. It is in the page from the start, because screen readers ignore a live region that is
/// added together with its text.
#[component]
pub fn ToastHost(#[prop(into)] label: Words, #[prop(into)] dismiss_word: Words) -> impl IntoView {
    let toasts = use_toasts();
    view! {
        <section class="toasts" aria-label=move || label.get()>
            <ol aria-live="polite" aria-relevant="additions">
                <For
                    each=move || toasts.shown.get()
                    key=|(id, _)| *id
                    children=move |(id, toast)| view! {
                        <ToastItem toast=toast dismiss_word=dismiss_word dismiss=move || toasts.dismiss(id)/>
                    }
                />
            </ol>
        </section>
    }
    .into_any()
}

/// A toast and its timer, which is paused while the pointer or the focus is on it.
#[component]
fn ToastItem(
    toast: Toast,
    dismiss_word: Words,
    dismiss: impl Fn() + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let clock = StoredValue::new(None::<TimeoutHandle>);
    let stop = move || {
        if let Some(running) = clock.try_update_value(Option::take).flatten() {
            running.clear();
        }
    };
    let start = {
        let dismiss = dismiss.clone();
        move || {
            stop();
            let dismiss = dismiss.clone();
            clock.set_value(set_timeout_with_handle(dismiss, STAY).ok());
        }
    };
    // The pointer may leave while the focus stays, and vice versa.
    let (pointed, focused) = (StoredValue::new(false), StoredValue::new(false));
    let settle = move || {
        if pointed.get_value() || focused.get_value() {
            stop();
        } else {
            start();
        }
    };
    Effect::new({
        let settle = settle.clone();
        move |_| settle()
    });
    on_cleanup(stop);

    let (class, icon) = match toast.kind {
        ToastKind::Ok => ("toast ok", IconName::CircleCheck),
        ToastKind::Info => ("toast info", IconName::Info),
        ToastKind::Bad => ("toast bad", IconName::CircleAlert),
    };
    let dismiss_by_action = dismiss.clone();
    let now = move |flag: StoredValue<bool>, holds: bool| {
        let settle = settle.clone();
        move || {
            flag.set_value(holds);
            settle();
        }
    };
    let (enter, leave) = (now(pointed, true), now(pointed, false));
    let (focus, blur) = (now(focused, true), now(focused, false));
    view! {
        <li
            class=class
            on:pointerenter=move |_| enter()
            on:pointerleave=move |_| leave()
            on:focusin=move |_| focus()
            on:focusout=move |_| blur()
        >
            <Icon name=icon/>
            <p>{toast.text}</p>
            {toast.action.map(|(text, run)| {
                let dismiss = dismiss_by_action.clone();
                view! {
                    <button
                        type="button"
                        class="btn"
                        on:click=move |_| {
                            run.run(());
                            dismiss();
                        }
                    >
                        {text}
                    </button>
                }
            })}
            <button
                type="button"
                class="btn ghost square"
                aria-label=move || dismiss_word.get()
                on:click=move |_| dismiss()
            >
                <Icon name=IconName::X/>
            </button>
        </li>
    }
    .into_any()
}
