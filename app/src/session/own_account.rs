//! Forms of the signed-in account. Another tab of the browser may have signed in to another account since the page was
//! shown, so a form carries the reference of the account that its page showed.

use std::{future::Future, time::Duration};

use leptos::prelude::*;
use muster::failure::Failure;

use rpc::Refusal;

use crate::server_resource::ServerResource;

/// The hidden field that carries the account's reference.
#[component]
pub fn AccountField(#[prop(into)] account: String) -> impl IntoView {
    view! { <input type="hidden" name="account" value=account/> }
}

/// Sends a form of the signed-in account. If it is another account by now, the page's data are loaded again.
///
/// # Errors
/// Returns the failure of `sent`.
pub async fn for_account<T, V: 'static>(
    shown: ServerResource<V>,
    sent: impl Future<Output = Result<T, Refusal>>,
) -> Result<T, Refusal> {
    let outcome = sent.await;
    if matches!(outcome, Err(Refusal(Failure::OtherAccount))) {
        // The form stores the failure before the page is rendered again.
        set_timeout(move || shown.refetch(), Duration::ZERO);
    }
    outcome
}
