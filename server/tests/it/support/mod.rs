//! The test fixtures: a database for each test, replicas of the server on free ports, browsers with cookies, and the
//! messages that the worker would have sent.

pub mod browser;
pub mod end_state;
pub mod importing;
pub mod life;
pub mod logs;
pub mod mail_server;
pub mod panics;
pub mod people;
pub mod place;
pub mod postgres;
pub mod process;
pub mod seed;
pub mod server_versions;
pub mod site;
pub mod wire;

pub use browser::{Browser, Reply, encoded};
pub use importing::{Import, draft};
pub use people::{PASSWORD, Person, new_account};
pub use place::place;
pub use site::{ORIGIN, Replica, Site, link};
