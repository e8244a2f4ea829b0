//! A warning if the site is open at another origin than the configured one, which would reject every form.
//!
//! Only the browser knows the origin: behind a proxy the server may see another host name, so it cannot redirect or
//! warn.

use i18n::*;
use leptos::prelude::*;

use crate::ui::{Banner, BannerKind};

/// The name of the `<meta>` with the origins.
const META: &str = "muster-origins";

/// The allowed origins, as the server has them.
#[derive(Debug, Clone)]
pub struct Origins(pub String);

/// Delivers the origins to the browser, for [`WrongAddress`].
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

/// The correct address.
#[derive(Clone, PartialEq, Eq)]
struct Correct {
    origin: String,
    /// The URL of the current page there.
    page: String,
}

/// Returns the correct address if the current origin is not allowed.
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
