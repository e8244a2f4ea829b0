//! Malicious files are refused early; nothing in them is decompressed or stored that could do harm.

use std::io::Write as _;

use reqwest::{Method, header};
use serde_json::json;

use crate::{
    imports::chief,
    support::{
        Import, Person, draft,
        importing::{hash, people},
    },
};

/// Sends a part compressed.
async fn compressed(chief: &Person, import: &Import, plain: &[u8], sha256: &str) -> u16 {
    let mut packed = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    packed.write_all(plain).unwrap();
    let path = format!("/i/{}/imports/{}/parts/0", import.slug, import.id);
    let request = chief
        .browser
        .request(Method::POST, &path)
        .header(header::ORIGIN, &chief.browser.origin)
        .header(header::CONTENT_ENCODING, "gzip")
        .header("x-part-sha256", sha256)
        .body(packed.finish().unwrap());
    chief.browser.send(request).await.status
}

#[tokio::test]
async fn a_part_may_be_compressed_but_a_decompression_bomb_is_refused() {
    let (_site, chief, role) = chief().await;
    let csv = people(50);
    let import = chief
        .browser
        .begin("harbour", &draft(csv.as_bytes(), &role))
        .await;
    let bomb = vec![b'a'; 200 << 20];
    assert_eq!(compressed(&chief, &import, &bomb, &hash(&bomb)).await, 422);
    assert_eq!(
        compressed(&chief, &import, csv.as_bytes(), &hash(b"another")).await,
        422
    );
    assert_eq!(
        compressed(&chief, &import, csv.as_bytes(), &hash(csv.as_bytes())).await,
        204
    );
}

#[tokio::test]
async fn an_oversized_file_is_refused_before_it_is_uploaded() {
    let (_site, chief, role) = chief().await;
    let csv = people(1);
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["size"] = json!(3_u64 << 30);
    let arguments = json!({ "slug": "harbour", "draft": wanted });
    assert_eq!(
        chief
            .browser
            .call("begin_import", &arguments)
            .await
            .wrong_fields(),
        ["size"]
    );
    let import = chief
        .browser
        .begin("harbour", &draft(csv.as_bytes(), &role))
        .await;
    chief
        .browser
        .part(&import, 0, &vec![b'a'; 5 << 20])
        .await
        .expect(413);
    chief
        .browser
        .part(&import, 1, csv.as_bytes())
        .await
        .expect(400);
    chief
        .browser
        .part(&import, 0, b"shorter than was said")
        .await
        .expect(400);
    chief.browser.can_not("plan_import", &import).await;
}

#[tokio::test]
async fn an_unreadable_file_is_refused_at_its_first_part() {
    let (_site, chief, role) = chief().await;
    let head = "first_name,last_name,email\n";
    let part = usize::try_from(rpc::imports::PART_BYTES).unwrap();
    for (code, body, size) in [
        (
            "open_quote",
            format!("{head}Ines,\"Caro,ines@example.org\n"),
            None,
        ),
        (
            "field_too_long",
            format!("{head}Ines,\"{}", "a".repeat(part - head.len() - 6)),
            Some(1_u64 << 30),
        ),
        ("too_many_columns", ",".repeat(part), Some(1 << 30)),
        ("empty", "\n".to_owned(), None),
    ] {
        let mut wanted = draft(head.as_bytes(), &role);
        wanted["size"] = json!(size.unwrap_or(body.len() as u64));
        wanted["sha256"] = json!("");
        let import = chief.browser.begin("harbour", &wanted).await;
        chief
            .browser
            .part(&import, 0, body.as_bytes())
            .await
            .expect(422);
        let view = chief.browser.standing(&import).await;
        assert_eq!(view["state"], "refused", "{code}");
        let kind = view["fault"]["kind"]
            .to_string()
            .to_lowercase()
            .replace('_', "");
        assert!(kind.contains(&code.replace('_', "")), "{code}: {kind}");
    }
}

#[tokio::test]
async fn a_file_that_differs_from_the_announced_one_is_refused_by_the_check() {
    let (site, chief, role) = chief().await;
    let csv = people(3);
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["sha256"] = json!(hash(b"another file"));
    let (_, view) = site.planned(&chief.browser, "harbour", &csv, &wanted).await;
    assert_eq!(
        (&view["state"], &view["mismatch"]),
        (&json!("refused"), &json!(true))
    );
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["mapping"]["targets"]
        .as_array_mut()
        .unwrap()
        .push(json!("left_out"));
    let (_, view) = site.planned(&chief.browser, "harbour", &csv, &wanted).await;
    assert_eq!(
        (&view["state"], &view["mismatch"]),
        (&json!("refused"), &json!(true))
    );
}

#[tokio::test]
async fn file_and_column_names_cannot_inject_headers_or_spreadsheet_formulas() {
    let (site, chief, role) = chief().await;
    let csv = "first_name,last_name,email,=1+1\nInes,Caro,ines@example.org,@SUM(A1)\n";
    let mut wanted = draft(csv.as_bytes(), &role);
    wanted["mapping"]["targets"][3] = json!("attribute");
    for name in ["a\r\nSet-Cookie: b=c", "a\nb", "a\0b", ""] {
        wanted["file_name"] = json!(name);
        let arguments = json!({ "slug": "harbour", "draft": wanted });
        let begun = chief.browser.call("begin_import", &arguments).await;
        assert_eq!(begun.wrong_fields(), ["file_name"], "{name:?}");
    }
    wanted["file_name"] = json!("x\"; filename=\"\u{e9};.exe");
    let (import, view) = site.imported(&chief.browser, "harbour", csv, &wanted).await;
    assert_eq!(view["done"]["invite"], 1, "{view}");
    let path = format!("/i/harbour/imports/{}/report.csv", import.id);
    let report = chief.browser.get(&path).await.expect(200);
    let said = report.headers[header::CONTENT_DISPOSITION]
        .to_str()
        .unwrap();
    let name = said
        .strip_prefix("attachment; filename=\"")
        .and_then(|it| it.strip_suffix('"'))
        .unwrap();
    let plain = |it: char| it.is_ascii_alphanumeric() || "-_.".contains(it);
    assert!(name.chars().all(plain), "{said}");
    assert_eq!(report.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff");
    let template = chief.browser.get("/i/harbour/imports/template.csv").await;
    let headers = template.expect(200).body;
    let last = headers.trim_end().rsplit(',').next().unwrap().to_owned();
    assert!(last.contains("=1+1") && !last.starts_with('='), "{last}");
}
