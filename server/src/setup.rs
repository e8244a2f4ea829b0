//! The first set-up, and the checks of usernames and passwords that forms share.

use async_trait::async_trait;
use muster::{audit::AccountAction, draft::SetupDraft, failure::Failure, ids::AccountId, username};
use rpc::{
    Answer, Caller, Outcome,
    session::Go,
    setup::{Setup, SetupView, Strength},
};
use uuid::Uuid;

use crate::{
    cpu_work,
    error::{Error, boundary},
    founding::{Added, Founding, add_account, found, main_account},
    keys::random_number,
    mailed_links::{LinkPage, SETUP_COOKIE_SECONDS},
    passwords::Share,
    service::{Service, going},
    store::{
        Tx, accounts, audit, invitations,
        limits::{self, Limit},
        links::{self, Kind},
    },
};

/// Limits username checks. A person asks a few times; an enumeration of a directory asks thousands of times.
const TAKEN_PER_ADDRESS: Limit = Limit {
    times: 60,
    seconds: 60,
};
const STRENGTH_PER_ADDRESS: Limit = Limit {
    times: 120,
    seconds: 60,
};

/// The cost of zxcvbn grows quadratically with the length. Characters after these cannot make a password weaker.
const STRENGTH_CHARACTERS: usize = 100;

#[async_trait]
impl Setup for Service {
    async fn setup_view(&self, caller: &Caller, link: &str) -> Outcome<SetupView> {
        boundary("setup_view", async {
            let hash = self.linked(&caller.links, LinkPage::Setup, link)?.hash;
            let mut tx = self.store.across().await?;
            if !links::setup_is_open(&mut tx, &hash).await? {
                return Err(Failure::InvalidLink.into());
            }
            let value = SetupView {
                link: self.keys.link_ticket(LinkPage::Setup, &hash),
                time_zones: chrono_tz::TZ_VARIANTS
                    .iter()
                    .map(|zone| zone.name())
                    .filter(|name| is_shown(name))
                    .map(str::to_owned)
                    .collect(),
                proposal: free_username(&mut tx, "", "").await?,
            };
            // Set the link's cookie again if the browser has lost it: its form authenticates the link.
            let cookies = if self.lacks_cookie(caller, LinkPage::Setup, &hash) {
                vec![self.link_cookie(LinkPage::Setup, &hash, SETUP_COOKIE_SECONDS)]
            } else {
                Vec::new()
            };
            Ok(Answer { value, cookies })
        })
        .await
    }

    async fn set_up(&self, caller: &Caller, link: &str, draft: &SetupDraft) -> Outcome<Go> {
        boundary("set_up", async {
            let link_hash = self.linked(&caller.links, LinkPage::Setup, link)?.hash;
            let mut tx = self.store.across().await?;
            if !links::setup_is_open(&mut tx, &link_hash).await? {
                return Err(Failure::InvalidLink.into());
            }
            let wanted = draft.parse()?;
            limits::take_hash(&mut tx, caller.ip, "the set-up").await?;
            tx.commit().await?;
            let share = Share::of(caller.ip, "the set-up");
            let hash = self
                .passwords
                .hash(&share, wanted.password.as_str())
                .await?;
            let account = AccountId::from_uuid(Uuid::now_v7());

            let mut tx = self.store.across().await?;
            if !links::use_setup(&mut tx, &link_hash).await? {
                return Err(Failure::InvalidLink.into());
            }
            let added = add_account(&mut tx, &main_account(&wanted, account, &hash), None).await?;
            if added == Added::AddressInUse {
                return Err(Failure::InvalidLink.into());
            }
            let slug = found(&mut tx, &Founding::of(&wanted, account)).await?;
            audit::insert_account(&mut tx, account, AccountAction::SetUp, Some(caller.ip)).await?;
            let cookie = self.begin_session(&mut tx, account, false).await?;
            tx.commit().await?;
            Ok(going(
                format!("/i/{}/users", slug.as_str()),
                vec![cookie, self.remove_link_cookie(LinkPage::Setup, &link_hash)],
            ))
        })
        .await
    }

    async fn username_taken(&self, caller: &Caller, link: &str, username: &str) -> Outcome<bool> {
        boundary("username_taken", async {
            let mut tx = self.store.across().await?;
            let but = self.entitled(&mut tx, caller, link).await?;
            limits::take(
                &mut tx,
                &format!("username taken from {}", limits::client_key(caller.ip)),
                TAKEN_PER_ADDRESS,
            )
            .await?;
            let taken = accounts::username_in_use(&mut tx, username, but).await?;
            tx.commit().await?;
            Ok(taken.into())
        })
        .await
    }

    async fn password_strength(
        &self,
        caller: &Caller,
        link: &str,
        password: &str,
        hints: &[String],
    ) -> Outcome<Strength> {
        boundary("password_strength", async {
            let mut tx = self.store.across().await?;
            self.entitled(&mut tx, caller, link).await?;
            limits::take(
                &mut tx,
                &format!("password strength from {}", limits::client_key(caller.ip)),
                STRENGTH_PER_ADDRESS,
            )
            .await?;
            tx.commit().await?;
            let password: String = password.chars().take(STRENGTH_CHARACTERS).collect();
            let hints: Vec<String> = hints
                .iter()
                .take(8)
                .map(|hint| hint.chars().take(STRENGTH_CHARACTERS).collect())
                .collect();
            let score = cpu_work::run(move || {
                let hints: Vec<&str> = hints.iter().map(String::as_str).collect();
                u8::from(zxcvbn::zxcvbn(&password, &hints).score())
            })
            .await?;
            Ok(Strength { score }.into())
        })
        .await
    }
}

impl Service {
    /// Checks that the caller fills in a form that needs these checks: with a valid link or a session. Returns the
    /// invitation whose own username reservation is ignored.
    async fn entitled(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        link: &str,
    ) -> Result<Option<(Uuid, Uuid)>, Error> {
        for page in LinkPage::ALL {
            let Ok(linked) = self.linked(&caller.links, page, link) else {
                continue;
            };
            let hash = &linked.hash;
            let kind = match page {
                LinkPage::Accept => {
                    if let Some(found) = invitations::find(tx, hash).await? {
                        return Ok(Some((
                            found.institution.as_uuid(),
                            found.membership.as_uuid(),
                        )));
                    }
                    continue;
                }
                LinkPage::Setup => {
                    if links::setup_is_open(tx, hash).await? {
                        return Ok(None);
                    }
                    continue;
                }
                LinkPage::Reset => Kind::Reset,
                LinkPage::Confirm => Kind::Confirm,
                // Its page has no field to check.
                LinkPage::Unlock => continue,
            };
            if links::living(tx, kind, hash).await?.is_some() {
                return Ok(None);
            }
        }
        if caller.session.is_some() || caller.choosing.is_some() {
            return Ok(None);
        }
        Err(Failure::InvalidLink.into())
    }
}

/// Proposes a free username that keeps the rules for this name.
///
/// # Errors
/// Returns an error if a query fails.
pub async fn free_username(
    tx: &mut Tx,
    first_name: &str,
    last_name: &str,
) -> Result<String, Error> {
    /// The number of proposals. There are about 200,000, so all of these being taken is practically impossible.
    const DRAWS: usize = 20;
    let mut proposal = username::propose(first_name, last_name, random_number()?);
    for _ in 0..DRAWS {
        if !accounts::username_in_use(tx, proposal.as_str(), None).await? {
            break;
        }
        proposal = username::propose(first_name, last_name, random_number()?);
    }
    Ok(proposal.as_str().to_owned())
}

/// Returns whether the form offers this zone: legacy aliases are left out.
fn is_shown(name: &str) -> bool {
    name == "UTC"
        || [
            "Africa/",
            "America/",
            "Antarctica/",
            "Arctic/",
            "Asia/",
            "Atlantic/",
            "Australia/",
            "Europe/",
            "Indian/",
            "Pacific/",
        ]
        .iter()
        .any(|region| name.starts_with(region))
}
