//! Says so where the site is open at another address than the configured one, at which every form would be refused.
//!
//! Only the browser knows the address: behind a proxy the server may see another host name than people do, so it can
//! neither redirect nor warn by itself.

use leptos::prelude::*;

use crate::{
    i18n::*,
    language::use_locale,
    ui::{Banner, BannerKind},
};

/// The name of the `<meta>` that lists the addresses.
const META: &str = "muster-origins";

/// The origins whose pages may send, as the server has them.
#[derive(Debug, Clone)]
pub struct Origins(pub String);

/// Tells the browser the origins, for [`WrongAddress`].
#[component]
pub fn OriginsMeta() -> impl IntoView {
    use_context::<Origins>().map(|Origins(origins)| view! { <meta name=META content=origins/> })
}

/// A banner with a link to the correct address.
#[component]
pub fn WrongAddress() -> impl IntoView {
    let locale = use_locale();
    let correct = RwSignal::new(None::<Correct>);
    Effect::new(move |_| correct.set(elsewhere()));
    move || {
        correct.get().map(|Correct { origin, page }| {
            view! {
                <Banner kind=BannerKind::Bad>
                    {td_string!(locale, common.wrong_address_open)}
                    " "
                    <a href=page rel="external">{origin}</a>
                </Banner>
            }
        })
    }
}

/// Where to go instead.
#[derive(Clone, PartialEq, Eq)]
struct Correct {
    origin: String,
    /// The page that is open, there.
    page: String,
}

/// Where to go instead, if this address is not one of ours.
fn elsewhere() -> Option<Correct> {
    let query = format!("meta[name='{META}']");
    let meta = document().query_selector(&query).ok().flatten()?;
    let origins = meta.get_attribute("content")?;
    let location = window().location();
    let here = location.origin().ok()?;
    if origins.split(' ').any(|origin| origin == here) {
        return None;
    }
    let origin = origins.split(' ').next()?.to_owned();
    let page = format!(
        "{origin}{}{}",
        location.pathname().ok()?,
        location.search().ok()?
    );
    Some(Correct { origin, page })
}
