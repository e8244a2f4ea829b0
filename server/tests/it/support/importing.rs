//! Uploads and applies files as the page does.

use muster::import::Mapping;
use reqwest::{Method, RequestBuilder, header};
use rpc::imports::PART_BYTES;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use super::{Browser, Reply, Site};

/// A created import.
#[derive(Debug, Clone)]
pub struct Import {
    /// The slug of its institution.
    pub slug: String,
    pub id: String,
}

/// Returns the draft for a file: columns by their headers, all new people invited immediately, as `role` if the row has
/// none.
pub fn draft(csv: &[u8], role: &str) -> Value {
    let first = csv.split(|byte| *byte == b'\n').next().unwrap();
    let first = String::from_utf8_lossy(first);
    let headers: Vec<&str> = first.trim_end().split(',').collect();
    let mapping = Mapping::guess(&headers, &[]);
    json!({
        "file_name": "people.csv", "size": csv.len(), "encoding": "utf8", "delimiter": "comma",
        "sha256": hash(csv), "key": Uuid::now_v7().to_string(), "mapping": mapping,
        "options": {
            "mode": "add", "match_by": "email", "clear": "", "access": "invite", "send": "now",
            "applying": "row_by_row", "role": role,
        },
    })
}

/// Returns the SHA-256 in hexadecimal.
pub fn hash(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

impl Browser {
    /// Sends a part.
    pub async fn part(&self, import: &Import, number: usize, bytes: &[u8]) -> Reply {
        self.send(self.part_of(import, number, bytes)).await
    }

    /// Builds the request of [`Self::part`].
    pub fn part_of(&self, import: &Import, number: usize, bytes: &[u8]) -> RequestBuilder {
        let Import { slug, id } = import;
        self.request(
            Method::POST,
            &format!("/i/{slug}/imports/{id}/parts/{number}"),
        )
        .header(header::ORIGIN, &self.origin)
        .header("x-part-sha256", hash(bytes))
        .body(bytes.to_vec())
    }

    /// Calls a function on an import.
    pub async fn about(&self, function: &str, import: &Import) -> Reply {
        let arguments = json!({ "slug": import.slug, "id": import.id });
        self.call(function, &arguments).await
    }

    /// Calls a function on an import, which must succeed.
    pub async fn does(&self, function: &str, import: &Import) {
        self.about(function, import).await.expect(200);
    }

    /// Calls a function that must fail, because the import's state does not allow it.
    pub async fn can_not(&self, function: &str, import: &Import) {
        self.about(function, import).await.expect(409);
    }

    /// Creates an import.
    pub async fn begin(&self, slug: &str, draft: &Value) -> Import {
        let begun = self
            .call("begin_import", &json!({ "slug": slug, "draft": draft }))
            .await;
        Import {
            slug: slug.to_owned(),
            id: begun.expect(200).json()["id"].as_str().unwrap().to_owned(),
        }
    }

    /// Creates an import and uploads its file.
    pub async fn upload(&self, slug: &str, csv: &[u8], draft: &Value) -> Import {
        let import = self.begin(slug, draft).await;
        let part = usize::try_from(PART_BYTES).unwrap();
        for (number, part) in csv.chunks(part).enumerate() {
            self.part(&import, number, part).await.expect(204);
        }
        import
    }

    /// Returns the import's state and counts.
    pub async fn standing(&self, import: &Import) -> Value {
        self.about("import_view", import).await.expect(200).json()
    }

    /// Returns the rows of a kind.
    pub async fn rows(&self, import: &Import, kind: &str) -> Vec<Value> {
        let arguments = json!({ "slug": import.slug, "id": import.id, "kind": kind, "after": 0 });
        let page = self
            .call("import_rows", &arguments)
            .await
            .expect(200)
            .json();
        page["rows"].as_array().unwrap().clone()
    }
}

impl Site {
    /// Completes all waiting import work.
    pub async fn work(&self) {
        self.importer().run_once().await.unwrap();
    }

    /// Sets the number of rows in a chunk of the import.
    pub async fn cut(&self, import: &Import, rows: u32) {
        let cut = format!("UPDATE muster.imports SET chunk_rows = {rows} WHERE id = $1::uuid");
        sqlx::query(sqlx::AssertSqlSafe(cut))
            .bind(&import.id)
            .execute(self.sql())
            .await
            .unwrap();
    }

    /// Uploads and plans; returns the import and its state.
    pub async fn planned(
        &self,
        browser: &Browser,
        slug: &str,
        csv: &str,
        draft: &Value,
    ) -> (Import, Value) {
        let import = browser.upload(slug, csv.as_bytes(), draft).await;
        browser.does("plan_import", &import).await;
        self.work().await;
        let view = browser.standing(&import).await;
        (import, view)
    }

    /// Uploads, plans and applies; returns the import and its state.
    pub async fn imported(
        &self,
        browser: &Browser,
        slug: &str,
        csv: &str,
        draft: &Value,
    ) -> (Import, Value) {
        let (import, _) = self.planned(browser, slug, csv, draft).await;
        browser.does("apply_import", &import).await;
        self.work().await;
        let view = browser.standing(&import).await;
        (import, view)
    }
}

/// Returns a file with this many people.
pub fn people(count: usize) -> String {
    use std::fmt::Write as _;
    let mut csv = "first_name,last_name,email\n".to_owned();
    for number in 0..count {
        writeln!(csv, "Ines,Caro {number},ines{number}@example.org").unwrap();
    }
    csv
}
