use leptos::prelude::*;

/// An email address or username. If it is too long for its line, it breaks after the `@`.
#[component]
pub fn Address(email: String) -> impl IntoView {
    let (mailbox, domain) = email
        .split_once('@')
        .map_or((email.clone(), String::new()), |(mailbox, domain)| {
            (format!("{mailbox}@"), domain.to_owned())
        });
    view! { <span>{mailbox}<wbr/>{domain}</span> }
}
