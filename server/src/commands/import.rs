//! `muster import`: imports a file from the terminal, with the functions of the import's pages and in the main
//! contact's name. The audit log names the operator.

mod guess;
mod report;

use std::{
    fs::File,
    io::{BufWriter, Read as _, Write as _},
    net::{IpAddr, Ipv4Addr},
    path::Path,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use indicatif::{ProgressBar, ProgressStyle};
use muster::{
    draft::ImportDraft,
    failure::Failure,
    ids::{AccountId, InstitutionId},
    import::{Access, ImportState},
    language::Language,
};
use rpc::{
    Caller, LinkCookies, Session,
    imports::{ImportView, Imports as _, PART_BYTES},
    invitations::Invitations as _,
};
use sha2::{Digest as _, Sha256};
use tokio_util::sync::CancellationToken;

use super::sentence;
use crate::{
    cli::{ImportFile, ReportFormat},
    config::Config,
    error::Error,
    importer::Importer,
    imports::Part,
    process::{Databases, InUse, Sentence},
    service::Service,
    store::{self, imports::At, institutions},
};

/// The exit code of an import with rejected rows: it is done, but needs attention.
const ROWS_REFUSED: u8 = 3;
const LOOK: Duration = Duration::from_millis(100);

/// Imports a file.
///
/// # Errors
/// Returns one sentence for the terminal.
pub(super) async fn run(config: &Config, wanted: &ImportFile) -> Result<ExitCode, Sentence> {
    let secret = config.secret().map_err(|error| error.to_string())?;
    let databases = Databases::open(config, InUse::Share).await?;
    let service =
        Service::new(config, secret.expose(), databases.app().await?, false).map_err(sentence)?;
    let importer = Arc::new(Importer {
        store: databases.worker().await?,
        keys: service.keys.clone(),
    });
    let stop = CancellationToken::new();
    let working = tokio::spawn(importer.run(stop.clone()));
    let done = import(&service, wanted).await;
    stop.cancel();
    drop(working.await);
    drop(service);
    databases.close().await?;
    done
}

async fn import(service: &Service, wanted: &ImportFile) -> Result<ExitCode, Sentence> {
    let slug = &wanted.institution;
    let (institution, caller) = caller(service, slug).await.map_err(sentence)?;
    let Some((institution, caller)) = institution.zip(caller) else {
        return Err(format!("there is no institution {slug}."));
    };
    let draft = guess::draft(service, &caller, wanted).await?;
    // Opened before anything is done, so that an unwritable report fails early.
    let report = wanted.report.as_deref().map(created).transpose()?;
    let failed = |failure: Failure| sentence(failure.into());
    let begun = service
        .begin_import(&caller, slug, &draft)
        .await
        .map_err(failed)?
        .value;
    let at = At {
        institution,
        import: begun
            .id
            .parse()
            .map_err(|_| "the import has no id.".to_owned())?,
    };
    mark(service, at).await.map_err(sentence)?;
    upload(service, &caller, wanted, &draft, &begun.id).await?;
    service
        .plan_import(&caller, slug, &begun.id)
        .await
        .map_err(failed)?;
    let mut view = watch(service, &caller, slug, &begun.id, "checking").await?;
    if view.state == ImportState::Refused {
        return Err(refused(&view));
    }
    if !wanted.dry_run && view.state == ImportState::Planned && !view.is_held_up() {
        service
            .apply_import(&caller, slug, &begun.id)
            .await
            .map_err(failed)?;
        view = watch(service, &caller, slug, &begun.id, "applying").await?;
        if !matches!(view.state, ImportState::Done | ImportState::Failed) {
            return Err(format!(
                "the import did not finish: its state is {}.",
                view.state.code()
            ));
        }
    }
    if let Some(report) = &report {
        let broken = |error: std::io::Error| format!("the report can't be written: {error}.");
        report.set_len(0).map_err(broken)?;
        let mut file = BufWriter::new(report);
        match wanted.format {
            ReportFormat::Csv => report::csv(service, &caller, slug, &begun.id, &mut file).await?,
            ReportFormat::Json => {
                let access = view.options.access;
                report::json_lines(service, at, access, view.done.is_some(), &mut file).await?;
            }
        }
        file.flush().map_err(broken)?;
    }
    let Some(counts) = view.done.or(view.plan) else {
        return Err("the import has no result.".to_owned());
    };
    if !wanted.dry_run && (view.is_held_up() || view.state == ImportState::Failed) {
        return Err(format!(
            "nothing was imported: {} of {} rows are rejected, and --whole imports nothing if a row is rejected.",
            counts.refused, counts.rows
        ));
    }
    let of = if view.done.is_some() {
        "done"
    } else {
        "planned, nothing applied"
    };
    let new = match view.options.access {
        Access::Invite => "invited",
        Access::Passwords => "accounts",
    };
    println!(
        "{of}: {} rows, {} {new}, {} updated, {} unchanged, {} rejected",
        counts.rows, counts.invite, counts.update, counts.unchanged, counts.refused
    );
    if view.waiting > 0 {
        println!("{} invitations are waiting to be sent", view.waiting);
    }
    Ok(if counts.refused > 0 {
        ExitCode::from(ROWS_REFUSED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Opens the report. An existing file is not truncated until there is something to write: it may be the imported file
/// itself.
fn created(report: &Path) -> Result<File, Sentence> {
    File::options()
        .write(true)
        .create(true)
        .truncate(false)
        .open(report)
        .map_err(|error| format!("{}: {error}.", report.display()))
}

/// Returns the institution, and its main contact as the caller.
async fn caller(
    service: &Service,
    slug: &str,
) -> Result<(Option<InstitutionId>, Option<Caller>), Error> {
    let mut tx = service.store.across().await?;
    let found = institutions::by_slug(&mut tx, slug).await?;
    Ok(found
        .map(|(institution, account)| (institution, operator(account)))
        .unzip())
}

fn operator(account: AccountId) -> Caller {
    Caller {
        session: Some(Session {
            hash: [0; 32],
            account,
        }),
        choosing: None,
        language: Language::En,
        ip: IpAddr::V4(Ipv4Addr::LOCALHOST),
        mailbox: false,
        links: LinkCookies::default(),
        theme: None,
    }
}

async fn mark(service: &Service, at: At) -> Result<(), Error> {
    let mut tx = service.store.tenant(at.institution).await?;
    store::imports::by_operator(&mut tx, at).await?;
    Ok(tx.commit().await?)
}

/// Returns the id of the role with the given name, or of the default role.
async fn role(service: &Service, caller: &Caller, wanted: &ImportFile) -> Result<String, Sentence> {
    let roles = service
        .role_choices(caller, &wanted.institution)
        .await
        .map_err(|failure| sentence(failure.into()))?
        .value;
    let is_it = |name: &str, usual: bool| match &wanted.role {
        Some(role) => name.to_lowercase() == role.trim().to_lowercase(),
        None => usual,
    };
    match roles.iter().find(|role| is_it(&role.name, role.usual)) {
        Some(role) => Ok(role.id.clone()),
        None => Err(format!(
            "there is no role {}; the roles are {}.",
            wanted.role.as_deref().unwrap_or("Basic"),
            roles
                .iter()
                .map(|role| role.name.as_str())
                .collect::<Vec<_>>()
                .join(", ")
        )),
    }
}

async fn upload(
    service: &Service,
    caller: &Caller,
    wanted: &ImportFile,
    draft: &ImportDraft,
    id: &str,
) -> Result<(), Sentence> {
    let broken = |error: std::io::Error| format!("{}: {error}.", wanted.file.display());
    let file = File::open(&wanted.file).map_err(broken)?;
    let parts = u32::try_from(draft.size.div_ceil(PART_BYTES)).unwrap_or(u32::MAX);
    for number in 0..parts {
        let mut bytes = Vec::new();
        (&file)
            .take(PART_BYTES)
            .read_to_end(&mut bytes)
            .map_err(broken)?;
        let hash = hex::encode(Sha256::digest(&bytes));
        let part = Part {
            number,
            sha256: hash,
            gzip: false,
            body: bytes.into(),
        };
        if let Err(failure) = service
            .add_part(caller, &wanted.institution, id, part)
            .await
        {
            let view = service.import_view(caller, &wanted.institution, id).await;
            return Err(match view {
                Ok(view) if view.value.state == ImportState::Refused => refused(&view.value),
                _ => sentence(failure.into()),
            });
        }
    }
    Ok(())
}

/// Shows the progress until the import is idle.
async fn watch(
    service: &Service,
    caller: &Caller,
    slug: &str,
    id: &str,
    what: &'static str,
) -> Result<ImportView, Sentence> {
    let bar = ProgressBar::new(1).with_message(what);
    if let Ok(style) = ProgressStyle::with_template("{msg} {wide_bar} {percent}% {prefix}") {
        bar.set_style(style);
    }
    loop {
        let view = service
            .import_view(caller, slug, id)
            .await
            .map_err(|failure| sentence(failure.into()))?
            .value;
        if !view.state.is_under_way() {
            bar.finish_and_clear();
            return Ok(view);
        }
        let (done, of) = if view.state == ImportState::Checking {
            (view.checked_bytes, view.size)
        } else {
            (u64::from(view.progress), u64::from(view.of))
        };
        bar.set_length(of.max(1));
        bar.set_position(done);
        bar.set_prefix(format!("{} rows/s", view.per_second));
        tokio::time::sleep(LOOK).await;
    }
}

/// Describes why a file can't be read by its code and position: translated texts belong to the pages.
fn refused(view: &ImportView) -> Sentence {
    match view.fault {
        Some(fault) => format!(
            "the file can't be read: {} at line {}, character {}.",
            fault.kind.code(),
            fault.line,
            fault.column
        ),
        None => "the file was changed while it was being read.".to_owned(),
    }
}
