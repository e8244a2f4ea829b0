//! What every form control shares: ids that are the same on server and browser, and the rule that
//! what a person typed before the page came alive is kept.

use leptos::{html::ElementType, prelude::*};
use wasm_bindgen::JsCast;

/// The ids of a control and of what describes it. They derive from the name alone, so that the
/// server and the browser write the same page.
#[derive(Clone)]
pub(super) struct Ids {
    pub control: String,
    pub hint: String,
    pub error: String,
}

impl Ids {
    pub(super) fn new(name: &str, id: Option<String>) -> Self {
        let control = id.unwrap_or_else(|| {
            let safe: String = name
                .chars()
                .map(|character| {
                    if character.is_ascii_alphanumeric() {
                        character
                    } else {
                        '-'
                    }
                })
                .collect();
            format!("field-{safe}")
        });
        Self {
            hint: format!("{control}-hint"),
            error: format!("{control}-error"),
            control,
        }
    }

    /// The value of `aria-describedby`: only what is there.
    pub(super) fn described_by(
        &self,
        hint: bool,
        error: bool,
        also: Option<&str>,
    ) -> Option<String> {
        let parts: Vec<&str> = [
            error.then_some(self.error.as_str()),
            hint.then_some(self.hint.as_str()),
            also,
        ]
        .into_iter()
        .flatten()
        .collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    }
}

/// A control of the page whose text can be read and written.
pub(super) trait Typed {
    fn typed(&self) -> String;
    fn put(&self, text: &str);
}

impl Typed for web_sys::HtmlInputElement {
    fn typed(&self) -> String {
        self.value()
    }
    fn put(&self, text: &str) {
        self.set_value(text);
    }
}

impl Typed for web_sys::HtmlTextAreaElement {
    fn typed(&self) -> String {
        self.value()
    }
    fn put(&self, text: &str) {
        self.set_value(text);
    }
}

impl Typed for web_sys::HtmlSelectElement {
    fn typed(&self) -> String {
        self.value()
    }
    fn put(&self, text: &str) {
        self.set_value(text);
    }
}

/// Ties a control to its signal. Once, when the page comes alive, the control wins: it may hold
/// what was typed meanwhile, or what the browser restored. From then on the signal leads.
/// `ready` says whether the control can hold its value yet: a list may still wait for its choices.
pub(super) fn keep_typed<E>(
    node: NodeRef<E>,
    value: RwSignal<String>,
    rendered: String,
    ready: impl Fn() -> bool + 'static,
) where
    E: ElementType + 'static,
    E::Output: Typed + JsCast + Clone + 'static,
{
    Effect::new(move |settled: Option<bool>| {
        let wanted = value.get();
        let (true, Some(control)) = (ready(), node.get()) else {
            return false;
        };
        let shown = control.typed();
        if settled != Some(true) && shown != rendered {
            value.set(shown);
        } else if shown != wanted {
            control.put(&wanted);
        }
        true
    });
}

/// `autofocus` for pages that came by client-side navigation, where the browser ignores the
/// attribute. It never takes the focus from something the person chose.
pub(super) fn focus_when_shown<E>(node: NodeRef<E>)
where
    E: ElementType + 'static,
    E::Output: AsRef<web_sys::HtmlElement> + JsCast + Clone + 'static,
{
    Effect::new(move |_| {
        let Some(control) = node.get() else { return };
        let free = document()
            .active_element()
            .is_none_or(|active| matches!(active.tag_name().as_str(), "BODY" | "MAIN"));
        if free {
            // An element that cannot take focus just does not: nothing is lost.
            let _ = AsRef::<web_sys::HtmlElement>::as_ref(&control).focus();
        }
    });
}

/// Moves the focus to the first control that was refused, after the page has shown the problems.
pub fn focus_first_invalid() {
    #[cfg(feature = "hydrate")]
    request_animation_frame(|| {
        if let Ok(Some(control)) = document().query_selector("[aria-invalid='true']")
            && let Some(control) = control.dyn_ref::<web_sys::HtmlElement>()
        {
            let _ = control.focus();
        }
    });
}

/// The line below a control that says what is wrong with it; spoken when it appears.
#[component]
pub(super) fn ProblemLine(id: String, error: super::MaybeWords) -> impl IntoView {
    view! {
        <div class="problem" aria-live="polite">
            {move || {
                error.get().map(|text| view! {
                    <p class="err" id=id.clone()>
                        <super::Icon name=super::IconName::CircleAlert/>
                        <span>{text}</span>
                    </p>
                })
            }}
        </div>
    }
    .into_any()
}
