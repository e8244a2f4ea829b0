//! The confirmation of revoking an invitation.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};
use muster::failure::Failure;
use wasm_bindgen::JsCast;

use super::actions::{Actions, Whom};
use crate::{
    shell::use_shell,
    ui::{Button, ButtonKind, Dialog, DialogCloser, IconName, use_toasts},
};

/// The dialog's id.
pub(super) const REVOKE: &str = "revoke";

/// Asks for confirmation, with the person's name.
#[component]
pub(super) fn RevokeDialog(whom: Whom, actions: Actions) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let list = use_shell().path("users");
    let form = actions.revoke.clone();
    let pending = form.pending;
    let open = RwSignal::new(false);
    let (title, text) = (
        td_string!(locale, users.revoke_title, name = whom.name.clone()),
        td_string!(locale, users.revoke_text, name = whom.name.clone()),
    );
    close_when_refused(REVOKE, form.failure);
    let send = move |event: SubmitEvent| {
        actions.begin();
        let (navigate, list, name) = (navigate.clone(), list.clone(), whom.name.clone());
        form.submit(
            &event,
            rpc::invitations::revoke(whom.slug.clone(), whom.id.clone()),
            move |()| {
                toasts.ok(td_string!(locale, users.revoked, name = name.clone()));
                navigate(&list, NavigateOptions::default());
            },
        );
    };
    view! {
        <Dialog
            id=REVOKE
            title=title
            text=Some(text)
            close_word=move || td_string!(locale, common.close)
            open=open
        >
            <form method="post" on:submit=send>
                <input type="hidden" name="intent" value="revoke"/>
                <div class="actions">
                    <DialogCloser dialog=REVOKE>{td!(locale, common.cancel)}</DialogCloser>
                    <Button submit=true kind=ButtonKind::Danger icon=IconName::Ban pending=pending>
                        {td!(locale, users.revoke_confirm)}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
}

/// Closes a dialog after its form failed, because it would cover the failure on the page.
pub(super) fn close_when_refused(id: &'static str, failure: RwSignal<Option<Failure>>) {
    Effect::new(move |_| {
        if failure.with(Option::is_some)
            && let Some(dialog) = document().get_element_by_id(id)
            && let Ok(dialog) = dialog.dyn_into::<web_sys::HtmlDialogElement>()
            && dialog.open()
        {
            dialog.close();
        }
    });
}
