//! The disk is full: requests that need space are refused with 503, nothing acknowledged is lost, and everything continues
//! automatically when there is space again. Here the database fails the statements that take space; `scripts/disk-full.sh`
//! runs the ignored tests on a disk that is really full.

use std::{
    fs::File,
    io::Write as _,
    path::{Path, PathBuf},
    time::Duration,
};

use crate::support::{
    Site,
    end_state::assert_same,
    life::{Life, all_sorts},
    postgres::OwnCluster,
    process::until,
};

/// The tables in which an import takes space, in the order of its phases.
const TABLES: [&str; 4] = ["import_parts", "import_rows", "outbox", "import_chunks"];

#[tokio::test]
async fn a_full_disk_refuses_parts_and_delays_imports_until_there_is_space() {
    let undisturbed = Life::begin(Site::new().await, all_sorts(0)).await;
    let undisturbed = undisturbed.see_through().await;
    let life = Life::begin(Site::new().await, all_sorts(0)).await;
    // Sequence numbers are not rolled back, so each failed transaction is counted.
    run(
        &life,
        "CREATE FUNCTION muster.full() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$ BEGIN
         PERFORM nextval('muster.away_' || TG_TABLE_NAME);
         RAISE 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$",
    )
    .await;
    for table in TABLES {
        run(&life, &format!("CREATE SEQUENCE muster.away_{table}")).await;
        let trigger = format!(
            "CREATE TRIGGER a_full BEFORE INSERT ON muster.{table} FOR EACH ROW EXECUTE FUNCTION muster.full()"
        );
        run(&life, &trigger).await;
    }
    let room = async {
        for table in TABLES {
            let turned_away = format!("SELECT is_called FROM muster.away_{table}");
            until("something is turned away", async || {
                let sql = sqlx::AssertSqlSafe(turned_away.as_str());
                let found: bool = sqlx::query_scalar(sql)
                    .fetch_one(life.site.sql())
                    .await
                    .unwrap();
                found.then_some(())
            })
            .await;
            life.all_is_there().await;
            run(&life, &format!("DROP TRIGGER a_full ON muster.{table}")).await;
        }
    };
    let (ends, ()) = tokio::join!(life.see_through(), room);
    for (end, undisturbed) in ends.iter().zip(&undisturbed) {
        assert_same(end, undisturbed, "an import that had to wait for room");
    }
}

async fn run(life: &Life, sql: &str) {
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql))
        .execute(life.site.sql())
        .await
        .unwrap();
}

/// A folder on a 300 MB disk that nothing else uses.
const SMALL_DISK: &str = "MUSTER_SMALL_DISK";

#[tokio::test]
#[ignore = "needs a disk that may be full: scripts/disk-full.sh"]
async fn a_full_data_disk_loses_nothing_acknowledged() {
    let folder = small_disk();
    let cluster = OwnCluster::with_data_in(&folder).await;
    goes_on_by_itself(cluster, &folder).await;
}

/// Postgres then panics and stops, because it cannot restart. The operator starts it again when there is space.
#[tokio::test]
#[ignore = "needs a disk that may be full: scripts/disk-full.sh"]
async fn a_full_wal_disk_loses_nothing_acknowledged() {
    let folder = small_disk();
    let cluster = OwnCluster::with_wal_in(&folder).await;
    goes_on_by_itself(cluster, &folder).await;
}

fn small_disk() -> PathBuf {
    let folder = PathBuf::from(std::env::var_os(SMALL_DISK).expect(SMALL_DISK)).join("postgres");
    std::fs::create_dir(&folder).unwrap();
    folder
}

async fn goes_on_by_itself(mut cluster: OwnCluster, folder: &Path) {
    let csv = many();
    let undisturbed = Life::begin(Site::new().await, csv.clone()).await;
    run(&undisturbed, "UPDATE muster.institutions SET seats = NULL").await;
    let undisturbed = undisturbed.see_through().await;
    let life = Life::begin(Site::on(cluster.database().await).await, csv).await;
    run(&life, "UPDATE muster.institutions SET seats = NULL").await;
    let filler = folder.with_extension("filler");
    let fills = async {
        for phase in ["uploading", "checking", "applying", "undoing"] {
            if phase != "uploading" {
                until(phase, async || (state(&life).await? == phase).then_some(())).await;
            }
            let before = complaints(&cluster).len();
            let bytes = fill(&filler);
            // Until an error occurs, or the phase completes within the space that Postgres had preallocated.
            until("the disk is full for somebody", async || {
                let over = state(&life).await.is_some_and(|it| it != phase);
                let noticed = complaints(&cluster).len() > before;
                (noticed || over && phase != "uploading").then_some(())
            })
            .await;
            // Time without space, for retries to happen.
            tokio::time::sleep(Duration::from_secs(8)).await;
            let said = complaints(&cluster).split_off(before);
            let answered = life.browser().get("/healthz").await.status;
            println!(
                "{phase}: {bytes} bytes filled the disk; Postgres complained {} times ({}); /healthz answered {answered}",
                said.len(),
                said.first().map_or("", String::as_str)
            );
            std::fs::remove_file(&filler).unwrap();
            if cluster.start_if_it_ended().await {
                println!("{phase}: Postgres had ended, and was started again");
            }
            until("the database answers", async || {
                sqlx::query("SELECT").execute(life.site.sql()).await.ok()
            })
            .await;
            life.all_is_there().await;
        }
    };
    let (ends, ()) = tokio::join!(life.see_through(), fills);
    for (end, undisturbed) in ends.iter().zip(&undisturbed) {
        assert_same(end, undisturbed, "an import on a full disk");
    }
    println!("with room again it went on by itself, and ended as on a disk with room");
}

async fn state(life: &Life) -> Option<String> {
    sqlx::query_scalar("SELECT state FROM muster.imports UNION ALL SELECT 'uploading' LIMIT 1")
        .fetch_one(life.site.sql())
        .await
        .ok()
}

/// Returns Postgres's messages so far that the disk is full.
fn complaints(cluster: &OwnCluster) -> Vec<String> {
    let log = std::fs::read_to_string(cluster.log()).unwrap_or_default();
    let words = ["No space left", "free disk space"];
    let lines = log
        .lines()
        .filter(|line| words.iter().any(|it| line.contains(it)));
    lines.map(str::to_owned).collect()
}

/// Fills the disk to its last byte; returns how many bytes were free.
fn fill(filler: &Path) -> u64 {
    let mut file = File::create(filler).unwrap();
    for length in [1 << 20, 1 << 12, 1] {
        while file.write_all(&vec![0; length]).is_ok() {}
    }
    file.metadata().unwrap().len()
}

/// A file larger than the space that Postgres has preallocated for its write-ahead log.
fn many() -> Vec<u8> {
    use std::fmt::Write as _;
    let mut csv = "first_name,last_name,email,note\n".to_owned();
    let note = "x".repeat(200);
    for row in 0..20_000 {
        writeln!(csv, "Ines,Caro {row},ines{row}@example.org,{note}").unwrap();
    }
    csv.into_bytes()
}
