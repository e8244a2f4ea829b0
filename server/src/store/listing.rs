//! Users for the list and for their own page: a page of rows from a key on, in one of the orders, under filters and a
//! search.
//!
//! Every query walks an index from the key on and stops after a page; none sorts the whole list. Filters that are not
//! set are removed when the query is planned with its values (`plan_cache_mode`). Times are compared with the
//! statement's, which can be used in an index search.

use chrono::{DateTime, Utc};
use muster::ids::{InstitutionId, MembershipId};
use sqlx::PgConnection;
use uuid::Uuid;

/// A user in the list and on their page.
#[expect(
    clippy::struct_excessive_bools,
    reason = "a row of the database, with what each column says"
)]
#[derive(Debug)]
pub struct Row {
    /// The membership.
    pub id: Uuid,
    /// The sort key of the name.
    pub sort_name: String,
    /// The first name, or empty.
    pub first_name: String,
    /// The last name, or empty.
    pub last_name: String,
    /// The username of the account, or the reserved one.
    pub username: Option<String>,
    /// The email address.
    pub email: String,
    /// Whether the address is confirmed.
    pub email_confirmed: bool,
    /// The phone number.
    pub phone: Option<String>,
    /// The role.
    pub role_id: Uuid,
    /// The role's code, if it is a predefined one.
    pub role_code: Option<String>,
    /// The role's name.
    pub role_name: String,
    /// Whether the role has the administrator flag.
    pub administrator: bool,
    /// The status: `invited`, `active`, …
    pub status: String,
    /// The account.
    pub account_id: Option<Uuid>,
    /// The version of the details.
    pub version: i32,
    /// Whether the account is locked.
    pub locked: bool,
    /// When the user was added.
    pub created_at: DateTime<Utc>,
    /// When the person joined.
    pub joined_at: Option<DateTime<Utc>>,
    /// When the person last viewed the institution.
    pub seen_at: Option<DateTime<Utc>>,
    /// The seconds since then, by the database clock.
    pub seen_seconds: Option<i64>,
    /// When the invitation expires. `None` if it waits to be sent.
    pub expires_at: Option<DateTime<Utc>>,
    /// The seconds until then, by the database clock.
    pub seconds_left: Option<i64>,
    /// When the invitation was last sent.
    pub sent_at: Option<DateTime<Utc>>,
    /// Whether the email has login details.
    pub login_details: bool,
    /// When a worker sends the waiting invitation.
    pub send_at: Option<DateTime<Utc>>,
    /// The sender's name.
    pub sender: Option<String>,
    /// When the invitation was viewed.
    pub viewed_at: Option<DateTime<Utc>>,
    /// When the person asked for a new link.
    pub asked_again_at: Option<DateTime<Utc>>,
    /// The delivery status of the last email.
    pub mail_state: Option<String>,
    /// When that status was set.
    pub mail_state_at: Option<DateTime<Utc>>,
    /// The mail server's response.
    pub mail_response: Option<String>,
    /// The word that a search matched, or empty.
    pub word: String,
}

impl Row {
    /// Returns the id of the membership.
    #[must_use]
    pub const fn membership(&self) -> MembershipId {
        MembershipId::from_uuid(self.id)
    }
}

/// The state of an open invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Open {
    /// It waits to be sent.
    Waiting,
    /// It can be accepted.
    Pending,
    /// It has expired.
    Expired,
}

impl Open {
    /// Returns the code in the queries.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Pending => "pending",
            Self::Expired => "expired",
        }
    }
}

/// The filters of the list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Filter {
    /// `invited`, `active`, `locked`, `deactivated`.
    pub listing: Option<&'static str>,
    /// Only open invitations in this state.
    pub open: Option<Open>,
    /// Only holders of this role.
    pub role: Option<Uuid>,
}

/// The boundary of a page: the row's value in the order's column, and its id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Key {
    /// A name, or a word that a search matched.
    Text(String, Uuid),
    /// A time; `None` for never.
    Time(Option<DateTime<Utc>>, Uuid),
}

impl Key {
    fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text, _) => Some(text),
            Self::Time(..) => None,
        }
    }

    const fn time(&self) -> Option<DateTime<Utc>> {
        match self {
            Self::Text(..) => None,
            Self::Time(time, _) => *time,
        }
    }

    const fn id(&self) -> Uuid {
        match self {
            Self::Text(_, id) | Self::Time(_, id) => *id,
        }
    }
}

/// The column that orders the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// The name.
    Name,
    /// When the person last viewed the institution.
    Seen,
    /// When the user was added.
    Age,
}

/// Selects [`Row`]s for the memberships `m` of the inner query, in the order of the last argument. `$1` is the institution.
macro_rules! rows {
    ([$($inner:tt)+] [$($order:tt)+] $($argument:expr),*) => {
        sqlx::query_as!(
            Row,
            r#"SELECT m.id AS "id!", m.sort_name AS "sort_name!", m.first_name AS "first_name!",
                      m.last_name AS "last_name!",
                      coalesce(a.username, CASE WHEN i.expires_at > statement_timestamp() THEN i.username END) AS username,
                      m.email AS "email!", coalesce(a.email IS NOT NULL, false) AS "email_confirmed!", m.phone,
                      m.role_id AS "role_id!", r.code AS "role_code?", r.name AS role_name, r.administrator,
                      m.status AS "status!", m.account_id, m.version AS "version!", m.locked AS "locked!",
                      m.created_at AS "created_at!", m.joined_at, m.viewed_at AS seen_at,
                      extract(epoch FROM statement_timestamp() - m.viewed_at)::bigint AS seen_seconds,
                      nullif(i.expires_at, 'infinity') AS expires_at,
                      ceil(extract(epoch FROM nullif(i.expires_at, 'infinity') - statement_timestamp()))::bigint AS seconds_left,
                      i.sent_at AS "sent_at?", coalesce(i.login_details, false) AS "login_details!", CASE WHEN i.expires_at = 'infinity' THEN p.send_at END AS send_at, btrim(s.first_name || ' ' || s.last_name) AS "sender?",
                      i.viewed_at AS "viewed_at?", i.asked_again_at AS "asked_again_at?",
                      i.mail_state AS "mail_state?", i.mail_state_at AS "mail_state_at?",
                      i.mail_response AS "mail_response?", m.word AS "word!"
               FROM ("# + $($inner)+ + r#") m
               JOIN roles r ON r.institution_id = $1 AND r.id = m.role_id
               LEFT JOIN accounts a ON a.id = m.account_id
               LEFT JOIN invitations i ON i.institution_id = $1 AND i.membership_id = m.id
               LEFT JOIN imports p ON p.institution_id = $1 AND p.id = i.import_id
               LEFT JOIN memberships s ON s.institution_id = $1 AND s.id = i.inviter_id
               ORDER BY "# + $($order)+,
            $($argument),*
        )
    };
}

pub(super) use rows;

/// Selects a page in the order of a column, on one side of the key, nearest first.
macro_rules! page {
    ($connection:ident, $page:ident, $key:expr; $column:tt, $type:tt, $side:tt, $direction:tt) => {
        rows!(
            ["SELECT m.*, '' AS word FROM memberships m
             WHERE m.institution_id = $1 AND m.listing IS NOT NULL
               AND ($2::text IS NULL OR m.listing = $2) AND ($3::uuid IS NULL OR m.role_id = $3)
               AND ($4::text IS NULL OR $4 = (
                   SELECT CASE WHEN i.expires_at <= statement_timestamp() THEN 'expired'
                               WHEN i.expires_at = 'infinity' THEN 'waiting' ELSE 'pending' END FROM invitations i
                   WHERE i.institution_id = $1 AND i.membership_id = m.id))
               AND ($8::uuid[] IS NULL OR m.id = ANY($8))
               AND ($5::uuid IS NULL OR (" + $column + ", m.id) " + $side + " (" + $type + ", $5))
             ORDER BY " + $column + $direction + ", m.id" + $direction + " LIMIT $7"]
            [$column + $direction + ", m.id" + $direction]
            $page.institution.as_uuid(),
            $page.filter.listing,
            $page.filter.role,
            $page.filter.open.map(Open::code),
            $page.key.map(Key::id),
            $key,
            $page.limit,
            $page.only
        )
        .fetch_all($connection)
        .await
    };
}

/// A request for a page.
#[derive(Debug, Clone, Copy)]
pub struct Page<'a> {
    /// The institution.
    pub institution: InstitutionId,
    /// The filters.
    pub filter: Filter,
    /// Only these memberships, if they are few enough to be known beforehand.
    pub only: Option<&'a [Uuid]>,
    /// The key that the page starts at, or `None` for the beginning of the list.
    pub key: Option<&'a Key>,
    /// The maximum number of rows.
    pub limit: i64,
}

/// Returns rows in the order of a column, ascending or descending from the key.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn ordered(
    connection: &mut PgConnection,
    page: Page<'_>,
    column: Column,
    up: bool,
) -> Result<Vec<Row>, sqlx::Error> {
    let text = page.key.and_then(Key::text);
    let time = page.key.and_then(Key::time);
    match (column, up) {
        (Column::Name, true) => page!(connection, page, text; "m.sort_name", "$6::text", ">", ""),
        (Column::Name, false) => {
            page!(connection, page, text; "m.sort_name", "$6::text", "<", " DESC")
        }
        (Column::Seen, true) => page!(
            connection, page, time; "coalesce(m.viewed_at, '-infinity'::timestamptz)",
            "coalesce($6::timestamptz, '-infinity'::timestamptz)", ">", ""
        ),
        (Column::Seen, false) => page!(
            connection, page, time; "coalesce(m.viewed_at, '-infinity'::timestamptz)",
            "coalesce($6::timestamptz, '-infinity'::timestamptz)", "<", " DESC"
        ),
        (Column::Age, true) => {
            page!(connection, page, time; "m.created_at", "$6::timestamptz", ">", "")
        }
        (Column::Age, false) => {
            page!(connection, page, time; "m.created_at", "$6::timestamptz", "<", " DESC")
        }
    }
}

/// Selects a page of a search's matches, on one side of the key. `$8` is the leading word and `$9` are the others,
/// already folded: folding them for each row would cost more than the lookup.
macro_rules! search {
    ($connection:ident, $page:ident, $words:ident; $side:tt, $direction:tt) => {
        rows!(
            ["SELECT m.*, t.term AS word FROM (
                 -- First whether the other words are there: few pass, and only these are looked at further.
                 SELECT t.term, t.membership_id FROM membership_search_terms t
                 WHERE t.institution_id = $1 AND t.term >= fold($8) AND t.term < fold($8) || chr(1114111)
                   AND ($2::text IS NULL OR t.listing = $2)
                   AND ($5::uuid IS NULL OR (t.term, t.membership_id) " + $side + " ($6::text, $5))
                   AND (SELECT coalesce(bool_and(EXISTS (
                            SELECT 1 FROM membership_search_terms o
                            WHERE o.institution_id = $1 AND o.membership_id = t.membership_id
                              AND o.term >= other.word AND o.term < other.word || chr(1114111))), true)
                        FROM unnest($9::text[]) AS other (word))
                 ORDER BY t.term" + $direction + ", t.membership_id" + $direction + " OFFSET 0) t
             JOIN memberships m ON m.institution_id = $1 AND m.id = t.membership_id
             WHERE m.listing IS NOT NULL
               AND NOT EXISTS (
                   SELECT 1 FROM membership_search_terms o
                   WHERE o.institution_id = $1 AND o.membership_id = t.membership_id
                     AND o.term >= fold($8) AND o.term < t.term)
               AND ($2::text IS NULL OR m.listing = $2) AND ($3::uuid IS NULL OR m.role_id = $3)
               AND ($4::text IS NULL OR $4 = (
                   SELECT CASE WHEN i.expires_at <= statement_timestamp() THEN 'expired'
                               WHEN i.expires_at = 'infinity' THEN 'waiting' ELSE 'pending' END FROM invitations i
                   WHERE i.institution_id = $1 AND i.membership_id = m.id))
               AND ($10::uuid[] IS NULL OR m.id = ANY($10))
             ORDER BY t.term" + $direction + ", t.membership_id" + $direction + " LIMIT $7"]
            ["m.word" + $direction + ", m.id" + $direction]
            $page.institution.as_uuid(),
            $page.filter.listing,
            $page.filter.role,
            $page.filter.open.map(Open::code),
            $page.key.map(Key::id),
            $page.key.and_then(Key::text),
            $page.limit,
            $words.first().map_or("", String::as_str),
            $words.get(1..).unwrap_or_default(),
            $page.only
        )
        .fetch_all($connection)
        .await
    };
}

/// Returns the users for whom each word is a prefix of one of their words, ordered by the matches of the leading word,
/// ascending or descending from the key.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn found(
    connection: &mut PgConnection,
    page: Page<'_>,
    words: &[String],
    up: bool,
) -> Result<Vec<Row>, sqlx::Error> {
    if up {
        search!(connection, page, words; ">", "")
    } else {
        search!(connection, page, words; "<", " DESC")
    }
}

/// Returns one user in any status.
#[tracing::instrument(level = "debug", skip_all)]
pub async fn one(
    connection: &mut PgConnection,
    institution: InstitutionId,
    id: MembershipId,
) -> Result<Option<Row>, sqlx::Error> {
    rows!(
        ["SELECT m.*, '' AS word FROM memberships m WHERE m.institution_id = $1 AND m.id = $2"]
        ["1"]
        institution.as_uuid(),
        id.as_uuid()
    )
    .fetch_optional(connection)
    .await
}
