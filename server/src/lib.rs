//! The server: HTTP, the worker, the commands.
//!
//! Each feature has one file that implements its trait of `rpc` on [`service::Service`]. All queries of the schema
//! are in `store`.

pub mod acceptance;
pub mod account_links;
pub mod at_once;
pub mod cli;
pub mod commands;
pub mod config;
pub mod connection_limits;
pub mod cookies;
pub mod cpu_work;
pub mod demo;
pub mod embedded_postgres;
pub mod error;
pub mod fair_queue;
pub mod founding;
pub mod http;
pub mod importer;
pub mod imports;
pub mod invitations;
pub mod keys;
pub mod login_details;
pub mod mail;
pub mod mailbox;
pub mod mailed_links;
pub mod members;
pub mod metrics;
pub mod news;
pub mod passwords;
pub mod process;
pub mod profile;
pub mod service;
pub mod sessions;
pub mod setup;
pub mod sign_in;
pub mod store;
pub mod stored;
pub mod time_format;
pub mod username_check;
pub mod users;
pub mod watching;
pub mod worker;
