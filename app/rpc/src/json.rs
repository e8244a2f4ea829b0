//! The encoding of server functions: JSON in the body of a POST and of the response.
//!
//! `server_fn` generates the whole request code for each function, and decodes answers differently from data delivered
//! with a page, which doubles the decoding code. Here all functions share the same code; only the two ends are generic.

use std::{future::Future, pin::Pin};

use http::Method;
use leptos::{
    prelude::FromServerFnError,
    server_fn::{
        Http, Protocol, client::Client, codec, error::ServerFnErrorErr, request::ClientReq,
        response::ClientRes, server::Server,
    },
};
use serde::{Serialize, de::DeserializeOwned};

use crate::Refusal;

/// The encoding of every server function.
pub struct Json;

const CONTENT_TYPE: &str = "application/json";

impl<Input, Output, C, S> Protocol<Input, Output, C, S, Refusal> for Json
where
    Input: Serialize + DeserializeOwned + Send,
    Output: Serialize + DeserializeOwned + Send,
    C: Client<Refusal>,
    S: Server<Refusal>,
{
    const METHOD: Method = Method::POST;

    fn run_server<F, Fut>(
        request: S::Request,
        server_fn: F,
    ) -> impl Future<Output = Result<S::Response, Refusal>> + Send
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, Refusal>> + Send,
    {
        type Served = Http<codec::Json, codec::Json>;
        <Served as Protocol<Input, Output, C, S, Refusal>>::run_server(request, server_fn)
    }

    fn run_client(
        path: &str,
        input: Input,
    ) -> impl Future<Output = Result<Output, Refusal>> + Send {
        let answer = sent::<C>(path, serde_json::to_string(&input));
        async move { read(&answer.await?) }
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<String, Refusal>> + Send>>;

/// Sends the request and returns the function's answer as JSON.
fn sent<C: Client<Refusal>>(path: &str, body: serde_json::Result<String>) -> Answer {
    let request = body
        .map_err(|error| {
            Refusal::from_server_fn_error(ServerFnErrorErr::Serialization(error.to_string()))
        })
        .and_then(|body| C::Request::try_new_post(path, CONTENT_TYPE, CONTENT_TYPE, body));
    Box::pin(async move {
        let response = C::send(request?).await?;
        let is_refused = (400..=599).contains(&ClientRes::<Refusal>::status(&response));
        let text = response.try_into_string().await?;
        if is_refused {
            Err(read(&text)?)
        } else {
            Ok(text)
        }
    })
}

/// Decodes JSON text: an answer, or data delivered with a page.
///
/// # Errors
/// Fails with `BadRequest` if the text is not JSON of this type.
pub fn read<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    serde_json::from_str(text).map_err(|error| {
        Refusal::from_server_fn_error(ServerFnErrorErr::Deserialization(error.to_string()))
    })
}
