//! Known and unknown accounts take the same time. A rank test with a tolerance of one millisecond: the slower side, made
//! one millisecond faster, must not rank as slower.
//!
//! Password resets and invitations hash no password: 1,000 samples for each side. A sign-in costs one argon2id, about 50 ms
//! of CPU time: 60 samples for each side, which reliably detect 5 ms and a missing hash (50 ms). The samples of the two
//! sides alternate, so that other load on the machine affects both. The services are called without HTTP.

use std::{
    future::Future,
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use muster::{
    draft::{ForgottenDraft, InviteDraft, InviteRow, SignInDraft},
    ids::AccountId,
    language::Language,
};
use rpc::{Caller, LinkCookies, Session, invitations::Invitations, session::Sessions};
use server::keys::Token;

use crate::support::Site;

const EFFECT: f64 = 0.001;

/// The significance threshold in standard deviations: by chance once in about 30,000 runs.
const FAR: f64 = 4.0;

/// Times both sides alternately; the number identifies the pair.
async fn sample<F: Future<Output = ()>>(
    pairs: u32,
    mut call: impl FnMut(bool, u32) -> F,
) -> [Vec<f64>; 2] {
    let mut times = [Vec::new(), Vec::new()];
    for pair in 0..pairs {
        // The order of the two sides alternates, too.
        for side in if pair % 2 == 0 { [0, 1] } else { [1, 0] } {
            let begun = Instant::now();
            call(side == 0, pair).await;
            times[side].push(begun.elapsed().as_secs_f64());
        }
    }
    times
}

/// Returns by how many standard deviations `slow` ranks above `fast` (Mann-Whitney U test).
fn rank(slow: &[f64], fast: &[f64]) -> f64 {
    let mut all: Vec<(f64, bool)> = slow
        .iter()
        .map(|time| (*time, true))
        .chain(fast.iter().map(|time| (*time, false)))
        .collect();
    all.sort_by(|one, other| one.0.total_cmp(&other.0));
    let count = |values: &[f64]| f64::from(u32::try_from(values.len()).unwrap());
    let (many, others) = (count(slow), count(fast));
    let ranks: f64 = (1_u32..)
        .zip(&all)
        .filter(|(_, (_, slow))| *slow)
        .map(|(rank, _)| f64::from(rank))
        .sum();
    let u = ranks - many * (many + 1.0) / 2.0;
    let deviation = (many * others * (many + others + 1.0) / 12.0).sqrt();
    (u - many * others / 2.0) / deviation
}

fn assert_alike([known, unknown]: &[Vec<f64>; 2]) {
    for (what, slow, fast) in [("known", known, unknown), ("unknown", unknown, known)] {
        let faster: Vec<f64> = slow.iter().map(|time| time - EFFECT).collect();
        let far = rank(&faster, fast);
        assert!(
            far < FAR,
            "{what} takes over a millisecond longer: {far:.1} deviations"
        );
    }
}

/// Returns a caller with its own IP address, so that no limit for one address applies.
pub fn caller(number: u32, session: Option<Session>) -> Caller {
    let [_, b, c, d] = number.to_be_bytes();
    Caller {
        session,
        choosing: None,
        language: Language::En,
        ip: IpAddr::V4(Ipv4Addr::new(10, b, c, d)),
        mailbox: false,
        links: LinkCookies::default(),
        theme: None,
    }
}

fn address(known: bool, number: u32) -> String {
    format!("{}{number}@example.org", if known { "k" } else { "u" })
}

/// Creates a thousand accounts.
async fn crowd() -> Site {
    let site = Site::new().await;
    site.institution("Harbour").await;
    sqlx::query(
        "INSERT INTO muster.accounts (id, email, username, password_hash)
         SELECT gen_random_uuid(), 'k' || n || '@example.org', 'heron.k' || lpad(n::text, 5, '0'),
                (SELECT password_hash FROM muster.accounts)
         FROM generate_series(0, 1099) n",
    )
    .execute(site.sql())
    .await
    .unwrap();
    sqlx::query("ANALYZE").execute(site.sql()).await.unwrap();
    site
}

#[test]
fn the_rank_test_detects_two_milliseconds_but_not_a_tenth_of_one() {
    let times = |more: f64| {
        (0..200)
            .map(|number| 0.01 + f64::from(number % 17) * 0.0001 + more)
            .collect::<Vec<_>>()
    };
    assert_alike(&[times(0.0), times(0.0001)]);
    assert!(std::panic::catch_unwind(|| assert_alike(&[times(0.0), times(0.002)])).is_err());
    assert!(std::panic::catch_unwind(|| assert_alike(&[times(0.003), times(0.0)])).is_err());
}

#[tokio::test]
async fn requesting_a_password_reset_takes_the_same_time_for_known_and_unknown() {
    let site = crowd().await;
    let times = sample(1000, |known, pair| {
        let service = site.service.clone();
        async move {
            let draft = ForgottenDraft {
                identifier: address(known, pair),
            };
            service
                .ask_reset(&caller(pair, None), &draft)
                .await
                .unwrap();
        }
    })
    .await;
    assert_alike(&times);
}

#[tokio::test]
async fn inviting_takes_the_same_time_for_known_and_unknown() {
    let site = crowd().await;
    let role: uuid::Uuid = sqlx::query_scalar("SELECT id FROM muster.roles WHERE code = 'basic'")
        .fetch_one(site.sql())
        .await
        .unwrap();
    let account = sqlx::query_scalar("SELECT account_id FROM muster.memberships")
        .fetch_one(site.sql())
        .await
        .unwrap();
    let session = Session {
        hash: Token::random().unwrap().hash(),
        account: AccountId::from_uuid(account),
    };
    let times = sample(1000, |known, pair| {
        let (service, session) = (site.service.clone(), session.clone());
        async move {
            let row = InviteRow {
                email: address(known, pair),
                role: role.to_string(),
            };
            let draft = InviteDraft {
                rows: vec![row],
                note: String::new(),
            };
            let report = service
                .invite(&caller(pair, Some(session)), "harbour", &draft)
                .await
                .unwrap();
            assert_eq!(report.value.invited(), 1);
        }
    })
    .await;
    assert_alike(&times);
}

#[tokio::test]
async fn a_failed_sign_in_takes_the_same_time_for_known_and_unknown() {
    let site = crowd().await;
    let times = sample(60, |known, pair| {
        let service = site.service.clone();
        async move {
            let draft = SignInDraft {
                identifier: address(known, pair),
                password: "wrong".to_owned(),
                ..SignInDraft::default()
            };
            service
                .sign_in(&caller(pair, None), &draft)
                .await
                .unwrap_err();
        }
    })
    .await;
    assert_alike(&times);
    assert!(
        times
            .iter()
            .flatten()
            .all(|time| *time > Duration::from_millis(5).as_secs_f64()),
        "one hash each"
    );
}
