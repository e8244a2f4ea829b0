//! The view of an expired invitation: the time of expiry, the inviter, and how to get another one.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use rpc::accept::{AcceptView, ask_again};

use super::summary::Note;
use crate::{
    form::Form,
    link::LinkField,
    ui::{Address, Banner, BannerKind, Button, ButtonKind, Fact, Facts, Tile},
};

/// The page of an expired invitation. The only action is to request a new one, which administrators see in their list.
#[component]
pub(super) fn Expired(view: AcceptView, form: Form<(), ()>) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let since = say.of_time_left(view.seconds_left);
    let (answer, general, pending) = (form.answer, form.general(say), form.pending);
    let asked = Signal::derive(move || view.asked_again || answer.with(Option::is_some));
    let link = view.link.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        form.submit(&event, ask_again(link.clone()), |()| ());
    };
    let institution = view.institution.clone();
    view! {
        <Title text=move || td_string!(locale, accept.expired_title)/>
        <Tile name=view.institution.clone() key=view.institution.clone() large=true/>
        <h1>{td!(locale, accept.expired_title)}</h1>
        <p class="lead">
            {td!(locale, accept.expired_text, inviter = view.inviter, institution = view.institution)}
        </p>
        <Note note=view.note/>
        <Facts>
            <Fact term=move || td_string!(locale, common.email)><Address email=view.email/></Fact>
            <Fact term=move || td_string!(locale, common.role)>{view.role}</Fact>
            <Fact term=move || td_string!(locale, accept.expired_at)>
                {view.until.text} " " {view.until.zone}
                <span class="muted left">{since}</span>
            </Fact>
        </Facts>
        // A live region must exist before its text is added.
        <div role="status">
            {move || {
                let institution = institution.clone();
                asked.get().then(|| view! {
                    <Banner kind=BannerKind::Ok title=move || Some(td_string!(locale, accept.asked_title))>
                        {td!(locale, accept.asked_text, institution = institution)}
                    </Banner>
                })
            }}
        </div>
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form method="post" on:submit=send hidden=move || asked.get()>
            <input type="hidden" name="intent" value="ask_again"/>
            <LinkField link=view.link/>
            <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                {td!(locale, accept.ask_again)}
            </Button>
        </form>
    }
}
