//! The shared vectors of the username rules, natively and in WebAssembly (where `wasm-bindgen-test` runs
//! this same file in a browser): the file is compiled in, because a browser has no disk.

use muster::username::{Username, UsernameViolation, violations};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_vector_gets_its_codes_in_the_tables_order() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors/usernames.csv").as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["first_name", "last_name", "username", "codes"]
    );
    let (mut wrong, mut count) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.unwrap();
        let (first, last, username, expected) = (&record[0], &record[1], &record[2], &record[3]);
        let codes: Vec<_> = violations(username, first, last)
            .iter()
            .map(UsernameViolation::code)
            .collect();
        if codes.join(";") != expected {
            wrong.push(format!(
                "{first},{last},{username}: expected {expected:?}, got {:?}",
                codes.join(";")
            ));
        }
        assert_eq!(
            Username::parse(username, first, last).is_ok(),
            expected.is_empty(),
            "{username}"
        );
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 54, "only {count} vectors were read");
}
