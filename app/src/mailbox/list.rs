//! The emails, newest first.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use rpc::{
    Refusal,
    mailbox::{MailRow, mailbox},
};

use crate::{
    server_resource::server_resource,
    shell::Refused,
    ui::{Banner, BannerKind, Brand, ButtonLink, EmptyState, IconName, PageHead, SkeletonText},
};

#[component]
pub fn MailboxPage() -> impl IntoView {
    let locale = use_locale();
    let mails = server_resource(mailbox);
    view! {
        <Title text=move || td_string!(locale, mailbox.title)/>
        <MailboxFrame>
            <Suspense fallback=move || view! { <SkeletonText lines=6 label=move || td_string!(locale, common.loading)/> }>
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

/// The frame of both pages, which belong to no institution.
#[component]
pub fn MailboxFrame(children: Children) -> impl IntoView {
    view! {
        <div class="mailbox-page">
            <header><Brand href="/"/></header>
            <main id="main">{children()}</main>
        </div>
    }
}

/// The notice that these emails were not delivered.
#[component]
pub fn NowhereElse() -> impl IntoView {
    let locale = use_locale();
    view! { <Banner kind=BannerKind::Wait>{td!(locale, mailbox.banner)}</Banner> }
}

#[component]
fn Mails(mails: Vec<MailRow>) -> impl IntoView {
    let locale = use_locale();
    view! {
        <PageHead
            title=move || td_string!(locale, mailbox.title)
            text=Some(td_string!(locale, mailbox.text).to_owned())
        >
            <ButtonLink href="/" attr:rel="external">{td!(locale, mailbox.to_app)}</ButtonLink>
        </PageHead>
        <NowhereElse/>
        {if mails.is_empty() {
            view! {
                <EmptyState
                    icon=IconName::Inbox
                    title=move || td_string!(locale, mailbox.empty_title)
                    text=move || td_string!(locale, mailbox.empty_text)
                />
            }
            .into_any()
        } else {
            view! {
                <div class="card">
                    <ul class="mailbox" aria-label=move || td_string!(locale, mailbox.list)>
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
