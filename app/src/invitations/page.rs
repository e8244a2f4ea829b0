//! The page that invites.

use leptos::prelude::*;
use leptos_meta::Title;
use muster::draft::InviteDraft;

use super::{
    api::{InviteReport, role_choices},
    form::InviteForm,
};
use crate::{
    failure::Refusal,
    form::Form,
    i18n::*,
    shell::{Refused, use_shell},
    ui::{PageHead, SkeletonText},
};

#[component]
pub fn InvitePage() -> impl IntoView {
    let i18n = use_i18n();
    let shell = use_shell();
    let slug = shell.slug();
    let form = Form::<InviteDraft, InviteReport>::new("invite", InviteDraft::default());
    let roles = Resource::new(|| (), move |()| role_choices(slug.clone()));
    view! {
        <Title text=move || tu_string!(i18n, invitations.title)/>
        <Suspense fallback=move || view! { <SkeletonText lines=6 label=move || tu_string!(i18n, common.loading)/> }>
            {move || {
                let form = form.clone();
                Suspend::new(async move {
                    match roles.await {
                        Ok(roles) => view! {
                            <div class="invite-page">
                                <PageHead
                                    title=move || tu_string!(i18n, invitations.title)
                                    text=Some(tu_string!(i18n, invitations.text).to_owned())
                                    back=(shell.path("users"), (move || tu_string!(i18n, home.users)).into())
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
