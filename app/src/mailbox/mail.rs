//! One mail: as a mail program shows it, and its text part. Its markup is shut up in a frame that may
//! run nothing; its links open in the page itself.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;
use muster::failure::Failure;

use super::{
    api::{MailRow, mail},
    list::{MailboxFrame, NowhereElse},
};
use crate::{
    failure::Refusal,
    i18n::*,
    shell::Refused,
    ui::{Fact, Facts, Icon, IconName, SkeletonText},
};

#[component]
pub fn MailPage() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    let found = Resource::new(
        move || id.get(),
        |id| async move {
            if let Ok(id) = id.parse() {
                mail(id).await
            } else {
                #[cfg(feature = "ssr")]
                crate::backend::set_status(&Failure::NotFound);
                Err(Refusal(Failure::NotFound))
            }
        },
    );
    view! {
        <MailboxFrame>
            <Suspense fallback=move || view! { <SkeletonText lines=8 label=move || tu_string!(i18n, common.loading)/> }>
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
    let i18n = use_i18n();
    let subject = mail.subject.clone();
    view! {
        <Title text=mail.subject.clone()/>
        <nav class="head" aria-label=move || tu_string!(i18n, common.back)>
            <a class="back" href="/dev/mailbox">
                <Icon name=IconName::ArrowLeft/>
                {tu!(i18n, mailbox.back)}
            </a>
        </nav>
        <NowhereElse/>
        <div class="stack">
            <article class="card mail">
                <header>
                    <h1>{mail.subject}</h1>
                    <Facts>
                        <Fact term=move || tu_string!(i18n, mailbox.to)>{mail.to}</Fact>
                        <Fact term=move || tu_string!(i18n, mailbox.at)>
                            {format!("{} {}", mail.at.text, mail.at.zone)}
                        </Fact>
                    </Facts>
                </header>
                <iframe
                    class="mail-frame"
                    title=move || tu_string!(i18n, mailbox.html, subject = subject.clone())
                    sandbox="allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"
                    src=format!("/dev/mailbox/{}/html", mail.id)
                ></iframe>
            </article>
            <section class="card mail">
                <header><h2>{tu!(i18n, mailbox.text_title)}</h2></header>
                <pre class="mail-text">{mail.text}</pre>
            </section>
        </div>
    }
}
