//! The timeline of an invitation.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use muster::audit::AuditAction;
use rpc::users::{Step, TimelineStep};

use crate::{
    service::Actor,
    store::{audit, listing::Row},
    time_format::date_time,
};

/// Returns the steps of the invitation, oldest first.
pub(super) fn timeline(
    row: &Row,
    steps: Vec<audit::Step>,
    zone: Tz,
    actor: &Actor,
) -> Vec<TimelineStep> {
    let mut timeline = Vec::new();
    let mut add = |step, at, detail: String| timeline.push((at, step, detail));
    for done in steps {
        let step = match done.action.parse() {
            Ok(AuditAction::InvitationSent | AuditAction::InvitationResent)
                if row.login_details =>
            {
                Step::DetailsSent
            }
            Ok(AuditAction::InvitationSent) => Step::Invited,
            Ok(AuditAction::InvitationResent) => Step::Resent,
            Ok(AuditAction::InvitationLinkCopied) => Step::LinkCopied,
            Ok(AuditAction::InvitationAskedAgain) => Step::AskedAgain,
            Ok(AuditAction::InvitationAccepted) => Step::Accepted,
            Ok(AuditAction::InvitationDeclined) => Step::Declined,
            Ok(AuditAction::InvitationRevoked) => Step::Revoked,
            _ => continue,
        };
        add(step, done.at, done.actor);
    }
    // An import has no audit entries for individual people.
    let told = steps_tell(&timeline);
    if let (Some(at), false) = (row.sent_at, told) {
        let step = if row.login_details {
            Step::DetailsSent
        } else {
            Step::Invited
        };
        timeline.push((at, step, row.sender.clone().unwrap_or_default()));
    }
    let mut add = |step, at, detail: String| timeline.push((at, step, detail));
    if let (Some(_), Some(state), Some(at)) =
        (row.sent_at, row.mail_state.as_deref(), row.mail_state_at)
    {
        match state {
            "sent" => add(
                Step::MailAccepted,
                at,
                row.mail_response.clone().unwrap_or_default(),
            ),
            "refused" => add(
                Step::MailRefused,
                at,
                row.mail_response.clone().unwrap_or_default(),
            ),
            _ => {}
        }
    }
    if let Some(at) = row.viewed_at {
        add(Step::Viewed, at, String::new());
    }
    if let (Some(at), None) = (row.joined_at, row.sent_at) {
        add(Step::Joined, at, String::new());
    }
    if let (Some(at), Some(..=0), "invited") =
        (row.expires_at, row.seconds_left, row.status.as_str())
    {
        add(Step::Expired, at, String::new());
    }
    timeline.sort_by_key(|(at, ..)| *at);
    timeline
        .into_iter()
        .map(|(at, step, detail)| TimelineStep {
            step,
            at: date_time(at, zone, actor.language),
            detail,
        })
        .collect()
}

/// Returns whether the audit log contains the sending of the invitation.
fn steps_tell(timeline: &[(DateTime<Utc>, Step, String)]) -> bool {
    timeline
        .iter()
        .any(|(_, step, _)| matches!(step, Step::Invited | Step::DetailsSent | Step::Resent))
}
