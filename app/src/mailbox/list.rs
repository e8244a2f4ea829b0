//! The mails, newest first.

use leptos::prelude::*;
use leptos_meta::Title;

use super::api::{MailRow, mailbox};
use crate::{
    failure::Refusal,
    i18n::*,
    shell::Refused,
    ui::{Banner, BannerKind, Brand, ButtonLink, EmptyState, IconName, PageHead, SkeletonText},
};

#[component]
pub fn MailboxPage() -> impl IntoView {
    let i18n = use_i18n();
    let mails = Resource::new(|| (), |()| mailbox());
    view! {
        <Title text=move || tu_string!(i18n, mailbox.title)/>
        <MailboxFrame>
            <Suspense fallback=move || view! { <SkeletonText lines=6 label=move || tu_string!(i18n, common.loading)/> }>
                {move || Suspend::new(async move {
                    match mails.await {
                        Ok(mails) => view! { <Mails mails/> }.into_any(),
                        Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                    }
                })}
            </Suspense>
        </MailboxFrame>
    }
}

/// The page around both: it belongs to no institution.
#[component]
pub fn MailboxFrame(children: Children) -> impl IntoView {
    view! {
        <div class="mailbox-page">
            <header><Brand href="/"/></header>
            <main id="main">{children()}</main>
        </div>
    }
}

/// Where these mails went, which is nowhere.
#[component]
pub fn NowhereElse() -> impl IntoView {
    let i18n = use_i18n();
    view! { <Banner kind=BannerKind::Wait>{tu!(i18n, mailbox.banner)}</Banner> }
}

#[component]
fn Mails(mails: Vec<MailRow>) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <PageHead
            title=move || tu_string!(i18n, mailbox.title)
            text=Some(tu_string!(i18n, mailbox.text).to_owned())
        >
            <ButtonLink href="/" attr:rel="external">{tu!(i18n, mailbox.to_app)}</ButtonLink>
        </PageHead>
        <NowhereElse/>
        {if mails.is_empty() {
            view! {
                <EmptyState
                    icon=IconName::Inbox
                    title=move || tu_string!(i18n, mailbox.empty_title)
                    text=move || tu_string!(i18n, mailbox.empty_text)
                />
            }
            .into_any()
        } else {
            view! {
                <div class="card">
                    <ul class="mailbox" aria-label=move || tu_string!(i18n, mailbox.list)>
                        {mails
                            .into_iter()
                            .map(|mail| view! {
                                <li>
                                    <a href=format!("/dev/mailbox/{}", mail.id)>
                                        <strong>{mail.to}</strong>
                                        <span>{mail.subject}</span>
                                        <small>{mail.at.text}</small>
                                    </a>
                                </li>
                            })
                            .collect_view()}
                    </ul>
                </div>
            }
            .into_any()
        }}
    }
}
