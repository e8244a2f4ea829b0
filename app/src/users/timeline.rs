//! The timeline of an invitation, with its next steps.

use i18n::*;
use leptos::prelude::*;
use muster::account_state::AccountState;
use rpc::users::{MailState, Step, TimelineStep, UserView};

use super::state::in_full;
use crate::ui::{ChipKind, IconName, Timeline, TimelineItem};

#[component]
pub fn InvitationTimeline(user: UserView) -> impl IntoView {
    let locale = use_locale();
    let mut items: Vec<TimelineItem> = user
        .timeline
        .iter()
        .map(|step| passed(locale, step))
        .collect();
    items.extend(to_come(locale, &user));
    let empty = items.is_empty();
    view! {
        <section class="card details">
            <header><h2>{td!(locale, users.timeline)}</h2></header>
            {if empty {
                view! { <p class="muted nothing">{td!(locale, users.timeline_empty)}</p> }.into_any()
            } else {
                view! { <Timeline label=move || td_string!(locale, users.timeline) items/> }.into_any()
            }}
        </section>
    }
}

fn passed(locale: Locale, step: &TimelineStep) -> TimelineItem {
    let (kind, icon, title) = match step.step {
        Step::Invited => (
            ChipKind::Off,
            IconName::Send,
            td_string!(locale, users.step_invited),
        ),
        Step::Resent => (
            ChipKind::Off,
            IconName::RefreshCw,
            td_string!(locale, users.step_resent),
        ),
        Step::DetailsSent => (
            ChipKind::Off,
            IconName::KeyRound,
            td_string!(locale, users.step_details_sent),
        ),
        Step::MailAccepted => (
            ChipKind::Active,
            IconName::MailCheck,
            td_string!(locale, users.step_mail_accepted),
        ),
        Step::MailRefused => (
            ChipKind::Expired,
            IconName::MailX,
            td_string!(locale, users.step_mail_refused),
        ),
        Step::LinkCopied => (
            ChipKind::Pending,
            IconName::Link,
            td_string!(locale, users.step_link_copied),
        ),
        Step::Viewed => (
            ChipKind::Active,
            IconName::Eye,
            td_string!(locale, users.step_viewed),
        ),
        Step::AskedAgain => (
            ChipKind::Pending,
            IconName::Bell,
            td_string!(locale, users.step_asked_again),
        ),
        Step::Expired => (
            ChipKind::Expired,
            IconName::CalendarX,
            td_string!(locale, users.step_expired),
        ),
        Step::Accepted => (
            ChipKind::Active,
            IconName::UserCheck,
            td_string!(locale, users.step_accepted),
        ),
        Step::Joined => (
            ChipKind::Active,
            IconName::UserCheck,
            td_string!(locale, users.step_joined),
        ),
        Step::Declined => (
            ChipKind::Expired,
            IconName::UserX,
            td_string!(locale, users.step_declined),
        ),
        Step::Revoked => (
            ChipKind::Off,
            IconName::Ban,
            td_string!(locale, users.step_revoked),
        ),
    };
    let detail = step.detail.trim();
    let note = match step.step {
        _ if detail.is_empty() => None,
        // Their detail is the mail server's answer.
        Step::MailAccepted | Step::MailRefused => Some(detail.to_owned()),
        _ => Some(td_string!(locale, users.by, who = detail.to_owned())),
    };
    TimelineItem::new(kind, icon, title)
        .when(in_full(&step.at))
        .note(note)
}

/// Returns the next steps of an open invitation, outlined. Only the page itself reports that it was opened: a fetched
/// link proves nothing, because mail scanners fetch links too.
fn to_come(locale: Locale, user: &UserView) -> Vec<TimelineItem> {
    if !user.open_invitation {
        return Vec::new();
    }
    let state = &user.row.state;
    let mut items = Vec::new();
    match state.mail {
        MailState::Queued => {
            items.push(TimelineItem::new(
                ChipKind::Waiting,
                IconName::Mail,
                td_string!(locale, users.step_mail_queued),
            ));
        }
        MailState::Delayed => items.push(
            TimelineItem::new(
                ChipKind::Pending,
                IconName::Hourglass,
                td_string!(locale, users.step_mail_delayed),
            )
            .note(td_string!(locale, users.mail_delayed_note)),
        ),
        MailState::None | MailState::Sent | MailState::Refused => {}
    }
    let sent = user
        .timeline
        .iter()
        .rposition(|step| matches!(step.step, Step::Invited | Step::DetailsSent | Step::Resent))
        .unwrap_or(0);
    let viewed = user
        .timeline
        .iter()
        .skip(sent)
        .any(|step| step.step == Step::Viewed);
    if state.state == AccountState::NotNotified {
        items.push(
            TimelineItem::new(
                ChipKind::Waiting,
                IconName::Send,
                td_string!(locale, users.step_sent),
            )
            .when(Some(match &state.sends_at {
                Some(at) => in_full(at),
                None => td_string!(locale, users.step_sent_by_hand).to_owned(),
            })),
        );
    }
    if state.state == AccountState::Pending {
        // Login details have no page to open.
        if !viewed && !user.login_details {
            items.push(
                TimelineItem::new(
                    ChipKind::Waiting,
                    IconName::Eye,
                    td_string!(locale, users.step_opens),
                )
                .note(
                    (state.mail == MailState::Sent)
                        .then(|| td_string!(locale, users.step_opens_note).to_owned()),
                ),
            );
        }
        items.push(
            TimelineItem::new(
                ChipKind::Waiting,
                IconName::UserCheck,
                if user.login_details {
                    td_string!(locale, users.step_signs_in)
                } else {
                    td_string!(locale, users.step_accepts)
                },
            )
            .when(
                state
                    .until
                    .as_ref()
                    .map(|until| td_string!(locale, users.step_until, until = in_full(until))),
            ),
        );
    }
    items
}
