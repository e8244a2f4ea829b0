//! The sign-in page, with one field for username or email, and the password.

use i18n::*;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use muster::draft::SignInDraft;
use rpc::session::{Go, sign_in, visitor};

use crate::{
    form::{Form, go},
    server_resource::server_resource,
    setup::Live,
    ui::{Banner, BannerKind, Button, ButtonKind, CardPage, Checkbox, Field, PasswordField},
};

/// The sign-in page. `?to=` is the path to open afterwards.
#[component]
pub fn SignInPage() -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let form = Form::<SignInDraft, Go>::new("sign_in", SignInDraft::default());
    let query = use_query_map();
    let asked_for = query.with_untracked(|query| query.get("to").unwrap_or_default());
    let to = own_path(&asked_for);
    let news = query.with_untracked(|query| {
        News::ALL
            .into_iter()
            .find(|news| query.get_str(news.key()).is_some())
    });
    let identifier = RwSignal::new(form.initial.identifier.clone());
    let password = RwSignal::new(String::new());
    let keep = RwSignal::new(form.initial.keep);
    let wanted = to.clone();
    let draft = move || SignInDraft {
        identifier: identifier.get(),
        password: password.get(),
        keep: keep.get(),
        to: wanted.clone(),
    };
    let judge = draft.clone();
    let live = Live::new(&form, say, move || {
        judge().parse().err().unwrap_or_default()
    });
    let (general, pending) = (form.general(say), form.pending);
    let send = move |event: leptos::ev::SubmitEvent| {
        if live.may_send() {
            form.submit(&event, sign_in(untrack(&draft)), |next| go(&next.to));
        } else {
            event.prevent_default();
        }
    };
    let below = move || view! { <p class="hint">{td!(locale, session.no_account)}</p> };
    view! {
        <Title text=move || td_string!(locale, session.sign_in_title)/>
        <CardPage below=below>
            <h1>{td!(locale, session.sign_in_title)}</h1>
            {to.starts_with("/accept").then(|| view! {
                <p class="lead">{td!(locale, session.for_invitation)}</p>
            })}
            {news.map(|news| view! { <Banner kind=BannerKind::Ok>{news.words(locale)}</Banner> })}
            <SignedInAlready to=to.clone()/>
            {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
            <form method="post" novalidate on:submit=send>
                <input type="hidden" name="intent" value="sign_in"/>
                <input type="hidden" name="to" value=to/>
                <Field
                    name="identifier"
                    label=move || td_string!(locale, session.identifier)
                    value=identifier
                    error=live.error("identifier", identifier)
                    autocomplete="username"
                    inputmode="email"
                    required=true
                    autofocus=true
                    on:focusout=live.leaving("identifier")
                    attr:autocapitalize="none"
                />
                <PasswordField
                    name="password"
                    label=move || td_string!(locale, common.password)
                    value=password
                    error=live.error("password", password)
                    show_word=move || td_string!(locale, common.show)
                    hide_word=move || td_string!(locale, common.hide)
                    required=true
                />
                <div class="beside">
                    <Checkbox
                        name="keep"
                        label=move || td_string!(locale, session.keep)
                        checked=keep
                    />
                    <a href="/forgotten">{td!(locale, session.forgotten_link)}</a>
                </div>
                <Button kind=ButtonKind::Primary big=true submit=true pending=pending>
                    {td!(locale, common.sign_in)}
                </Button>
            </form>
        </CardPage>
    }
}

/// The action that an emailed link has just performed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Reset,
    Unlocked,
    Confirmed,
}

impl News {
    const ALL: [Self; 3] = [Self::Reset, Self::Unlocked, Self::Confirmed];

    /// Returns its key in the query.
    const fn key(self) -> &'static str {
        match self {
            Self::Reset => "reset",
            Self::Unlocked => "unlocked",
            Self::Confirmed => "confirmed",
        }
    }

    fn words(self, locale: Locale) -> AnyView {
        match self {
            Self::Reset => td!(locale, session.news_reset).into_any(),
            Self::Unlocked => td!(locale, session.news_unlocked).into_any(),
            Self::Confirmed => td!(locale, session.news_confirmed).into_any(),
        }
    }
}

/// The offer to continue with a valid session.
#[component]
fn SignedInAlready(to: String) -> impl IntoView {
    let locale = use_locale();
    let who = server_resource(visitor);
    let href = if to.is_empty() { "/".to_owned() } else { to };
    view! {
        <Suspense>
            {move || {
                let href = href.clone();
                Suspend::new(async move {
                    // If the account can't be loaded, sign-in still works.
                    who.await.ok().flatten().map(|visitor| view! {
                        <Banner>
                            {td!(locale, session.already, who = visitor.identifier)}
                            <br/>
                            <a href=href rel="external">{td!(locale, common.continue_on)}</a>
                        </Banner>
                    })
                })
            }}
        </Suspense>
    }
}

/// Returns the path if it is on this site; browsers read `//` and `/\` as other sites.
fn own_path(to: &str) -> String {
    let own = to.starts_with('/')
        && !to.starts_with("//")
        && !to.contains('\\')
        && !to.chars().any(char::is_control);
    if own { to.to_owned() } else { String::new() }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn only_paths_of_this_site_are_gone_to() {
        assert_eq!(own_path("/accept"), "/accept");
        assert_eq!(own_path("/i/north?after=x"), "/i/north?after=x");
        for foreign in [
            "",
            "accept",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/\t/evil.example",
        ] {
            assert_eq!(own_path(foreign), "", "{foreign}");
        }
    }
}
