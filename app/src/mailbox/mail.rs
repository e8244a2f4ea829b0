//! An email: its HTML part, as an email client shows it, and its text part. The HTML is in a frame that runs no
//! scripts; its links open in the page.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use muster::failure::Failure;
use rpc::{
    Refusal,
    mailbox::{MailRow, mail},
};

use super::list::{MailboxFrame, NowhereElse};
use crate::{
    shell::Refused,
    ui::{Fact, Facts, Icon, IconName, SkeletonText},
};

#[component]
pub fn MailPage() -> impl IntoView {
    let locale = use_locale();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let found = Resource::new(
        move || id.get(),
        |id| async move {
            if let Ok(id) = id.parse() {
                mail(id).await
            } else {
                #[cfg(feature = "ssr")]
                rpc::set_status(&Failure::NotFound);
                Err(Refusal(Failure::NotFound))
            }
        },
    );
    view! {
        <MailboxFrame>
            <Suspense fallback=move || view! { <SkeletonText lines=8 label=move || td_string!(locale, common.loading)/> }>
                {move || Suspend::new(async move {
                    match found.await {
                        Ok(mail) => view! { <Mail mail/> }.into_any(),
                        Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                    }
                })}
            </Suspense>
        </MailboxFrame>
    }
}

#[component]
fn Mail(mail: MailRow) -> impl IntoView {
    let locale = use_locale();
    let subject = mail.subject.clone();
    view! {
        <Title text=mail.subject.clone()/>
        <nav class="head" aria-label=move || td_string!(locale, common.back)>
            <a class="back" href="/dev/mailbox">
                <Icon name=IconName::ArrowLeft/>
                {td!(locale, mailbox.back)}
            </a>
        </nav>
        <NowhereElse/>
        <div class="stack">
            <article class="card mail">
                <header>
                    <h1>{mail.subject}</h1>
                    <Facts>
                        <Fact term=move || td_string!(locale, mailbox.to)>{mail.to}</Fact>
                        <Fact term=move || td_string!(locale, mailbox.at)>
                            {format!("{} {}", mail.at.text, mail.at.zone)}
                        </Fact>
                    </Facts>
                </header>
                <iframe
                    class="mail-frame"
                    title=move || td_string!(locale, mailbox.html, subject = subject.clone())
                    sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
                    src=format!("/dev/mailbox/{}/html", mail.id)
                ></iframe>
            </article>
            <section class="card mail">
                <header><h2>{td!(locale, mailbox.text_title)}</h2></header>
                <pre class="mail-text">{mail.text}</pre>
            </section>
        </div>
    }
}
