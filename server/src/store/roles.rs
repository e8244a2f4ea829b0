//! The names of Muster's roles. Roles are global to a database server, so two Muster databases on one server need
//! different names.

use super::Role;

/// The prefix in the SQL files and the default prefix.
const PREFIX: &str = "muster";
/// An identifier has at most 63 bytes. The longest suffix is `_worker`.
const MAX_PREFIX_BYTES: usize = 50;

/// The names of the three roles: a prefix and `_owner`, `_app` or `_worker`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RoleNames {
    prefix: String,
}

impl Default for RoleNames {
    fn default() -> Self {
        Self {
            prefix: PREFIX.to_owned(),
        }
    }
}

impl RoleNames {
    /// Parses a prefix: a lowercase letter, then lowercase letters, digits and underscores, at most 50 characters, and
    /// not `pg` or `pg_…`, which Postgres reserves. Such names need no quotes in SQL.
    #[must_use]
    pub fn parse(prefix: &str) -> Option<Self> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        let valid = prefix.starts_with(|first: char| first.is_ascii_lowercase())
            && prefix.len() <= MAX_PREFIX_BYTES
            && prefix.bytes().all(plain)
            && prefix != "pg"
            && !prefix.starts_with("pg_");
        valid.then(|| Self {
            prefix: prefix.to_owned(),
        })
    }

    /// Returns the role that owns the schema and migrates it.
    #[must_use]
    pub fn owner(&self) -> String {
        format!("{}_owner", self.prefix)
    }

    /// Returns the name of a pool's role.
    #[must_use]
    pub fn name_of(&self, role: Role) -> String {
        match role {
            Role::App => format!("{}_app", self.prefix),
            Role::Worker => format!("{}_worker", self.prefix),
        }
    }

    /// Replaces the default names in an SQL file.
    #[must_use]
    pub fn substitute(&self, sql: &str) -> String {
        sql.replace("muster_owner", &self.owner())
            .replace("muster_app", &self.name_of(Role::App))
            .replace("muster_worker", &self.name_of(Role::Worker))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prefix_needs_no_quotes_and_leaves_room_for_the_ending() {
        for prefix in ["muster", "staging", "m2_eu"] {
            assert!(RoleNames::parse(prefix).is_some(), "{prefix}");
        }
        let long = "a".repeat(51);
        for prefix in [
            "", "Muster", "2m", "_m", "a-b", "a\"b", "a b", "pg", "pg_x", "ä", &long,
        ] {
            assert!(RoleNames::parse(prefix).is_none(), "{prefix}");
        }
    }

    #[test]
    fn every_role_of_the_sql_files_is_substituted() {
        let staging = RoleNames::parse("staging").unwrap();
        let folder =
            |path| std::fs::read_dir(format!("{}/{path}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        for file in folder("migrations").chain(folder("schema/functions")) {
            let path = file.unwrap().path();
            let sql = staging.substitute(&std::fs::read_to_string(&path).unwrap());
            let rest: Vec<&str> = ["muster_owner", "muster_app", "muster_worker"]
                .into_iter()
                .filter(|name| sql.contains(name))
                .collect();
            assert_eq!(rest, [""; 0], "{}", path.display());
            // Any other word with the prefix of a role would need a decision here.
            let words =
                sql.split(|letter: char| !(letter.is_ascii_alphanumeric() || letter == '_'));
            let ours: Vec<&str> = words
                .filter(|word| word.starts_with("staging_"))
                .filter(|word| !["staging_owner", "staging_app", "staging_worker"].contains(word))
                .collect();
            assert_eq!(ours, [""; 0], "{}", path.display());
        }
    }
}
