//! Manual changes, made on the server and in the model.

use serde_json::{Value, json};

use super::{
    people::{Fields, Role},
    play::Play,
    steps::{Hand, Said},
};
use crate::support::{link, new_account};

impl Play<'_> {
    pub(super) async fn hand(&mut self, hand: Hand) {
        match hand {
            Hand::Edit(who, said) => self.edit(who, said).await,
            Hand::Invite(who, role) => self.invite(who, role).await,
            Hand::Accept(who) => self.accept(who).await,
            Hand::Leave(who) => self.leave(who).await,
        }
    }

    async fn about(&self, email: &str) -> Value {
        json!({ "slug": self.chief.slug, "id": self.site.membership(email).await })
    }

    async fn edit(&mut self, who: usize, said: Said) {
        let email = self.address(who);
        let Some(person) = self.people.by_email.get_mut(&email) else {
            return;
        };
        person.fields = Fields {
            first_name: said.first_name,
            last_name: said.last_name,
            phone: said.phone,
            role: said.role.unwrap_or(person.fields.role),
        };
        let fields = person.fields.clone();
        let mut arguments = self.about(&email).await;
        let view = self.chief.browser.call("user", &arguments).await;
        let view = view.expect(200).json();
        arguments["draft"] = json!({
            "first_name": fields.first_name, "last_name": fields.last_name,
            "phone": fields.phone.unwrap_or_default(), "role": self.roles[fields.role.name()],
            "version": view["version"].to_string(),
        });
        let edited = self.chief.browser.call("edit_user", &arguments).await;
        assert_eq!(edited.expect(200).json(), json!("Saved"));
    }

    async fn invite(&mut self, who: usize, role: Role) {
        let email = self.address(who);
        if self.people.by_email.contains_key(&email) {
            return;
        }
        let outcome = self.site.invite(&self.chief, &email, role.name()).await;
        assert_eq!(outcome, json!("Invited"));
        let fields = Fields {
            first_name: String::new(),
            last_name: String::new(),
            phone: None,
            role,
        };
        self.people.add(&email, fields, None);
    }

    /// People who have an account join in another way, which is not covered here.
    async fn accept(&mut self, who: usize) {
        let (email, username) = (self.address(who), self.username(who));
        for mail in self.site.mails().await {
            self.links.insert(mail.recipient.clone(), link(&mail));
        }
        let reserved_by_another = self
            .people
            .by_email
            .iter()
            .any(|(address, it)| *address != email && it.username.as_ref() == Some(&username));
        let Some(person) = self.people.by_email.get_mut(&email) else {
            return;
        };
        if person.active || reserved_by_another || !self.accounts.insert(email.clone()) {
            return;
        }
        let browser = self.site.browser();
        browser.get(&self.links[&email]).await;
        let joined = browser.call("accept", &new_account(&username)).await;
        joined.expect(200);
        person.active = true;
        "Marty".clone_into(&mut person.fields.first_name);
        "Quist".clone_into(&mut person.fields.last_name);
        person.username = Some(username);
    }

    async fn leave(&mut self, who: usize) {
        let email = self.address(who);
        let Some(person) = self.people.by_email.remove(&email) else {
            return;
        };
        let function = if person.active {
            self.people.kept_names.extend(person.username);
            "remove_user"
        } else {
            "revoke"
        };
        let arguments = self.about(&email).await;
        let left = self.chief.browser.call(function, &arguments).await;
        left.expect(200);
    }
}
