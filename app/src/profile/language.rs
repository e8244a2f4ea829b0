//! The person's language for the UI and emails.

use i18n::*;
use leptos::prelude::*;
use muster::{draft::LanguageDraft, language::Language};
use rpc::{
    profile::{ProfileView, choose_language},
    session::Go,
};

use crate::{
    form::{Form, go},
    language::page_language,
    server_resource::ServerResource,
    session::{AccountField, for_account},
    ui::{Banner, BannerKind, Button, Choice, SelectField},
};

/// The choice of the language; the page is reloaded in it.
#[component]
pub(super) fn LanguageForm(
    chosen: String,
    /// The account's reference.
    account: String,
    asked: ServerResource<ProfileView>,
    form: Form<LanguageDraft, Go>,
) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let begin = match (form.initial.language.clone(), chosen) {
        (posted, _) if !posted.is_empty() => posted,
        (_, chosen) if !chosen.is_empty() => chosen,
        // Nothing has been chosen yet, so the page uses the language of the institution or the browser.
        _ => page_language().code().to_owned(),
    };
    let language = RwSignal::new(begin);
    let languages: Vec<Choice> = Language::ALL
        .into_iter()
        .map(|language| Choice::new(language.code(), say.of_language(language)))
        .collect();
    let error = form.problem("language", say);
    let (general, pending) = (form.general(say), form.pending);
    let reference = account.clone();
    let send = move |event: leptos::ev::SubmitEvent| {
        let draft = LanguageDraft {
            language: language.get_untracked(),
        };
        let sent = choose_language(reference.clone(), draft);
        form.submit(&event, for_account(asked, sent), |next| go(&next.to));
    };
    view! {
        {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
        <form class="one-line" method="post" novalidate on:submit=send>
            <input type="hidden" name="intent" value="choose_language"/>
            <AccountField account/>
            <SelectField
                name="language"
                label=move || td_string!(locale, common.language)
                value=language
                options=languages
                error=error
                hint=crate::ui::Words::from(move || td_string!(locale, profile.language_hint))
            />
            <Button submit=true pending=pending>{td!(locale, common.save)}</Button>
        </form>
    }
}
