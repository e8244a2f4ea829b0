//! The actions of an import: apply, stop, resume, undo, discard, and downloads. All work without scripts.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};
use muster::import::{Access, ImportState};
use rpc::imports::{
    apply_import, discard_import, leave_out_refused, plan_import, resume_import, send_import,
    stop_import, undo_import, unschedule_import,
};

use super::following::Following;
use crate::{
    ui::{Button, ButtonKind, ButtonLink, Dialog, DialogCloser, DialogOpener, IconName},
    users::in_full,
};

/// The ids of the dialogs.
const UNDO: &str = "undo-import";
const DISCARD: &str = "discard-import";

/// An action, with its name in a posted form.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Plan,
    Apply,
    Stop,
    Resume,
    Undo,
    Discard,
    LeaveOut,
    Send,
    Unschedule,
}

impl Action {
    /// All actions.
    pub const ALL: [Self; 9] = [
        Self::Plan,
        Self::Apply,
        Self::Stop,
        Self::Resume,
        Self::Undo,
        Self::Discard,
        Self::LeaveOut,
        Self::Send,
        Self::Unschedule,
    ];

    /// Returns the action's name in a posted form.
    pub const fn intent(self) -> &'static str {
        match self {
            Self::Plan => "plan_import",
            Self::Apply => "apply_import",
            Self::Stop => "stop_import",
            Self::Resume => "resume_import",
            Self::Undo => "undo_import",
            Self::Discard => "discard_import",
            Self::LeaveOut => "leave_out_refused",
            Self::Send => "send_import",
            Self::Unschedule => "unschedule_import",
        }
    }

    fn run(self, following: Following) {
        let (slug, id) = (following.slug.get_value(), following.id());
        match self {
            Self::Plan => following.act(plan_import(slug, id)),
            Self::Apply => following.act(apply_import(slug, id)),
            Self::Stop => following.act(stop_import(slug, id)),
            Self::Resume => following.act(resume_import(slug, id)),
            Self::Undo => following.act(undo_import(slug, id)),
            Self::Discard => following.act(discard_import(slug, id)),
            Self::LeaveOut => following.act(leave_out_refused(slug, id)),
            Self::Send => following.act(send_import(slug, id)),
            Self::Unschedule => following.act(unschedule_import(slug, id)),
        }
    }
}

#[component]
pub fn Actions(following: Following) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let view = following.view;
    let may = Memo::new(move |_| {
        view.with(|it| {
            [
                it.may_apply,
                it.may_stop,
                it.may_resume,
                it.may_undo,
                it.may_discard,
                it.may_leave_out,
                it.may_send,
            ]
        })
    });
    let count = move |count: u32| grouped(locale, count.into());
    let apply_words = move || {
        let (plan, access) = view.with(|it| (it.plan.unwrap_or_default(), it.options.access));
        match (plan.invite, plan.update) {
            (0, 0) => td_string!(locale, imports.apply).to_owned(),
            (1, 0) if access == Access::Passwords => {
                td_string!(locale, imports.apply_accounts_singular).to_owned()
            }
            (accounts, 0) if access == Access::Passwords => td_string!(
                locale,
                imports.apply_accounts_plural,
                count = count(accounts)
            ),
            (1, update) if access == Access::Passwords => td_string!(
                locale,
                imports.apply_accounts_and_update_singular,
                update = count(update)
            ),
            (accounts @ 2.., update) if access == Access::Passwords => td_string!(
                locale,
                imports.apply_accounts_and_update_plural,
                accounts = count(accounts),
                update = count(update)
            ),
            (invite, 0) => td_string!(locale, imports.apply_invite, count = count(invite)),
            (0, update) => td_string!(locale, imports.apply_update, count = count(update)),
            (invite, update) => td_string!(
                locale,
                imports.apply_both,
                invite = count(invite),
                update = count(update)
            ),
        }
    };
    // All parts have been uploaded, but the check was never requested.
    let may_plan =
        move || view.with(|it| it.state == ImportState::Uploading && it.parts == it.parts_expected);
    let may_plan_anew = move || view.with(|it| it.state == ImportState::Failed && it.may_discard);
    // If the import can be applied without them, rejected rows do not block it.
    let may_leave_out = move || may.get()[5] && !may.get()[0];
    let leave_out_words = move || match view.with(|it| it.plan.map_or(0, |plan| plan.refused)) {
        1 => td_string!(locale, imports.leave_out_refused_singular).to_owned(),
        refused => td_string!(
            locale,
            imports.leave_out_refused_plural,
            count = count(refused)
        ),
    };
    let send_words = move || view.with(|it| words.send_waiting(it.options.access, it.waiting));
    let may_unschedule = move || view.with(|it| it.may_schedule && it.sends_at.is_some());
    let lacks_parts =
        move || view.with(|it| it.state == ImportState::Uploading && it.parts < it.parts_expected);
    let new_path = format!("/i/{}/imports/new", following.slug.get_value());
    let has_report = move || view.with(|it| it.done.is_some() && !it.state.is_under_way());
    let undo_until = move || {
        view.with(|it| {
            let until = it.undo_until.as_ref().filter(|_| it.may_undo)?;
            Some(td_string!(
                locale,
                imports.undo_until,
                until = in_full(until)
            ))
        })
    };
    view! {
        <div class="import-actions">
            {move || may.get()[0].then(|| view! {
                <One following action=Action::Apply kind=ButtonKind::Primary icon=IconName::Check>{apply_words}</One>
            })}
            {move || may_plan().then(|| view! {
                <One following action=Action::Plan kind=ButtonKind::Primary icon=IconName::ArrowRight>
                    {td!(locale, imports.plan_now)}
                </One>
            })}
            {move || may_leave_out().then(|| view! {
                <One following action=Action::LeaveOut kind=ButtonKind::Primary icon=IconName::Ban>
                    {leave_out_words}
                </One>
            })}
            {move || may_plan_anew().then(|| view! {
                <One following action=Action::Plan kind=ButtonKind::Plain icon=IconName::RefreshCw>
                    {td!(locale, imports.plan_anew)}
                </One>
            })}
            {move || may.get()[6].then(|| view! {
                <One following action=Action::Send kind=ButtonKind::Primary icon=IconName::Send>{send_words}</One>
            })}
            {move || may_unschedule().then(|| view! {
                <One following action=Action::Unschedule kind=ButtonKind::Plain icon=IconName::CalendarX>
                    {td!(locale, imports.unschedule)}
                </One>
            })}
            {move || lacks_parts().then(|| view! {
                <ButtonLink href=new_path.clone() kind=ButtonKind::Primary icon=IconName::Upload>
                    {td!(locale, imports.choose_again)}
                </ButtonLink>
            })}
            {move || may.get()[2].then(|| view! {
                <One following action=Action::Resume kind=ButtonKind::Primary icon=IconName::ArrowRight>
                    {td!(locale, imports.resume)}
                </One>
            })}
            {move || may.get()[1].then(|| view! {
                <One following action=Action::Stop kind=ButtonKind::Plain icon=IconName::CirclePause>
                    {td!(locale, imports.stop)}
                </One>
            })}
            {move || has_report().then(|| view! { <Files following/> })}
            {move || may.get()[3].then(|| view! {
                <DialogOpener dialog=UNDO icon=IconName::Undo2>{td!(locale, imports.undo)}</DialogOpener>
            })}
            {move || may.get()[4].then(|| view! {
                <DialogOpener dialog=DISCARD kind=ButtonKind::Danger icon=IconName::Trash2>
                    {td!(locale, imports.discard)}
                </DialogOpener>
            })}
            {move || undo_until().map(|words| view! { <span class="muted">{words}</span> })}
        </div>
        <Question
            following
            id=UNDO
            action=Action::Undo
            title=td_string!(locale, imports.undo_title)
            text=words.undo(view.with_untracked(|it| it.options.access))
            confirm=td_string!(locale, imports.undo_confirm)
        />
        <Question
            following
            id=DISCARD
            action=Action::Discard
            title=td_string!(locale, imports.discard_title)
            text=td_string!(locale, imports.discard_text)
            confirm=td_string!(locale, imports.discard_confirm)
        />
    }
}

#[component]
fn One(
    following: Following,
    action: Action,
    kind: ButtonKind,
    icon: IconName,
    children: Children,
) -> impl IntoView {
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        action.run(following);
    };
    view! {
        <form method="post" on:submit=send>
            <Button submit=true name="intent" value=action.intent() kind icon pending=following.pending>
                {children()}
            </Button>
        </form>
    }
    .into_any()
}

/// Asks for confirmation of a destructive action.
#[component]
fn Question(
    following: Following,
    id: &'static str,
    action: Action,
    title: &'static str,
    text: &'static str,
    confirm: &'static str,
) -> impl IntoView {
    let locale = use_locale();
    let open = RwSignal::new(false);
    let send = move |event: SubmitEvent| {
        event.prevent_default();
        close(id);
        action.run(following);
    };
    view! {
        <Dialog id=id title=title text=text close_word=td_string!(locale, common.close) open>
            <form method="post" on:submit=send>
                <div class="actions">
                    <DialogCloser dialog=id>{td!(locale, common.cancel)}</DialogCloser>
                    <Button
                        submit=true
                        name="intent"
                        value=action.intent()
                        kind=ButtonKind::Destroy
                        pending=following.pending
                    >
                        {confirm}
                    </Button>
                </div>
            </form>
        </Dialog>
    }
    .into_any()
}

fn close(id: &str) {
    use wasm_bindgen::JsCast;
    if let Some(dialog) = document().get_element_by_id(id)
        && let Some(dialog) = dialog.dyn_ref::<web_sys::HtmlDialogElement>()
    {
        dialog.close();
    }
}

/// The downloads: the person's own file with the result of each row, and the rejected rows only.
#[component]
fn Files(following: Following) -> impl IntoView {
    let locale = use_locale();
    let refused = following
        .view
        .with_untracked(|it| it.done.is_some_and(|done| done.refused > 0));
    view! {
        <ButtonLink href=following.path("/report.csv") icon=IconName::Download attr:rel="external" attr:download="">
            {td!(locale, imports.report)}
        </ButtonLink>
        {refused.then(|| view! {
            <ButtonLink href=following.path("/report.csv?only=failed") icon=IconName::Download attr:rel="external" attr:download="">
                {td!(locale, imports.report_failed)}
            </ButtonLink>
        })}
    }
}
