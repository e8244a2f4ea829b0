//! The owner and the location of the cluster's files.
//!
//! Postgres refuses to run as root, so for root it runs as `nobody`, who must have access to the folder. Below `/root`
//! there is none: then the files are in `/var/lib` and `data_dir` has a link to them.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{User, geteuid};

use super::Error;

/// The location of service data on Linux (Filesystem Hierarchy Standard, 5.8), accessible to every user.
const ELSEWHERE: &str = "/var/lib";

/// The cluster's folder and its owner.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) root: PathBuf,
    pub(super) notice: Option<String>,
    /// The user that Postgres runs as, if it is another one.
    owner: Option<Owner>,
}

#[derive(Debug, Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Place {
    /// Returns the data folder of Postgres.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// Returns a command that runs as the owner, without our environment, which has secrets.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            // The owner may have no access to our working directory.
            .current_dir("/");
        if let Some(owner) = self.owner {
            // The standard library drops root's supplementary groups when it changes the user.
            command.uid(owner.user).gid(owner.group);
        }
        command
    }

    /// Creates a folder with access only for the owner, unless it exists.
    pub(super) fn make_dir(&self, folder: &Path) -> Result<(), Error> {
        match DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => self.give(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(Error::io(folder)(error)),
        }
    }

    /// Returns the owner's user and group, if it is another user.
    pub(super) fn owner_ids(&self) -> Option<(u32, u32)> {
        self.owner.map(|owner| (owner.user, owner.group))
    }

    /// Changes the owner of a file or folder.
    pub(super) fn give(&self, path: &Path) -> Result<(), Error> {
        match self.owner {
            Some(owner) => {
                chown(path, Some(owner.user), Some(owner.group)).map_err(Error::io(path))
            }
            None => Ok(()),
        }
    }
}

/// Finds or creates the cluster's folder.
pub(super) fn prepare(data_dir: &Path, ephemeral: bool) -> Result<Place, Error> {
    let link = data_dir.join("postgres");
    let am_root = geteuid().is_root();
    let root = match fs::canonicalize(&link) {
        Ok(root) => root,
        Err(error) if error.kind() == ErrorKind::NotFound => {
            if fs::symlink_metadata(&link).is_ok() {
                return Err(Error::Gone { link });
            }
            return if am_root {
                make_for_nobody(data_dir, &link, ephemeral)
            } else {
                let place = Place {
                    root: link.clone(),
                    notice: None,
                    owner: None,
                };
                place.make_dir(&link)?;
                Ok(place)
            };
        }
        Err(error) => return Err(Error::io(&link)(error)),
    };
    let found = fs::metadata(&root).map_err(Error::io(&root))?;
    let owner = match (am_root, found.uid()) {
        (true, 0) => Some(nobody()?),
        // Created by a Muster process that was not root, or by root for `nobody`: the folder's owner stays.
        (true, user) => Some(Owner {
            user,
            group: found.gid(),
        }),
        (false, user) if user == geteuid().as_raw() => None,
        (false, _) => return Err(Error::Foreign { folder: root }),
    };
    let place = Place {
        notice: notice(data_dir, &root),
        root,
        owner,
    };
    if am_root && found.uid() == 0 {
        // A folder of root remains only if a start was interrupted between creating it and changing its owner.
        if fs::read_dir(&place.root)
            .map_err(Error::io(&place.root))?
            .next()
            .is_some()
        {
            return Err(Error::Foreign { folder: place.root });
        }
        place.give(&place.root)?;
    }
    Ok(place)
}

fn make_for_nobody(data_dir: &Path, link: &Path, ephemeral: bool) -> Result<Place, Error> {
    let owner = nobody()?;
    let mut place = Place {
        root: link.to_owned(),
        notice: None,
        owner: Some(owner),
    };
    if ephemeral {
        // The script that stops Postgres also deletes the folder, and runs as its owner.
        place.give(data_dir)?;
    }
    if can_pass(data_dir, owner)? {
        place.make_dir(link)?;
        return Ok(place);
    }
    let elsewhere = tempfile::Builder::new()
        .prefix("muster-")
        .permissions(Permissions::from_mode(0o700))
        .tempdir_in(ELSEWHERE)
        .map_err(Error::io(Path::new(ELSEWHERE)))?;
    place.give(elsewhere.path())?;
    symlink(elsewhere.path(), link).map_err(Error::io(link))?;
    place.root = elsewhere.keep();
    place.notice = notice(data_dir, &place.root);
    Ok(place)
}

fn notice(data_dir: &Path, root: &Path) -> Option<String> {
    let inside = fs::canonicalize(data_dir).is_ok_and(|data_dir| root.starts_with(data_dir));
    (!inside).then(|| {
        format!(
            "The database files are in {}, because Postgres does not run as root and no other user can access {}.",
            root.display(),
            data_dir.display()
        )
    })
}

fn nobody() -> Result<Owner, Error> {
    let user = User::from_name("nobody")
        .ok()
        .flatten()
        .ok_or(Error::NoUser)?;
    Ok(Owner {
        user: user.uid.as_raw(),
        group: user.gid.as_raw(),
    })
}

/// Returns whether `owner` may traverse every folder of the path, this one included.
fn can_pass(folder: &Path, owner: Owner) -> Result<bool, Error> {
    let folder = fs::canonicalize(folder).map_err(Error::io(folder))?;
    for step in folder.ancestors() {
        let metadata = fs::metadata(step).map_err(Error::io(step))?;
        if !may_enter(&metadata, owner) {
            return Ok(false);
        }
    }
    Ok(true)
}

/// Returns whether `owner` may traverse the folder. The first matching class decides, as in the kernel.
fn may_enter(folder: &Metadata, owner: Owner) -> bool {
    let bit = if folder.uid() == owner.user {
        0o100
    } else if folder.gid() == owner.group {
        0o010
    } else {
        0o001
    };
    folder.mode() & bit != 0
}
