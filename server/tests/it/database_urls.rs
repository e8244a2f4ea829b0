//! Passwords in database URLs: encoded ones work, others are refused with the cause, and none is shown.

use server::store::{self, Role, Store};

use crate::support::{
    process::{ended, muster},
    server_versions::Server,
};

/// Letters that occur nowhere else.
const PARTS: [&str; 2] = ["Zq7", "Xw9"];

fn encoded(password: &str) -> String {
    percent_encoding::percent_encode(password.as_bytes(), percent_encoding::NON_ALPHANUMERIC)
        .to_string()
}

#[tokio::test]
async fn passwords_with_any_character_work_if_encoded_and_are_never_shown() {
    let server = Server::managed(15, "muster", "muster").await;
    let template = server.url("muster", "muster");
    let url =
        |password: &str| template.replacen("muster:muster@", &format!("muster:{password}@"), 1);
    for between in [
        "#", "/", "?", "@", ":", "%41", "%zz", " ", "ä", "'\"$&", "\\",
    ] {
        let password = PARTS.join(between);
        server
            .run(
                "muster",
                &format!(
                    "ALTER ROLE muster PASSWORD '{}'",
                    password.replace('\'', "''")
                ),
            )
            .await;
        let encoded = url(&encoded(&password));
        store::migrate(&encoded).await.unwrap();
        Store::connect(&encoded, Role::App, 1).await.unwrap();

        for plain in [url(&password), url(&password.replace(PARTS[0], "12"))] {
            let folder = tempfile::tempdir().unwrap();
            let file = folder.path().join("muster.toml");
            std::fs::write(&file, format!("database_url = '''{plain}'''\n")).unwrap();
            for from_file in [false, true] {
                let mut command = muster(&plain);
                command.arg("migrate").env("MUSTER_LOG", "debug");
                if from_file {
                    command
                        .env_remove("DATABASE_URL")
                        .env("MUSTER_CONFIG", &file);
                }
                let output = ended(command).await;
                let said = String::from_utf8(output.stderr).unwrap();
                let told = output.status.success() || said.contains("percent-encoded");
                assert!(told, "{between}: {said}");
                let shown = PARTS.iter().any(|part| said.contains(part));
                assert!(!shown, "{between}: {said}");
            }
        }
    }
}

#[tokio::test]
async fn an_invalid_toml_file_is_refused_without_showing_its_passwords() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("muster.toml");
    for line in [
        "database_url = \"postgres://muster:Zq7\"Xw9@db/muster\"",
        "smtp.password = 'Zq7'Xw9'",
        "smtp.password = Zq7Xw9",
        "smtp.password = \"Zq7\\Xw9\"",
        "[smtp]\npassword = \"Zq7Xw9",
        "[smtp\npassword = \"Zq7Xw9\"",
        "smtp.password = [\"Zq7Xw9\"]",
    ] {
        std::fs::write(&file, line).unwrap();
        let mut command = muster("");
        command
            .env_remove("DATABASE_URL")
            .env("MUSTER_CONFIG", &file)
            .arg("migrate");
        let output = ended(command).await;
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(
            !PARTS.iter().any(|part| said.contains(part)),
            "{line}: {said}"
        );
    }
}
