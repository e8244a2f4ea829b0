//! The layout of an institution's pages.

use i18n::*;
use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_location};
use rpc::shell::ShellView;

use super::{Refused, ShellContext, side_bar::SideBar, top_bar::TopBar};
use crate::{
    form::go,
    ui::{CardPage, Shell, SkeletonTable, SkeletonText},
};

/// Renders a page within the shell. The server loads the shell's data before rendering, so no page waits within another
/// and data are loaded once. If the shell is refused, no page is rendered and nothing of the institution is loaded.
#[component]
pub fn InstitutionLayout() -> impl IntoView {
    let locale = use_locale();
    let answer = SharedValue::new(|| {
        #[cfg(feature = "ssr")]
        {
            use_context::<rpc::ShellAnswer>().map(|answer| answer.0)
        }
        #[cfg(not(feature = "ssr"))]
        {
            None::<Result<ShellView, muster::failure::Failure>>
        }
    })
    .into_inner();
    provide_context(ShellContext::new());
    match answer {
        Some(Ok(view)) => view! { <Opened view/> }.into_any(),
        Some(Err(failure)) => view! { <CardPage><Refused failure/></CardPage> }.into_any(),
        None => {
            // After navigation from a page outside the institution, the server must render this one.
            go(&use_location().pathname.get_untracked());
            view! {
                <Frame>
                    <SkeletonTable label=move || td_string!(locale, common.loading)/>
                </Frame>
            }
            .into_any()
        }
    }
}

/// The shell with its content.
#[component]
fn Opened(view: ShellView) -> impl IntoView {
    let locale = use_locale();
    let context = use_context::<ShellContext>().unwrap_or_else(ShellContext::new);
    context.open(view.clone());
    let for_side = view.clone();
    view! {
        <Shell
            skip_word=move || td_string!(locale, home.skip)
            menu_word=move || td_string!(locale, home.menu)
            nav_word=move || td_string!(locale, home.main_menu)
            side=move || view! { <SideBar view=for_side.clone()/> }
            top=move || view! { <TopBar view=view.clone()/> }
        >
            <Outlet/>
        </Shell>
    }
}

/// The shell before its data are known.
#[component]
fn Frame(children: Children) -> impl IntoView {
    let locale = use_locale();
    view! {
        <Shell
            skip_word=move || td_string!(locale, home.skip)
            menu_word=move || td_string!(locale, home.menu)
            nav_word=move || td_string!(locale, home.main_menu)
            side=move || view! { <SkeletonText lines=4 label=move || td_string!(locale, common.loading)/> }
            top=|| ()
        >
            {children()}
        </Shell>
    }
}
