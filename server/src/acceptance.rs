//! Answers to invitations: view, accept, decline, ask again. Each takes a reference to the opened link (see
//! [`crate::mailed_links`]) and no other id, so a request cannot name another invitation.

mod shown;

use async_trait::async_trait;
use i18n::role_name;
use muster::{
    audit::{AccountAction, AuditAction},
    draft::AcceptDraft,
    failure::Failure,
    ids::AccountId,
};
use rpc::{
    Answer, Caller, Outcome,
    accept::{AcceptView, Acceptance, Accepted, AlreadyJoined},
    session::Go,
};
use serde_json::json;
use uuid::Uuid;

use crate::{
    error::{Error, boundary, constraint},
    founding::{Added, add_account, taken},
    keys::Hash,
    mailed_links::{LinkPage, SHORTEST_COOKIE_SECONDS},
    passwords::Share,
    service::{Service, going},
    sessions::leave,
    setup::free_username,
    store::{
        self, Tx, accounts, audit, institutions,
        invitations::{self, Found, Way},
        limits, memberships, outbox,
    },
    time_format::{date_time, zone},
};

#[async_trait]
impl Acceptance for Service {
    async fn accept_view(&self, caller: &Caller, link: &str) -> Outcome<AcceptView> {
        boundary("accept_view", async {
            let (linked, found, shown, mut tx) = self.invitation(&caller.links, link).await?;
            let hash = linked.hash;
            let form = format!(
                "{}.{}",
                self.keys.link_ticket(LinkPage::Accept, &hash),
                self.digest_of(&hash, &shown)
            );
            // Set the link's cookie again if the browser has lost it: its form authenticates the link.
            let cookies = if self.lacks_cookie(caller, LinkPage::Accept, &hash) {
                let seconds = shown.seconds_left.max(SHORTEST_COOKIE_SECONDS);
                vec![self.link_cookie(LinkPage::Accept, &hash, seconds)]
            } else {
                Vec::new()
            };
            let visitor = match &caller.session {
                Some(session) => accounts::by_id(&mut tx, session.account).await?,
                None => None,
            };
            let may_confirm = visitor
                .as_ref()
                .is_some_and(|account| account.email.as_deref() == Some(shown.email.as_str()));
            let proposal = match shown.username {
                Some(username)
                    if !accounts::username_in_use(&mut tx, &username, Some(key(found))).await? =>
                {
                    username
                }
                _ => free_username(&mut tx, &shown.first_name, &shown.last_name).await?,
            };
            let value = AcceptView {
                link: form,
                handle: self.keys.link_handle(LinkPage::Accept, &hash),
                role: role_name(
                    caller.language,
                    shown.role_code.as_deref(),
                    &shown.role_name,
                ),
                until: date_time(shown.expires_at, zone(&shown.time_zone), caller.language),
                institution: shown.institution,
                inviter: shown.inviter,
                email: shown.email,
                seconds_left: shown.seconds_left,
                asked_again: shown.asked_again,
                first_name: shown.first_name,
                last_name: shown.last_name,
                proposal,
                language: caller.language.code().to_owned(),
                note: shown.note,
                signed_in_as: visitor.map(|account| account.email.unwrap_or(account.username)),
                may_confirm,
            };
            Ok(Answer { value, cookies })
        })
        .await
    }

    async fn already_joined(&self, caller: &Caller, link: &str) -> Outcome<Option<AlreadyJoined>> {
        boundary("already_joined", self.joined_by(caller, link)).await
    }

    async fn accept_viewed(&self, caller: &Caller, link: &str) -> Outcome<()> {
        boundary("accept_viewed", async {
            let (_, found, _, mut tx) = self.invitation(&caller.links, link).await?;
            invitations::viewed(&mut tx, found.institution, found.membership).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn accept(
        &self,
        caller: &Caller,
        link: &str,
        sign_out: bool,
        draft: &AcceptDraft,
    ) -> Outcome<Accepted> {
        boundary("accept", async {
            let (linked, found, shown, mut tx) = self.invitation(&caller.links, link).await?;
            if shown.seconds_left <= 0 {
                return Err(Failure::InvalidLink.into());
            }
            // This browser has a session: its user accepts with their own account or signs out first.
            if caller.session.is_some() && !sign_out {
                return Err(Failure::WrongAddress.into());
            }
            self.same_as_shown(&linked, &shown)?;
            let wanted = draft.parse_for(&shown.email)?;
            // The attempt is counted first, because the answer reveals whether the username is taken. The username is
            // checked before the hash, to save a useless hash, and again under the lock.
            limits::take_hash(&mut tx, caller.ip, found.membership).await?;
            let username = wanted.username.as_str();
            let is_taken = accounts::username_in_use(&mut tx, username, Some(key(found))).await?;
            tx.commit().await?;
            if is_taken {
                return Err(taken());
            }
            let share = Share::of(caller.ip, found.membership);
            let hash = self
                .passwords
                .hash(&share, wanted.password.as_str())
                .await?;
            let email = muster::email::EmailAddress::parse(&shown.email)
                .map_err(|_| Error::internal("an invitation without an address"))?;
            let id = AccountId::from_uuid(Uuid::now_v7());

            let account = accounts::NewAccount {
                id,
                email: &email,
                confirmed: found.way != Way::Copied,
                username: &wanted.username,
                password_hash: &hash,
                password_mailed: false,
                language: wanted.language.code(),
            };
            let names = (wanted.first_name.as_str(), wanted.last_name.as_str());
            let mut tx = self.changing(found.institution, found.membership).await?;
            self.lock_as_shown(&mut tx, &linked, found).await?;
            let added = self
                .join_anew(&mut tx, caller, found, &linked.hash, &account, Some(names))
                .await?;
            if added == Added::AddressInUse {
                // The transaction was rolled back, and with it the use of the link. Only the owner of the mailbox gets
                // here, so the answer may reveal that the address has an account.
                let handle = self.keys.link_handle(LinkPage::Accept, &linked.hash);
                let cookie = self.link_cookie(LinkPage::Accept, &linked.hash, shown.seconds_left);
                return Ok(Answer {
                    value: Accepted::SignInFirst(Go {
                        to: LinkPage::Accept.sign_in_first(&handle),
                    }),
                    cookies: vec![cookie],
                });
            }
            leave(&mut tx, caller).await?;
            let cookie = self.begin_session(&mut tx, id, false).await?;
            tx.commit().await?;
            let to = format!("/i/{}", shown.slug);
            Ok(Answer {
                value: Accepted::Joined(Go { to }),
                cookies: vec![
                    cookie,
                    self.remove_link_cookie(LinkPage::Accept, &linked.hash),
                ],
            })
        })
        .await
    }

    async fn accept_confirm(&self, caller: &Caller, link: &str) -> Outcome<Go> {
        boundary("accept_confirm", async {
            let account = Self::account(caller)?;
            let (linked, found, shown, tx) = self.invitation(&caller.links, link).await?;
            tx.rollback().await?;
            let mut tx = self.changing(found.institution, found.membership).await?;
            let owner = accounts::by_id(&mut tx, account)
                .await?
                .ok_or(Failure::Unauthenticated)?;
            if owner.email.as_deref() != Some(shown.email.as_str()) {
                return Err(Failure::WrongAddress.into());
            }
            self.lock_as_shown(&mut tx, &linked, found).await?;
            if !invitations::use_up(&mut tx, found.institution, found.membership, &linked.hash)
                .await?
            {
                return Err(Failure::InvalidLink.into());
            }
            // Names typed by the inviter take precedence; otherwise the account's own names are used.
            let own = if shown.last_name.is_empty() {
                memberships::name_of(&mut tx, account).await?
            } else {
                None
            };
            let names = own
                .as_ref()
                .map(|(first, last)| (first.as_str(), last.as_str()));
            match memberships::join(&mut tx, found.institution, found.membership, account, names)
                .await
            {
                Err(error) if constraint(&error) == Some("memberships_account_key") => {
                    return Err(Failure::Conflict.into());
                }
                joined => joined?,
            }
            self.joined(&mut tx, caller, found, "existing account")
                .await?;
            tx.commit().await?;
            Ok(going(
                format!("/i/{}", shown.slug),
                vec![self.remove_link_cookie(LinkPage::Accept, &linked.hash)],
            ))
        })
        .await
    }

    async fn decline(&self, caller: &Caller, link: &str) -> Outcome<()> {
        boundary("decline", async {
            let (linked, found, _, tx) = self.invitation(&caller.links, link).await?;
            tx.rollback().await?;
            let mut tx = self.changing(found.institution, found.membership).await?;
            institutions::lock_seats(&mut tx, found.institution).await?;
            store::hurry(&mut tx).await?;
            // The link may have been replaced while this transaction waited for the lock.
            if invitations::find(&mut tx, &linked.hash).await?.is_none() {
                return Err(Failure::InvalidLink.into());
            }
            if !invitations::close(&mut tx, found.institution, found.membership).await? {
                return Err(Failure::InvalidLink.into());
            }
            memberships::close(&mut tx, found.institution, found.membership, "declined").await?;
            invitations::forget_words(&mut tx, found.institution, found.membership).await?;
            audit::insert(
                &mut tx,
                entry(caller, found, AuditAction::InvitationDeclined),
            )
            .await?;
            // A worker erases the name from the import's rows.
            outbox::wake(&mut tx).await?;
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }

    async fn ask_again(&self, caller: &Caller, link: &str) -> Outcome<()> {
        boundary("ask_again", async {
            let (linked, found, _, tx) = self.invitation(&caller.links, link).await?;
            tx.rollback().await?;
            let mut tx = self.changing(found.institution, found.membership).await?;
            store::hurry(&mut tx).await?;
            // The link may have been replaced while this request waited for its turn.
            if invitations::find(&mut tx, &linked.hash).await?.is_none() {
                return Err(Failure::InvalidLink.into());
            }
            if invitations::ask_again(&mut tx, found.institution, found.membership).await? {
                audit::insert(
                    &mut tx,
                    entry(caller, found, AuditAction::InvitationAskedAgain),
                )
                .await?;
            }
            tx.commit().await?;
            Ok(().into())
        })
        .await
    }
}

impl Service {
    /// Creates the account and joins the invitation's membership to it, and consumes the token or the temporary
    /// password `by`. If another account has the address, it returns `AddressInUse` and the transaction is aborted.
    ///
    /// # Errors
    /// Returns `InvalidLink` if the invitation was used, has expired or was revoked, and `Invalid` if the username is
    /// taken.
    pub(crate) async fn join_anew(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        found: Found,
        by: &Hash,
        account: &accounts::NewAccount<'_>,
        names: Option<(&str, &str)>,
    ) -> Result<Added, Error> {
        institutions::lock_seats(tx, found.institution).await?;
        store::hurry(tx).await?;
        if !invitations::use_up(tx, found.institution, found.membership, by).await? {
            return Err(Failure::InvalidLink.into());
        }
        let added = add_account(tx, account, Some(key(found))).await?;
        if added == Added::Done {
            memberships::join(tx, found.institution, found.membership, account.id, names).await?;
            self.joined(tx, caller, found, "new account").await?;
            audit::insert_account(tx, account.id, AccountAction::Created, Some(caller.ip)).await?;
        }
        Ok(added)
    }

    async fn joined(
        &self,
        tx: &mut Tx,
        caller: &Caller,
        found: Found,
        by: &str,
    ) -> Result<(), Error> {
        let way = match found.way {
            Way::Mailed => "mailed link",
            Way::Copied => "copied link",
            Way::Details => "login details",
        };
        let entry = entry(caller, found, AuditAction::InvitationAccepted)
            .with(json!({ "by": by, "way": way }));
        Ok(audit::insert(tx, entry).await?)
    }
}

/// Returns an audit entry for an action of the invited person.
fn entry(caller: &Caller, found: Found, action: AuditAction) -> audit::Entry {
    audit::Entry::new(found.institution, action)
        .about(found.membership)
        .from_ip(caller.ip)
}

fn key(found: Found) -> (Uuid, Uuid) {
    (found.institution.as_uuid(), found.membership.as_uuid())
}
