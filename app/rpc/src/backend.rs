//! The server as the server functions see it: the traits of all features, and the current request's caller and server.

use std::sync::Arc;

use axum::http::request::Parts;
use leptos::prelude::*;
use muster::failure::Failure;

use crate::{
    Caller, Refusal,
    accept::Acceptance,
    imports::Imports,
    invitations::Invitations,
    mailbox::Mailbox,
    profile::Profile,
    session::{LoginDetails, Sessions},
    setup::Setup,
    users::{Members, Users},
};

/// The server. Every method authorizes its caller.
pub trait Backend:
    Setup
    + Sessions
    + LoginDetails
    + Acceptance
    + Invitations
    + Imports
    + Users
    + Members
    + Profile
    + Mailbox
    + Send
    + Sync
{
}

impl<T> Backend for T where
    T: Setup
        + Sessions
        + LoginDetails
        + Acceptance
        + Invitations
        + Imports
        + Users
        + Members
        + Profile
        + Mailbox
        + Send
        + Sync
{
}

/// Returns the caller of the current request.
///
/// # Errors
/// Returns `Internal` outside a request.
pub fn caller() -> Result<Caller, Refusal> {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<Caller>().cloned())
        .ok_or_else(outside_a_request)
}

/// Returns the server of the current request.
///
/// # Errors
/// Returns `Internal` outside a request.
pub fn backend() -> Result<Arc<dyn Backend>, Refusal> {
    use_context::<Arc<dyn Backend>>().ok_or_else(outside_a_request)
}

fn outside_a_request() -> Refusal {
    Refusal(Failure::Internal {
        incident: String::new(),
    })
}
