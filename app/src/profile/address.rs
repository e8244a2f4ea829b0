//! The sign-in address and, if it is not confirmed, the form that sends the confirmation email.

use i18n::*;
use leptos::prelude::*;
use rpc::profile::{ProfileView, confirm_address};

use crate::{
    form::Form,
    server_resource::ServerResource,
    session::{AccountField, for_account},
    ui::{Banner, BannerKind, Button, Chip, ChipKind, IconName},
};

/// The address, and whether it is confirmed.
#[component]
pub(super) fn Address(
    email: String,
    confirmed: bool,
    /// The account's reference.
    account: String,
    asked: ServerResource<ProfileView>,
    form: Form<(), ()>,
) -> impl IntoView {
    let locale = use_locale();
    let address = view! { <strong class="break">{email}</strong> };
    if confirmed {
        return view! {
            <p class="row">
                {address}
                <Chip kind=ChipKind::Active icon=IconName::BadgeCheck>{td!(locale, profile.confirmed)}</Chip>
            </p>
        }
        .into_any();
    }
    let say = use_say();
    let (answer, general, pending) = (form.answer, form.general(say), form.pending);
    let done = move || answer.with(Option::is_some);
    let reference = account.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        let sent = confirm_address(reference.clone());
        form.submit(&event, for_account(asked, sent), |()| ());
    };
    view! {
        <p class="row">
            {address}
            <Chip kind=ChipKind::Pending>{td!(locale, profile.not_confirmed)}</Chip>
        </p>
        <p class="lead">{td!(locale, profile.not_confirmed_text)}</p>
        // A live region must exist before its text is added.
        <div role="status">
            {move || done().then(|| view! {
                <Banner kind=BannerKind::Ok>{td!(locale, profile.confirm_sent)}</Banner>
            })}
        </div>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" on:submit=send hidden=done>
            <input type="hidden" name="intent" value="confirm_address"/>
            <AccountField account/>
            <Button submit=true pending=pending icon=IconName::Mail>{td!(locale, profile.confirm)}</Button>
        </form>
    }
    .into_any()
}
