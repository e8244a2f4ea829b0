//! The confirmation of removing a member.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use super::{
    actions::{Actions, Whom},
    revoke::close_when_refused,
};
use crate::{
    shell::use_shell,
    ui::{Button, ButtonKind, Dialog, DialogCloser, Icon, IconName, use_toasts},
};

/// The dialog's id.
pub(super) const REMOVE: &str = "remove";

/// Asks for confirmation, with the person's name and the consequences.
#[component]
pub(super) fn RemoveDialog(whom: Whom, actions: Actions) -> impl IntoView {
    let locale = use_locale();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let shell = use_shell();
    let list = shell.path("users");
    let institution = shell
        .get()
        .map(|view| view.institution.name)
        .unwrap_or_default();
    let form = actions.remove.clone();
    let pending = form.pending;
    let open = RwSignal::new(false);
    let name = whom.name.clone();
    let title = td_string!(locale, users.remove_title, name = name.clone());
    let consequences = [
        (
            IconName::Ban,
            td_string!(
                locale,
                users.remove_access,
                name = name.clone(),
                institution = institution
            ),
        ),
        (
            IconName::MailX,
            td_string!(locale, users.remove_invitations, name = name),
        ),
        (
            IconName::IdCard,
            td_string!(locale, users.remove_account).to_owned(),
        ),
        (
            IconName::Clock,
            td_string!(locale, users.remove_kept).to_owned(),
        ),
    ];
    close_when_refused(REMOVE, form.failure);
    let send = move |event: SubmitEvent| {
        actions.begin();
        let (navigate, list, name) = (navigate.clone(), list.clone(), whom.name.clone());
        form.submit(
            &event,
            rpc::users::remove_user(whom.slug.clone(), whom.id.clone()),
            move |()| {
                toasts.ok(td_string!(locale, users.removed, name = name.clone()));
                navigate(&list, NavigateOptions::default());
            },
        );
    };
    view! {
        <Dialog id=REMOVE title=title close_word=move || td_string!(locale, common.close) open=open>
            <ul class="consequences">
                {consequences
                    .into_iter()
                    .map(|(icon, words)| view! { <li><Icon name=icon/><span>{words}</span></li> })
                    .collect_view()}
            </ul>
            <form method="post" on:submit=send>
                <input type="hidden" name="intent" value="remove_user"/>
                <div class="actions">
                    <DialogCloser dialog=REMOVE>{td!(locale, common.cancel)}</DialogCloser>
                    <Button submit=true kind=ButtonKind::Destroy icon=IconName::Trash2 pending=pending>
                        {td!(locale, users.remove_confirm)}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
}
