//! The result of a posted form, with which its page is rendered again.

use muster::failure::Failure;
use serde::{Deserialize, Serialize};

/// A form that the browser posted, with its result. The page is rendered again with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedForm {
    /// The name of the form within the page.
    pub intent: String,
    /// The reference to the emailed link of the page, or empty.
    pub link: String,
    /// The input without passwords, as JSON.
    pub draft: String,
    /// The result: the answer as JSON, or the failure.
    pub answer: Result<String, Failure>,
}
