//! Whose files they are and where. Postgres refuses to run as root; as root it is run as `nobody`, who must be able
//! to reach the folder. Below `/root` they can't: then the files lie in `/var/lib` and `data_dir` has a link to them.

use std::fs::{self, DirBuilder, Metadata, Permissions};
use std::io::ErrorKind;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown, symlink};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use nix::unistd::{User, geteuid};

use super::Error;

/// Where the files of services lie on Linux (Filesystem Hierarchy Standard, 5.8); everybody can pass through it.
const ELSEWHERE: &str = "/var/lib";

/// The cluster's folder and its owner.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) root: PathBuf,
    pub(super) notice: Option<String>,
    /// Who Postgres runs as; nothing where that is ourselves.
    owner: Option<Owner>,
}

#[derive(Debug, Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Place {
    /// Postgres's own folder.
    pub(super) fn data(&self) -> PathBuf {
        self.root.join("data")
    }

    /// A program that will run as the owner, with nothing of our environment: it holds secrets.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", "/usr/local/bin:/usr/bin:/bin")
            .env("LC_ALL", "C")
            // The owner may not be allowed to be where we are.
            .current_dir("/");
        if let Some(owner) = self.owner {
            // The standard library drops root's other groups by itself when it changes the user.
            command.uid(owner.user).gid(owner.group);
        }
        command
    }

    /// Makes a folder that is the owner's alone, unless it is there.
    pub(super) fn make_dir(&self, folder: &Path) -> Result<(), Error> {
        match DirBuilder::new().mode(0o700).create(folder) {
            Ok(()) => self.give(folder),
            Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
            Err(error) => Err(Error::io(folder)(error)),
        }
    }

    /// The owner's user and group, where that is not ourselves.
    pub(super) fn owner_ids(&self) -> Option<(u32, u32)> {
        self.owner.map(|owner| (owner.user, owner.group))
    }

    /// Makes something the owner's.
    pub(super) fn give(&self, path: &Path) -> Result<(), Error> {
        match self.owner {
            Some(owner) => {
                chown(path, Some(owner.user), Some(owner.group)).map_err(Error::io(path))
            }
            None => Ok(()),
        }
    }
}

/// Finds or makes the cluster's folder.
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
        // Made by a Muster that was not root, or by us for `nobody`: the files are their owner's.
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
        // Only a start that broke off between making the folder and giving it away leaves one of root's.
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
        // What stops Postgres also throws the folder away, and runs as its owner.
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

/// Whether `owner` may pass through every folder on the way, this one included.
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

/// The first class that fits decides, as in the kernel.
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
