//! What needs attention in an institution: each kind with its first people and a link to all of them.

use i18n::*;
use leptos::prelude::*;
use muster::permission::Permission;
use rpc::{
    home::{Attention, COUNTED, Waiting},
    users::UserRow,
};

use crate::{
    shell::use_shell,
    ui::{ButtonKind, ButtonLink, Icon, IconName, Person},
    users::{MailPaused, State, StateTime},
};

/// A kind of people who need the same action.
struct Kind {
    /// The class of the color.
    tone: &'static str,
    icon: IconName,
    title: &'static str,
    text: &'static str,
    waiting: Waiting,
    shows: Shows,
    /// The list that has all of them and, if it has others too, the label of its link.
    to: &'static str,
    list: Option<&'static str>,
}

/// The details of each person that differ within a kind.
#[derive(Clone, Copy)]
enum Shows {
    Nothing,
    /// The remaining time, or the time since it ended.
    Time,
    State,
}

/// All kinds, the most urgent first, and the numbers of members and seats.
#[component]
pub fn AttentionView(attention: Attention) -> impl IntoView {
    let locale = use_locale();
    let paused = attention.mail_paused.clone();
    let figures = view! { <Figures active=attention.active seats=attention.seats/> };
    let kinds: Vec<Kind> = kinds(locale, attention)
        .into_iter()
        .filter(|kind| kind.waiting.count > 0)
        .collect();
    let well = kinds.is_empty();
    view! {
        {paused.map(|since| view! { <MailPaused since/> })}
        {figures}
        {if well {
            view! { <AllWell/> }.into_any()
        } else {
            view! {
                <section aria-labelledby="attention">
                    <h2 id="attention" class="section-title">{td!(locale, home.attention)}</h2>
                    <div class="attention">
                        {kinds.into_iter().map(|kind| view! { <KindCard kind/> }).collect_view()}
                    </div>
                </section>
            }
            .into_any()
        }}
    }
}

fn kinds(locale: Locale, attention: Attention) -> [Kind; 6] {
    [
        Kind {
            tone: "wait",
            icon: IconName::Bell,
            title: td_string!(locale, home.asked_title),
            text: td_string!(locale, home.asked_text),
            waiting: attention.asked,
            shows: Shows::State,
            to: "invitations",
            list: Some(td_string!(locale, home.see_invitations)),
        },
        Kind {
            tone: "bad",
            icon: IconName::MailX,
            title: td_string!(locale, home.refused_title),
            text: td_string!(locale, home.refused_text),
            waiting: attention.refused,
            shows: Shows::State,
            to: "invitations",
            list: Some(td_string!(locale, home.see_invitations)),
        },
        Kind {
            tone: "wait",
            icon: IconName::Send,
            title: td_string!(locale, home.unsent_title),
            text: td_string!(locale, home.unsent_text),
            waiting: attention.unsent,
            shows: Shows::Time,
            to: "invitations?state=not-notified",
            list: None,
        },
        Kind {
            tone: "locked",
            icon: IconName::Lock,
            title: td_string!(locale, home.locked_title),
            text: td_string!(locale, home.locked_text),
            waiting: attention.locked,
            shows: Shows::Nothing,
            to: "users?state=locked",
            list: None,
        },
        Kind {
            tone: "wait",
            icon: IconName::Hourglass,
            title: td_string!(locale, home.expiring_title),
            text: td_string!(locale, home.expiring_text),
            waiting: attention.expiring,
            shows: Shows::Time,
            to: "invitations?state=pending",
            list: Some(td_string!(locale, home.see_pending)),
        },
        Kind {
            tone: "bad",
            icon: IconName::CalendarX,
            title: td_string!(locale, home.expired_title),
            text: td_string!(locale, home.expired_text),
            waiting: attention.expired,
            shows: Shows::Time,
            to: "invitations?state=expired",
            list: None,
        },
    ]
}

#[component]
fn KindCard(kind: Kind) -> impl IntoView {
    let locale = use_locale();
    let count = counted(locale, kind.waiting.count);
    let shown = i64::try_from(kind.waiting.rows.len()).unwrap_or(i64::MAX);
    let more = kind.waiting.count > shown;
    let href = use_shell().path(kind.to);
    let words = kind.list.map_or_else(
        || td_string!(locale, home.see_all, count = count.clone()),
        str::to_owned,
    );
    view! {
        <section class=format!("card waiting-kind {}", kind.tone)>
            <header>
                <span class="medal"><Icon name=kind.icon/></span>
                <div>
                    <h3>{kind.title}</h3>
                    <p>{kind.text}</p>
                </div>
                <b>{count}</b>
            </header>
            <ul>
                {kind.waiting.rows.into_iter().map(|row| view! { <Waits row shows=kind.shows/> }).collect_view()}
            </ul>
            {more.then(|| view! {
                <a class="see-all" href=href>{words}<Icon name=IconName::ArrowRight/></a>
            })}
        </section>
    }
}

#[component]
fn Waits(row: UserRow, shows: Shows) -> impl IntoView {
    let (name, detail) = if row.name.trim().is_empty() {
        (row.email.clone(), None)
    } else {
        (row.name.clone(), Some(row.email.clone()))
    };
    let href = use_shell().path(&format!("users/{}", row.id));
    let shown = match shows {
        Shows::Nothing => ().into_any(),
        Shows::Time => view! { <div class="how"><StateTime state=row.state/></div> }.into_any(),
        Shows::State => {
            view! { <div class="how"><State state=row.state main_contact=false/></div> }.into_any()
        }
    };
    view! {
        <li>
            <Person name=name.clone() detail=detail key=name href=href/>
            {shown}
        </li>
    }
}

/// The number of active members and of taken seats.
#[component]
fn Figures(active: i64, seats: Option<(i64, i64)>) -> impl IntoView {
    let locale = use_locale();
    let list = use_shell().path("users?state=active");
    view! {
        <dl class="figures">
            <div class="card">
                <dt>{td!(locale, home.active_members)}</dt>
                <dd>
                    <strong>{counted(locale, active)}</strong>
                    <a href=list>{td!(locale, home.see_users)}</a>
                </dd>
            </div>
            {seats.map(|(taken, total)| view! { <Seats taken total/> })}
        </dl>
    }
}

#[component]
fn Seats(taken: i64, total: i64) -> impl IntoView {
    let locale = use_locale();
    let free = total.saturating_sub(taken).max(0);
    let words = td_string!(
        locale,
        home.seats_taken,
        taken = grouped(locale, taken),
        total = grouped(locale, total)
    );
    let rest = match free {
        0 => td_string!(locale, home.seats_full).to_owned(),
        1 => td_string!(locale, home.seats_free_singular).to_owned(),
        free => td_string!(
            locale,
            home.seats_free_plural,
            count = grouped(locale, free)
        ),
    };
    view! {
        <div class="card" class:full=free == 0>
            <dt id="seats">{td!(locale, home.seats)}</dt>
            <dd>
                <strong>{words}</strong>
                <progress aria-labelledby="seats" max=total.max(1).to_string() value=taken.to_string()></progress>
                <small>{rest}</small>
            </dd>
        </div>
    }
}

/// The view if nothing needs attention, with suggestions.
#[component]
fn AllWell() -> impl IntoView {
    let locale = use_locale();
    let shell = use_shell();
    let may_invite = shell.may(Permission::InviteUsers);
    let text = if may_invite {
        td_string!(locale, home.all_well_text)
    } else {
        td_string!(locale, home.all_well_reader)
    };
    view! {
        <section class="card all-well ok">
            <span class="medal"><Icon name=IconName::CircleCheck/></span>
            <div>
                <h2>{td!(locale, home.all_well_title)}</h2>
                <p>{text}</p>
            </div>
            <div class="row">
                {may_invite.then(|| view! {
                    <ButtonLink href=shell.path("invite") kind=ButtonKind::Primary icon=IconName::Plus>
                        {td!(locale, home.invite)}
                    </ButtonLink>
                })}
                <ButtonLink href=shell.path("users") icon=IconName::Users>{td!(locale, home.see_users)}</ButtonLink>
            </div>
        </section>
    }
}

/// Formats a count up to Home's limit: `1,000+` if there may be more.
fn counted(locale: Locale, count: i64) -> String {
    if count >= COUNTED {
        td_string!(locale, home.counted_over, count = grouped(locale, COUNTED))
    } else {
        grouped(locale, count)
    }
}
