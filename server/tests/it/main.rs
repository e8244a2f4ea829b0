//! What Muster guarantees, tested against a real Postgres and over real HTTP. One file for each subject; `support` starts
//! everything. A new test has a sentence as its name and `Site::new().await` as its first line.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test that cannot go on should stop"
)]

mod addresses;
mod attempts;
mod broken_tokens;
mod canary;
mod connections;
mod database;
mod database_backup;
mod database_logins;
mod database_pooler;
mod database_start;
mod database_urls;
mod embedded_commands;
mod erasure;
mod fair_shares;
mod forms;
mod functions;
mod health;
mod import_command;
mod import_crowding;
mod import_database_gone;
mod import_disk_full;
mod import_faults;
mod import_hostile;
mod import_kills;
mod import_later;
mod import_limits;
mod import_model;
mod import_people;
mod import_schedule;
mod import_turns;
mod import_undo;
mod import_whole;
mod import_whole_beside;
mod imports;
mod input;
mod invitation_ends;
mod invitation_links;
mod invitations;
mod isolation;
mod link_elsewhere;
mod link_tabs;
mod listing;
mod locks;
mod login_details;
mod mail_content;
mod mail_faults;
mod mail_lease;
mod mail_pauses;
mod member_edits;
mod member_links;
mod members;
mod metrics;
mod no_script;
mod origin;
mod pages;
mod panics;
mod passwords;
mod pre_hijacking;
mod proxies;
mod races;
mod request_log;
mod schema;
mod sign_in;
mod spelling;
mod streams;
mod support;
mod timing;
mod uniform;
mod waiting;
