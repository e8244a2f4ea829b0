//! A browser without a window: stores cookies, sends the Origin of its page, and does not follow redirects.

use std::{collections::BTreeMap, sync::Mutex, time::Duration};

use reqwest::{Client, Method, RequestBuilder, header, redirect::Policy};
use serde_json::Value;

/// A browser on one replica's address.
pub struct Browser {
    client: Client,
    /// The address that requests are sent to.
    pub address: String,
    /// The origin of its pages.
    pub origin: String,
    /// In the order in which they were set, as browsers send them.
    cookies: Mutex<Vec<(String, String)>>,
    tabs: Mutex<Tabs>,
}

/// For each page the handle of the mailed link that was opened last, so that tests with one link need not name it.
#[derive(Clone, Default)]
struct Tabs {
    handles: BTreeMap<&'static str, String>,
    newest: String,
}

/// Pages of mailed links, and the functions that use the link's handle.
const LINK_PAGES: [(&str, &[&str]); 5] = [
    (
        "/accept",
        &[
            "accept",
            "accept_view",
            "accept_viewed",
            "accept_confirm",
            "already_joined",
            "decline",
            "ask_again",
        ],
    ),
    ("/reset", &["reset_view", "reset_password"]),
    ("/unlock", &["unlock_view", "unlock"]),
    ("/confirm", &["confirm_view", "confirm"]),
    ("/setup", &["setup_view", "set_up"]),
];
/// Functions that the fields of several of these pages call.
const ON_ANY_PAGE: [&str; 2] = ["username_taken", "password_strength"];

impl Tabs {
    /// Stores the handle from the address of a redirect.
    fn remember(&mut self, address: &str) {
        let address = address.replace("%3F", "?").replace("%3D", "=");
        for (page, _) in LINK_PAGES {
            if let Some((_, handle)) = address.split_once(&format!("{page}?link=")) {
                self.handles.insert(page, handle.to_owned());
                handle.clone_into(&mut self.newest);
            }
        }
    }

    fn handle(&self, page: &str) -> Option<&String> {
        self.handles.get(page)
    }

    fn for_function(&self, function: &str) -> Option<&String> {
        if ON_ANY_PAGE.contains(&function) {
            return Some(&self.newest);
        }
        let (page, _) = LINK_PAGES
            .iter()
            .find(|(_, functions)| functions.contains(&function))?;
        self.handle(page)
    }
}

/// A response.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: header::HeaderMap,
    pub body: String,
}

impl Reply {
    /// Parses the body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body)
            .unwrap_or_else(|error| panic!("{error} in {}: {}", self.status, self.body))
    }

    /// Returns the name of the failure in a function's response.
    pub fn refused(&self) -> String {
        assert!(self.status >= 400, "{} {}", self.status, self.body);
        match self.json() {
            Value::String(name) => name,
            Value::Object(failure) => failure.keys().next().unwrap().clone(),
            other => panic!("no failure: {other}"),
        }
    }

    /// Returns the invalid fields with the text of their codes, as JSON; for `Invalid` only.
    pub fn wrong_fields(&self) -> Vec<String> {
        assert_eq!(self.status, 422, "{}", self.body);
        let failure = self.json();
        let problems = failure["Invalid"]
            .as_array()
            .unwrap_or_else(|| panic!("{failure}"));
        problems
            .iter()
            .map(|problem| problem["field"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Asserts the status and returns the reply.
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Returns the page that the redirect leads to, without the handle of a mailed link.
    pub fn page(&self) -> &str {
        let location = self.location();
        location
            .split_once("?link=")
            .map_or(location, |(page, _)| page)
    }

    /// Returns the target of the redirect.
    pub fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .unwrap_or_else(|| panic!("no location: {} {}", self.status, self.body))
            .to_str()
            .unwrap()
    }
}

impl Browser {
    /// Creates a browser without cookies.
    pub fn new(address: &str, origin: &str) -> Self {
        Self {
            client: Client::builder()
                .redirect(Policy::none())
                // A page that never ends is a failure and does not hang the run.
                .timeout(Duration::from_mins(1))
                .build()
                .unwrap(),
            address: address.to_owned(),
            origin: origin.to_owned(),
            cookies: Mutex::default(),
            tabs: Mutex::default(),
        }
    }

    /// Returns a browser with the same cookies on another replica.
    pub fn at(&self, address: &str) -> Self {
        let other = Self::new(address, &self.origin);
        other
            .cookies
            .lock()
            .unwrap()
            .clone_from(&self.cookies.lock().unwrap());
        *other.tabs.lock().unwrap() = self.tabs.lock().unwrap().clone();
        other
    }

    /// Returns a cookie's value.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let cookies = self.cookies.lock().unwrap();
        let found = cookies.iter().find(|(kept, _)| kept == name);
        found.map(|(_, value)| value.clone())
    }

    /// Sets a cookie.
    pub fn set_cookie(&self, name: &str, value: &str) {
        set(&mut self.cookies.lock().unwrap(), name, value);
    }

    /// Returns the names of the cookies with this prefix.
    pub fn cookies(&self, prefix: &str) -> Vec<String> {
        let cookies = self.cookies.lock().unwrap();
        let names = cookies.iter().map(|(name, _)| name);
        names
            .filter(|name| name.starts_with(prefix))
            .cloned()
            .collect()
    }

    /// Removes every cookie with this prefix.
    pub fn lose_cookies(&self, prefix: &str) {
        let mut cookies = self.cookies.lock().unwrap();
        cookies.retain(|(name, _)| !name.starts_with(prefix));
    }

    /// Requests a page; for a mailed link's page, that of the link opened last.
    pub async fn get(&self, path: &str) -> Reply {
        let address = self.tab(path);
        self.send(self.request(Method::GET, &address)).await
    }

    fn tab(&self, path: &str) -> String {
        let tabs = self.tabs.lock().unwrap();
        tabs.handle(path)
            .map_or_else(|| path.to_owned(), |handle| format!("{path}?link={handle}"))
    }

    /// Submits a form as a browser does without a script.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        let mut body: Vec<String> = fields
            .iter()
            .map(|(name, value)| format!("{}={}", encoded(name), encoded(value)))
            .collect();
        let handle = self.tabs.lock().unwrap().handle(path).cloned();
        if let Some(handle) = handle
            && !fields.iter().any(|(name, _)| *name == "link")
        {
            body.push(format!("link={handle}"));
        }
        self.post_raw(&self.tab(path), &body.join("&")).await
    }

    /// Submits a form with this body.
    pub async fn post_raw(&self, path: &str, body: &str) -> Reply {
        let request = self
            .request(Method::POST, path)
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body.to_owned());
        self.send(request).await
    }

    /// Calls a server function, as a hydrated page does.
    pub async fn call(&self, function: &str, arguments: &Value) -> Reply {
        self.send(self.call_of(function, arguments)).await
    }

    /// Builds the request of [`Self::call`].
    pub fn call_of(&self, function: &str, arguments: &Value) -> RequestBuilder {
        let mut arguments = arguments.clone();
        if let Some(handle) = self.tabs.lock().unwrap().for_function(function)
            && let Some(named) = arguments.as_object_mut()
        {
            named
                .entry("link")
                .or_insert_with(|| Value::String(handle.clone()));
        }
        self.request(Method::POST, &format!("/rpc/{function}"))
            .header(header::ORIGIN, &self.origin)
            .header(header::CONTENT_TYPE, "application/json")
            .body(arguments.to_string())
    }

    /// Opens an invitation's link and joins with a new account of this username.
    pub async fn join(&self, path: &str, username: &str) {
        self.get(path).await;
        let joined = self.call("accept", &super::new_account(username)).await;
        joined.expect(200);
    }

    /// Opens an invitation's link and joins with the signed-in account.
    pub async fn confirm(&self, path: &str) {
        self.get(path).await;
        let joined = self.call("accept_confirm", &serde_json::json!({})).await;
        joined.expect(200);
    }

    /// Builds a request with the cookies and nothing else.
    pub fn request(&self, method: Method, path: &str) -> RequestBuilder {
        let mut request = self
            .client
            .request(method, format!("{}{path}", self.address));
        let cookies = self.cookies.lock().unwrap();
        if !cookies.is_empty() {
            let line: Vec<String> = cookies
                .iter()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            request = request.header(header::COOKIE, line.join("; "));
        }
        request
    }

    /// Sends the request and stores the cookies of the response.
    pub async fn send(&self, request: RequestBuilder) -> Reply {
        self.attempt(request).await.unwrap()
    }

    /// Like [`Self::send`], but returns an error if there is no response.
    pub async fn attempt(&self, request: RequestBuilder) -> Result<Reply, reqwest::Error> {
        let response = request.send().await?;
        let status = response.status().as_u16();
        let headers = response.headers().clone();
        self.keep_cookies(&headers);
        let body = response.text().await?;
        let mut tabs = self.tabs.lock().unwrap();
        if let Some(location) = headers.get(header::LOCATION) {
            tabs.remember(location.to_str().unwrap());
        }
        if let Ok(Value::Object(answer)) = serde_json::from_str(&body)
            && let Some(to) = answer.get("to").and_then(Value::as_str)
        {
            tabs.remember(to);
        }
        drop(tabs);
        Ok(Reply {
            status,
            headers,
            body,
        })
    }

    fn keep_cookies(&self, headers: &header::HeaderMap) {
        let mut cookies = self.cookies.lock().unwrap();
        for line in headers.get_all(header::SET_COOKIE) {
            let line = line.to_str().unwrap();
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            if line.split("; ").any(|part| part == "Max-Age=0") {
                cookies.retain(|(kept, _)| kept != name);
            } else {
                set(&mut cookies, name, value);
            }
        }
    }
}

/// A cookie that is set again keeps its position.
fn set(cookies: &mut Vec<(String, String)>, name: &str, value: &str) {
    if let Some((_, old)) = cookies.iter_mut().find(|(kept, _)| kept == name) {
        value.clone_into(old);
    } else {
        cookies.push((name.to_owned(), value.to_owned()));
    }
}

/// Percent-encodes a form value.
pub fn encoded(text: &str) -> String {
    percent_encoding::utf8_percent_encode(text, percent_encoding::NON_ALPHANUMERIC).to_string()
}
