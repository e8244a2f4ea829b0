//! An institution with its main contact, another administrator and a Basic member.

use serde_json::{Value, json};

use super::{Person, Reply, Site};
use crate::invitations::about;

pub struct Place {
    pub site: Site,
    /// The main contact.
    pub chief: Person,
    /// Another administrator.
    pub other: Person,
    pub basic: Person,
}

pub async fn place() -> Place {
    let site = Site::new().await;
    let chief = site.institution("Harbour").await;
    let other = site
        .member(&chief, "other@example.org", "heron.other", "Administrator")
        .await;
    let basic = site
        .member(&chief, "basic@example.org", "heron.basic", "Basic")
        .await;
    Place {
        site,
        chief,
        other,
        basic,
    }
}

impl Place {
    pub async fn call(&self, by: &Person, function: &str, email: &str) -> Reply {
        by.browser
            .call(function, &about(&self.site, email).await)
            .await
    }

    pub async fn view(&self, email: &str) -> Value {
        let view = self.call(&self.chief, "user", email).await;
        view.expect(200).json()
    }

    /// Returns the arguments that change the role and nothing else.
    pub async fn with_role(&self, email: &str, role: &str) -> Value {
        let view = self.view(email).await;
        let mut arguments = about(&self.site, email).await;
        arguments["draft"] = json!({
            "first_name": view["first_name"], "last_name": view["last_name"], "phone": view["phone"],
            "role": self.site.role(&self.chief, role).await, "version": view["version"].to_string(),
        });
        arguments
    }
}
