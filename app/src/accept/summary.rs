//! The summary of an invitation: inviter, institution, role, expiry.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use rpc::accept::AcceptView;

use crate::ui::{Address, Fact, Facts, Tile};

/// The header of an open invitation's page.
#[component]
pub(super) fn Summary(view: AcceptView) -> impl IntoView {
    let locale = use_locale();
    let institution = view.institution.clone();
    let inviter = view.inviter;
    let invited_by = match (&view.signed_in_as, view.may_confirm) {
        (None, _) => td!(locale, accept.invited_by, inviter = inviter).into_any(),
        (Some(_), true) => td!(locale, accept.confirm_invited_by, inviter = inviter).into_any(),
        (Some(_), false) => td!(locale, accept.invited_by_plain, inviter = inviter).into_any(),
    };
    let left = use_say().of_time_left(view.seconds_left);
    view! {
        <Title text=move || td_string!(locale, accept.join, institution = institution.clone())/>
        <Tile name=view.institution.clone() key=view.institution.clone() large=true/>
        <h1>{td!(locale, accept.join, institution = view.institution)}</h1>
        <p class="lead">{invited_by}</p>
        <Note note=view.note/>
        <Facts>
            <Fact term=move || td_string!(locale, common.email)><Address email=view.email/></Fact>
            <Fact term=move || td_string!(locale, common.role)>{view.role}</Fact>
            <Fact term=move || td_string!(locale, accept.open_until)>
                {view.until.text} " " {view.until.zone}
                <span class="muted left">{left}</span>
            </Fact>
        </Facts>
    }
}

/// The inviter's note, set apart from the page's own text.
#[component]
pub(super) fn Note(note: String) -> impl IntoView {
    (!note.is_empty()).then(|| view! { <blockquote class="note" dir="auto">{note}</blockquote> })
}
