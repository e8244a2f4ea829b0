//! The data that a page loads from the server before it is shown.
//!
//! A separate resource type for each answer would add all resource code to the download for each of them. Here one
//! resource type serves all answers, and the concrete type is restored where the answer is awaited.

use std::{
    any::Any,
    convert::Infallible,
    fmt,
    future::{Future, IntoFuture},
    marker::PhantomData,
    pin::Pin,
    str::FromStr,
    sync::Arc,
};

use leptos::{prelude::*, server::codee::string::FromToStringCodec};
use rpc::{Refusal, json::read};
use serde::{Serialize, de::DeserializeOwned};

/// An answer that may still be loading; `.await` returns it.
pub struct ServerResource<T> {
    raw: Resource<RawAnswer, FromToStringCodec>,
    answer: PhantomData<fn() -> T>,
}

impl<T> Clone for ServerResource<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for ServerResource<T> {}

impl<T> ServerResource<T> {
    /// Loads the data again.
    pub fn refetch(self) {
        self.raw.refetch();
    }
}

/// Creates the resource of an answer. It is loaded on the server, or in the browser if the page is opened there.
pub fn server_resource<T, F>(load: impl Fn() -> F + Send + Sync + 'static) -> ServerResource<T>
where
    T: Serialize + Send + Sync + 'static,
    F: Future<Output = Result<T, Refusal>> + Send + 'static,
{
    let load = move || -> Pin<Box<dyn Future<Output = RawAnswer> + Send>> {
        let answer = load();
        Box::pin(async move { RawAnswer::new(answer.await) })
    };
    ServerResource {
        raw: resource(Box::new(load)),
        answer: PhantomData,
    }
}

type Load = Box<dyn Fn() -> Pin<Box<dyn Future<Output = RawAnswer> + Send>> + Send + Sync>;

fn resource(load: Load) -> Resource<RawAnswer, FromToStringCodec> {
    Resource::new_str(|| (), move |()| load())
}

impl<T: Clone + DeserializeOwned + 'static> IntoFuture for ServerResource<T> {
    type Output = Result<T, Refusal>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send>>;

    fn into_future(self) -> Self::IntoFuture {
        let raw = self.raw;
        Box::pin(async move { raw.await.answer() })
    }
}

/// An answer of any type: the value itself or, as delivered with the page, its JSON.
#[derive(Clone)]
struct RawAnswer {
    answer: Arc<dyn Any + Send + Sync>,
    /// Serializes the answer; used only on the server.
    #[cfg(feature = "ssr")]
    json: fn(&dyn Any) -> String,
}

impl RawAnswer {
    fn new<T: Serialize + Send + Sync + 'static>(answer: Result<T, Refusal>) -> Self {
        Self {
            answer: Arc::new(answer),
            #[cfg(feature = "ssr")]
            json: |answer| {
                // Serialization cannot fail: all maps have text keys.
                let answer = answer.downcast_ref::<Result<T, Refusal>>();
                serde_json::to_string(&answer).unwrap_or_default()
            },
        }
    }

    fn answer<T: Clone + DeserializeOwned + 'static>(&self) -> Result<T, Refusal> {
        if let Some(answer) = self.answer.downcast_ref::<Result<T, Refusal>>() {
            return answer.clone();
        }
        let json = self.answer.downcast_ref::<String>();
        read::<Result<T, Refusal>>(json.map_or("", String::as_str))?
    }
}

impl fmt::Display for RawAnswer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        #[cfg(feature = "ssr")]
        formatter.write_str(&(self.json)(&*self.answer))?;
        let _ = formatter;
        Ok(())
    }
}

impl FromStr for RawAnswer {
    type Err = Infallible;

    fn from_str(json: &str) -> Result<Self, Self::Err> {
        Ok(Self {
            answer: Arc::new(json.to_owned()),
            #[cfg(feature = "ssr")]
            json: |json| json.downcast_ref::<String>().cloned().unwrap_or_default(),
        })
    }
}
