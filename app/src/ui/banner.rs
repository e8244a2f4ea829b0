//! Banners: notices at the top of a page.

use leptos::prelude::*;

use super::{Icon, IconName, MaybeWords};

/// The kind of a banner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BannerKind {
    #[default]
    Info,
    Ok,
    Wait,
    Bad,
}

/// A banner in the page's flow. Screen readers announce errors immediately and other banners later.
#[component]
pub fn Banner(
    #[prop(optional)] kind: BannerKind,
    #[prop(optional, into)] title: MaybeWords,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    let (class, icon, role) = match kind {
        BannerKind::Info => ("banner info", IconName::Info, "status"),
        BannerKind::Ok => ("banner ok", IconName::CircleCheck, "status"),
        BannerKind::Wait => ("banner wait", IconName::TriangleAlert, "status"),
        BannerKind::Bad => ("banner bad", IconName::CircleAlert, "alert"),
    };
    view! {
        <div class=class role=role>
            <Icon name=icon/>
            <div>
                {move || title.get().map(|title| view! { <strong>{title}</strong> })}
                {children.map(|children| view! { <div>{children()}</div> })}
            </div>
        </div>
    }
    .into_any()
}
