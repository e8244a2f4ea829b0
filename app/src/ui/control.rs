//! Shared parts of form controls: ids that are equal on server and browser, and the rule that input typed before
//! hydration is kept.

use leptos::{html::ElementType, prelude::*};
use wasm_bindgen::JsCast;

/// The ids of a control and its descriptions. They derive from the name, so the server and the browser render the same.
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

    /// Returns the value of `aria-describedby`, without absent elements.
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

/// A control whose text can be read and written.
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

/// Binds a control to its signal. At hydration the control's value wins, because it may hold input typed before or
/// restored by the browser. From then on the signal wins.
///
/// `ready` returns whether the control can hold its value yet: a list may still wait for its options.
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

/// Focuses the control on pages reached by client-side navigation, where browsers ignore `autofocus`. It never takes
/// the focus from an element that the person chose.
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
            // If the element cannot take the focus, nothing happens.
            let _ = AsRef::<web_sys::HtmlElement>::as_ref(&control).focus();
        }
    });
}

/// Moves the focus to the first invalid control, after the problems are shown.
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

/// The problem below a control, announced when it appears.
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
