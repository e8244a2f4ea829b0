//! The document around every page, and the routes, in two groups: each has its own WebAssembly module. To add a page: its
//! route here, and its line in `page_access`.

use i18n::*;
use leptos::{config::Env, prelude::*};
use leptos_meta::{MetaTags, Stylesheet, Title, provide_meta_context};
use leptos_router::{
    SsrMode,
    any_nested_route::IntoAnyNestedRoute as _,
    components::{ParentRoute, Route, Router, Routes},
    path,
};

use crate::{
    accept::AcceptPage,
    home::HomePage,
    imports::{ImportPage, ImportsPage, NewImportPage},
    invitations::InvitePage,
    language::{page_language, provide_language},
    mailbox::{MailPage, MailboxPage},
    not_found::NotFoundPage,
    profile::ProfilePage,
    session::{ChoosePage, ConfirmPage, ForgottenPage, ResetPage, SignInPage, UnlockPage},
    setup::SetupPage,
    shell::InstitutionLayout,
    ui::{ToastHost, provide_toasts},
    users::{EditUserPage, InvitationsPage, NewUserPage, UserPage, UsersListPage},
    wrong_address::{OriginsMeta, WrongAddress},
};

/// Renders the document. Its `lang` and `data-theme` are the caller's; its scripts carry the nonce of the response's
/// content security policy.
pub fn document(mut options: LeptosOptions) -> impl IntoView {
    options.output_name = module_of_page().into();
    #[cfg(feature = "ssr")]
    let theme = rpc::caller()
        .ok()
        .and_then(|caller| caller.theme)
        .map(rpc::Theme::code);
    #[cfg(not(feature = "ssr"))]
    let theme = None::<&'static str>;
    let language = page_language();
    view! {
        <!DOCTYPE html>
        <html lang=language.code() dir=direction(language) data-theme=theme>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <link rel="icon" href="/favicon.svg" type="image/svg+xml"/>
                <AutoReload disable_watch=options.env == Env::PROD options=options.clone()/>
                <HydrationScripts options/>
                <OriginsMeta/>
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}

/// Returns the name of the WebAssembly module that hydrates the page of the current request.
#[cfg(feature = "ssr")]
fn module_of_page() -> &'static str {
    use_context::<http::request::Parts>().map_or(GUEST_MODULE, |parts| module_of(parts.uri.path()))
}

#[cfg(not(feature = "ssr"))]
const fn module_of_page() -> &'static str {
    MEMBER_MODULE
}

/// The module of the pages of people who are signed out. Invited people load it on their phones.
#[cfg(feature = "ssr")]
const GUEST_MODULE: &str = "guest";
/// The module of all other pages, and of the import's web worker.
const MEMBER_MODULE: &str = "muster";

/// Returns the name of the module that has the routes of `path`. Unknown pages belong to the small one.
#[cfg(feature = "ssr")]
fn module_of(path: &str) -> &'static str {
    if cfg!(feature = "one-module") {
        return MEMBER_MODULE;
    }
    // A page of `page_access` that is not below these folders is one of `GuestRoutes`.
    match path.split('/').nth(1) {
        Some("i" | "profile" | "dev") => MEMBER_MODULE,
        _ => GUEST_MODULE,
    }
}

/// Renders the page for the path. Pages are rendered completely before the response starts, so they work without
/// scripts and their status and cookies are known in time.
#[component]
pub fn App() -> impl IntoView {
    view! {
        <Frame>
            <Routes fallback=NotFoundPage>
                <GuestRoutes/>
                <MemberRoutes/>
            </Routes>
        </Frame>
    }
}

/// The pages of people who are signed out, as their module hydrates them.
#[component]
pub fn GuestApp() -> impl IntoView {
    view! { <Frame><Routes fallback=NotFoundPage><GuestRoutes/></Routes></Frame> }
}

/// The pages of members, as their module hydrates them.
#[component]
pub fn MemberApp() -> impl IntoView {
    view! { <Frame><Routes fallback=NotFoundPage><MemberRoutes/></Routes></Frame> }
}

#[component]
fn Frame(children: Children) -> impl IntoView {
    provide_meta_context();
    provide_language();
    provide_toasts();
    let locale = use_locale();
    view! {
        <Stylesheet id="muster" href="/pkg/muster.css"/>
        <Title formatter=window_title/>
        <WrongAddress/>
        <Router>{children()}</Router>
        <ToastHost
            label=move || td_string!(locale, common.toasts)
            dismiss_word=move || td_string!(locale, common.dismiss)
        />
    }
}

#[component(transparent)]
fn GuestRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/setup") view=SetupPage ssr=SsrMode::Async/>
        <Route path=path!("/sign-in") view=SignInPage ssr=SsrMode::Async/>
        <Route path=path!("/forgotten") view=ForgottenPage ssr=SsrMode::Async/>
        <Route path=path!("/reset") view=ResetPage ssr=SsrMode::Async/>
        <Route path=path!("/new-password") view=ChoosePage ssr=SsrMode::Async/>
        <Route path=path!("/unlock") view=UnlockPage ssr=SsrMode::Async/>
        <Route path=path!("/confirm") view=ConfirmPage ssr=SsrMode::Async/>
        <Route path=path!("/accept") view=AcceptPage ssr=SsrMode::Async/>
    }
    .into_inner()
    .into_any_nested_route()
}

#[component(transparent)]
fn MemberRoutes() -> impl leptos_router::MatchNestedRoutes + Clone {
    view! {
        <Route path=path!("/profile") view=ProfilePage ssr=SsrMode::Async/>
        <Route path=path!("/dev/mailbox") view=MailboxPage ssr=SsrMode::Async/>
        <Route path=path!("/dev/mailbox/:id") view=MailPage ssr=SsrMode::Async/>
        <ParentRoute path=path!("/i/:slug") view=InstitutionLayout ssr=SsrMode::Async>
            <Route path=path!("") view=HomePage/>
            <Route path=path!("users") view=UsersListPage/>
            <Route path=path!("users/new") view=NewUserPage/>
            <Route path=path!("users/:id") view=UserPage/>
            <Route path=path!("users/:id/edit") view=EditUserPage/>
            <Route path=path!("invite") view=InvitePage/>
            <Route path=path!("invitations") view=InvitationsPage/>
            <Route path=path!("imports") view=ImportsPage/>
            <Route path=path!("imports/new") view=NewImportPage/>
            <Route path=path!("imports/:id") view=ImportPage/>
        </ParentRoute>
    }
    .into_inner()
    .into_any_nested_route()
}

/// Sets the window's title. On the server `leptos_meta` writes it into the tag unescaped, so text that could close the
/// tag, such as a person's name, is escaped here.
fn window_title(title: String) -> String {
    if title.is_empty() {
        return "Muster".to_owned();
    }
    #[cfg(feature = "ssr")]
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    format!("{title} · Muster")
}
