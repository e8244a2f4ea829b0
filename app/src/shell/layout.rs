//! The layout that all pages of an institution share.

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_params_map};

use super::{
    Refused, ShellContext,
    api::{self, ShellView},
    side_bar::SideBar,
    top_bar::TopBar,
};
use crate::{
    failure::Refusal,
    i18n::*,
    ui::{CardPage, Shell, SkeletonTable, SkeletonText},
};

/// Asks once what surrounds the pages, and shows them within it. Where that is refused, no page is
/// begun: nothing of the institution is asked for in its name.
#[component]
pub fn InstitutionLayout() -> impl IntoView {
    let i18n = use_i18n();
    let params = use_params_map();
    let slug = Memo::new(move |_| params.read().get("slug").unwrap_or_default());
    let shell = Resource::new(move || slug.get(), api::shell);
    provide_context(ShellContext::new());
    view! {
        <Suspense fallback=move || view! {
            <Frame>
                <SkeletonTable label=move || tu_string!(i18n, common.loading)/>
            </Frame>
        }>
            {move || Suspend::new(async move {
                match shell.await {
                    Ok(view) => view! { <Opened view/> }.into_any(),
                    Err(Refusal(failure)) => view! { <CardPage><Refused failure/></CardPage> }.into_any(),
                }
            })}
        </Suspense>
    }
}

/// The frame with everything in it.
#[component]
fn Opened(view: ShellView) -> impl IntoView {
    let i18n = use_i18n();
    let context = use_context::<ShellContext>().unwrap_or_else(ShellContext::new);
    context.open(view.clone());
    let for_side = view.clone();
    view! {
        <Shell
            skip_word=move || tu_string!(i18n, home.skip)
            menu_word=move || tu_string!(i18n, home.menu)
            nav_word=move || tu_string!(i18n, home.main_menu)
            side=move || view! { <SideBar view=for_side.clone()/> }
            top=move || view! { <TopBar view=view.clone()/> }
        >
            <Outlet/>
        </Shell>
    }
}

/// The frame while it is not known yet what stands in it.
#[component]
fn Frame(children: Children) -> impl IntoView {
    let i18n = use_i18n();
    view! {
        <Shell
            skip_word=move || tu_string!(i18n, home.skip)
            menu_word=move || tu_string!(i18n, home.menu)
            nav_word=move || tu_string!(i18n, home.main_menu)
            side=move || view! { <SkeletonText lines=4 label=move || tu_string!(i18n, common.loading)/> }
            top=|| ()
        >
            {children()}
        </Shell>
    }
}
