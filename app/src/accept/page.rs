//! The page of an invitation, with one view for each of its states.

use i18n::*;
use leptos::{html, prelude::*, task::spawn_local};
use leptos_meta::Title;
use muster::{draft::AcceptDraft, failure::Failure};
use rpc::{
    Refusal,
    accept::{
        AcceptView, Accepted, AlreadyJoined, accept_view, accept_viewed, already_joined, decline,
    },
    session::Go,
};
use serde::{Deserialize, Serialize};

use super::{
    expired::Expired,
    look_again::LookAgain,
    new_person::{NewPersonForm, SignInInstead},
    summary::Summary,
    with_account::{AnothersSession, ConfirmForm},
};
use crate::{
    form::Form,
    link::{LinkField, LinkMissing, own_address, page_link},
    server_resource::server_resource,
    session::{LinkOver, Trouble},
    ui::{Banner, BannerKind, Button, ButtonKind, ButtonLink, CardPage, SkeletonText, Tile},
};

/// The forms of the page, created once and in this order on both server and browser.
#[derive(Clone)]
struct Forms {
    /// The reference to the link, and how to reload the invitation.
    look_again: LookAgain,
    accept: Form<AcceptDraft, Accepted>,
    confirm: Form<(), Go>,
    decline: Form<(), ()>,
    ask_again: Form<(), ()>,
}

impl Forms {
    fn new(look_again: LookAgain) -> Self {
        Self {
            look_again,
            accept: Form::new("accept", AcceptDraft::default()),
            confirm: Form::new("confirm", ()),
            decline: Form::new("decline", ()),
            ask_again: Form::new("ask_again", ()),
        }
    }
}

/// The page that an invitation's link opens. Viewing it changes nothing.
#[component]
pub fn AcceptPage() -> impl IntoView {
    let locale = use_locale();
    let link = RwSignal::new(page_link());
    let typed = RwSignal::new(None);
    let forms = Forms::new(LookAgain {
        link,
        typed,
        times: RwSignal::new(0),
    });
    let declined = forms.decline.answer;
    let over = declined.with_untracked(Option::is_some);
    let view = server_resource(move || {
        let link = link.get_untracked();
        async move {
            if over {
                // The invitation was just declined.
                return Err(Refusal(Failure::InvalidLink));
            }
            look(link).await
        }
    });
    let times = forms.look_again.times;
    Effect::new(move |_| {
        if times.get() > 0 {
            view.refetch();
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
                                    Ok(Looked::Invited(view)) => {
                                        view! { <Invitation view=*view forms=forms/> }.into_any()
                                    }
                                    Ok(Looked::Joined(joined)) => {
                                        view! { <Joined joined=joined/> }.into_any()
                                    }
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

/// The view to show.
#[derive(Clone, Serialize, Deserialize)]
enum Looked {
    Invited(Box<AcceptView>),
    Joined(AlreadyJoined),
}

/// Loads the invitation. A person who has joined by it and returns to the page sees that they have joined.
async fn look(link: String) -> Result<Looked, Refusal> {
    let failure = match accept_view(link.clone()).await {
        Ok(view) => return Ok(Looked::Invited(Box::new(view))),
        Err(Refusal(failure)) => failure,
    };
    if matches!(failure, Failure::InvalidLink | Failure::LinkMissing)
        && let Ok(Some(joined)) = already_joined(link).await
    {
        return Ok(Looked::Joined(joined));
    }
    Err(Refusal(failure))
}

/// An open or expired invitation.
#[component]
fn Invitation(view: AcceptView, forms: Forms) -> impl IntoView {
    // From here on the page has the ticket, even if the browser drops the cookie.
    forms.look_again.link.set(view.link.clone());
    // Mail scanners open links; only a page whose script runs was seen by a person.
    let seen = view.link.clone();
    Effect::new(move |_| {
        let seen = seen.clone();
        spawn_local(async move {
            // The page does not depend on the result.
            let _ = accept_viewed(seen).await;
        });
    });
    if view.seconds_left <= 0 {
        return view! { <Expired view=view form=forms.ask_again/> }.into_any();
    }
    let link = view.link.clone();
    // Someone else signed in while the form was being filled in; the input stays.
    let was_filled_in = forms.accept.failure.get_untracked() == Some(Failure::WrongAddress);
    let with_button = !was_filled_in;
    let look_again = forms.look_again;
    let way = match (view.signed_in_as.clone(), view.may_confirm) {
        (None, _) => view! {
            <NewPersonForm view=view.clone() form=forms.accept look_again/>
            <DeclineForm link form=forms.decline/>
            <SignInInstead handle=view.handle.clone()/>
        }
        .into_any(),
        (Some(who), true) => view! {
            <ConfirmForm who=who view=view.clone() form=forms.confirm look_again/>
            <DeclineForm link form=forms.decline/>
        }
        .into_any(),
        (Some(who), false) => view! {
            <AnothersSession who=who view=view.clone() with_button/>
            {was_filled_in.then(|| view! {
                <NewPersonForm view=view.clone() form=forms.accept look_again/>
            })}
            <DeclineForm link form=forms.decline/>
        }
        .into_any(),
    };
    view! {
        <Summary view=view/>
        {way}
    }
    .into_any()
}

/// The button that declines, and what is kept afterwards.
#[component]
fn DeclineForm(link: String, form: Form<(), ()>) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let (general, pending) = (form.general(say), form.pending);
    let sent = link.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        form.submit(&event, decline(sent.clone()), |()| ());
    };
    view! {
        <form class="decline" method="post" on:submit=send>
            <input type="hidden" name="intent" value="decline"/>
            <LinkField link/>
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
    // The button that had the focus has disappeared.
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

/// The view after joining, for the browser's Back and for links opened again.
#[component]
fn Joined(joined: AlreadyJoined) -> impl IntoView {
    let locale = use_locale();
    let institution = joined.institution.clone();
    view! {
        <Title text=move || td_string!(locale, accept.joined_title, institution = institution.clone())/>
        <Tile name=joined.institution.clone() key=joined.institution.clone() large=true/>
        <h1>{td!(locale, accept.joined_title, institution = joined.institution.clone())}</h1>
        <div class="actions">
            <ButtonLink href=joined.home kind=ButtonKind::Primary attr:rel="external">
                {td!(locale, accept.joined_action, institution = joined.institution)}
            </ButtonLink>
        </div>
    }
}

/// The view for used, revoked, replaced and unknown links alike.
#[component]
fn NoInvitation(failure: Failure) -> impl IntoView {
    let locale = use_locale();
    match failure {
        Failure::InvalidLink => {}
        Failure::LinkMissing => return view! { <LinkMissing/> }.into_any(),
        failure => {
            let again = own_address("/accept");
            return view! { <Trouble failure=failure path=again/> }.into_any();
        }
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
