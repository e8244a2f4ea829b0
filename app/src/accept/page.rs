//! The accept page: which of its faces is shown.

use leptos::{html, prelude::*, task::spawn_local};
use leptos_meta::Title;
use muster::{draft::AcceptDraft, failure::Failure};

use super::{
    api::{AcceptView, Accepted, accept_view, accept_viewed, decline},
    expired::Expired,
    new_person::{NewPersonForm, SignInInstead},
    summary::Summary,
    with_account::{AnothersSession, ConfirmForm},
};
use crate::{
    asked::ask,
    failure::Refusal,
    form::Form,
    i18n::*,
    language::use_locale,
    session::{Go, LinkOver, Trouble},
    ui::{Banner, BannerKind, Button, ButtonKind, CardPage, SkeletonText},
    words::use_say,
};

/// The forms of the page. They are made once, in this order, on the server as in the browser.
#[derive(Clone)]
struct Forms {
    accept: Form<AcceptDraft, Accepted>,
    confirm: Form<(), Go>,
    decline: Form<(), ()>,
    ask_again: Form<(), ()>,
}

impl Forms {
    fn new() -> Self {
        Self {
            accept: Form::new("accept", AcceptDraft::default()),
            confirm: Form::new("confirm", ()),
            decline: Form::new("decline", ()),
            ask_again: Form::new("ask_again", ()),
        }
    }
}

/// The page that the mailed link leads to. To look at it changes nothing.
#[component]
pub fn AcceptPage() -> impl IntoView {
    let locale = use_locale();
    let forms = Forms::new();
    let declined = forms.decline.answer;
    let over = declined.with_untracked(Option::is_some);
    let view = ask(move || async move {
        if over {
            // Just declined: there is no invitation any more to be asked for.
            Err(Refusal(Failure::LinkDead))
        } else {
            accept_view().await
        }
    });
    view! {
        <Title text=move || td_string!(locale, accept.title)/>
        <CardPage>
            {move || {
                if declined.with(Option::is_some) {
                    return view! { <Declined/> }.into_any();
                }
                let forms = forms.clone();
                view! {
                    <Suspense fallback=move || {
                        view! { <SkeletonText lines=8 label=move || td_string!(locale, common.loading)/> }
                    }>
                        {move || {
                            let forms = forms.clone();
                            Suspend::new(async move {
                                match view.await {
                                    Ok(view) => view! { <Invitation view=view forms=forms/> }.into_any(),
                                    Err(Refusal(failure)) => {
                                        view! { <NoInvitation failure=failure/> }.into_any()
                                    }
                                }
                            })
                        }}
                    </Suspense>
                }
                .into_any()
            }}
        </CardPage>
    }
}

/// An invitation that can be shown, open or expired.
#[component]
fn Invitation(view: AcceptView, forms: Forms) -> impl IntoView {
    // Mail scanners open links; only a page that lives in a browser was seen by somebody.
    Effect::new(move |_| {
        spawn_local(async move {
            // Nothing on the page depends on it.
            let _ = accept_viewed().await;
        });
    });
    if view.seconds_left <= 0 {
        return view! { <Expired view=view form=forms.ask_again/> }.into_any();
    }
    let way = match (view.signed_in_as.clone(), view.may_confirm) {
        (None, _) => view! {
            <NewPersonForm view=view.clone() form=forms.accept/>
            <DeclineForm form=forms.decline/>
            <SignInInstead/>
        }
        .into_any(),
        (Some(who), true) => view! {
            <ConfirmForm who=who institution=view.institution.clone() form=forms.confirm/>
            <DeclineForm form=forms.decline/>
        }
        .into_any(),
        (Some(who), false) => view! {
            <AnothersSession who=who invited=view.email.clone()/>
            <DeclineForm form=forms.decline/>
        }
        .into_any(),
    };
    view! {
        <Summary view=view/>
        {way}
    }
    .into_any()
}

/// Offers to decline, and says what is kept then.
#[component]
fn DeclineForm(form: Form<(), ()>) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: leptos::ev::SubmitEvent| form.submit(&event, decline(), |()| ());
    view! {
        <form class="decline" method="post" on:submit=send>
            <input type="hidden" name="intent" value="decline"/>
            {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
            <p class="hint">
                {td!(locale, accept.decline_before)}
                " "
                <Button kind=ButtonKind::Link submit=true pending=pending>
                    {td!(locale, accept.decline)}
                </Button>
                {td!(locale, accept.decline_after)}
            </p>
        </form>
    }
}

#[component]
fn Declined() -> impl IntoView {
    let locale = use_locale();
    let heading = NodeRef::<html::H1>::new();
    // The button that had the focus is gone.
    Effect::new(move |_| {
        if let Some(heading) = heading.get() {
            let _ = heading.focus();
        }
    });
    view! {
        <h1 node_ref=heading tabindex="-1">{td!(locale, accept.declined_title)}</h1>
        <p class="lead">{td!(locale, accept.declined_text)}</p>
    }
}

/// Used, withdrawn, replaced or unknown: the same page for all.
#[component]
fn NoInvitation(failure: Failure) -> impl IntoView {
    let locale = use_locale();
    if failure != Failure::LinkDead {
        return view! { <Trouble failure=failure path="/accept"/> }.into_any();
    }
    view! {
        <LinkOver
            title=move || td_string!(locale, accept.over_title)
            text=move || td_string!(locale, accept.over_text)
            also=move || Some(td_string!(locale, accept.over_also))
            href="/sign-in"
            action=move || td_string!(locale, common.sign_in)
        />
    }
    .into_any()
}
