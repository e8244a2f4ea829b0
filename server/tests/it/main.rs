//! What Muster promises, against a real Postgres and over real HTTP. One file a subject; `support` starts
//! everything. To add a test: a sentence as its name, `Site::new().await` as its first line.

mod addresses;
mod canary;
mod database;
mod functions;
mod invitation_links;
mod invitations;
mod isolation;
mod locks;
mod mail_content;
mod mail_faults;
mod no_script;
mod origin;
mod passwords;
mod races;
mod sign_in;
mod spelling;
mod support;
mod timing;
mod uniform;
