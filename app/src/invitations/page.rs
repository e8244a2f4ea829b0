//! The invitation page.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use muster::draft::InviteDraft;
use rpc::{
    Refusal,
    invitations::{InviteReport, role_choices},
};

use super::form::InviteForm;
use crate::{
    form::Form,
    server_resource::server_resource,
    shell::{Refused, use_shell},
    ui::{PageHead, SkeletonText},
};

#[component]
pub fn InvitePage() -> impl IntoView {
    let locale = use_locale();
    let shell = use_shell();
    let slug = shell.slug();
    let form = Form::<InviteDraft, InviteReport>::new("invite", InviteDraft::default());
    let roles = server_resource(move || role_choices(slug.clone()));
    view! {
        <Title text=move || td_string!(locale, invitations.title)/>
        <Suspense fallback=move || view! { <SkeletonText lines=6 label=move || td_string!(locale, common.loading)/> }>
            {move || {
                let form = form.clone();
                Suspend::new(async move {
                    match roles.await {
                        Ok(roles) => view! {
                            <div class="invite-page">
                                <PageHead
                                    title=move || td_string!(locale, invitations.title)
                                    text=Some(td_string!(locale, invitations.text).to_owned())
                                    back=(shell.path("users"), (move || td_string!(locale, home.users)).into())
                                />
                                <InviteForm form roles/>
                            </div>
                        }
                        .into_any(),
                        Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}
