//! The shared vectors of email addresses, natively and in WebAssembly (where `wasm-bindgen-test` runs
//! this same file in a browser): the file is compiled in, because a browser has no disk.

use muster::email::{EmailAddress, EmailViolation};

#[cfg(target_arch = "wasm32")]
wasm_bindgen_test::wasm_bindgen_test_configure!(run_in_browser);

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn every_vector_gets_its_canonical_form_or_its_code() {
    let mut reader = csv::Reader::from_reader(include_str!("vectors/emails.csv").as_bytes());
    assert_eq!(
        reader.headers().unwrap(),
        vec!["input", "canonical", "code"]
    );
    let (mut wrong, mut count) = (Vec::new(), 0);
    for record in reader.records() {
        let record = record.unwrap();
        let parsed = EmailAddress::parse(&record[0]);
        let (canonical, code) = match &parsed {
            Ok(address) => (address.as_str(), ""),
            Err(violation) => ("", violation.code()),
        };
        if (canonical, code) != (&record[1], &record[2]) {
            wrong.push(format!(
                "{:?}: expected {:?} {:?}, got {canonical:?} {code:?}",
                &record[0], &record[1], &record[2]
            ));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= 33, "only {count} vectors were read");
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn one_mailbox_has_one_form_however_its_domain_is_written() {
    for (one, other) in [
        ("zoe@müller.example", "zoe@mu\u{308}ller.example"),
        ("zoe@example.org", "zoe@ｅｘａｍｐｌｅ.org"),
        ("zoe@example.org", "ZOE@example。org"),
        ("zoe@xn--mller-kva.example", "zoe@XN--MLLER-KVA.example"),
    ] {
        assert_eq!(EmailAddress::parse(one), EmailAddress::parse(other));
        assert!(EmailAddress::parse(one).is_ok());
    }
    // Different names to the DNS stay different here (UTS #46, non-transitional).
    assert_ne!(
        EmailAddress::parse("zoe@straße.example"),
        EmailAddress::parse("zoe@strasse.example")
    );
    assert_ne!(
        EmailAddress::parse("zoe@exıample.org"),
        EmailAddress::parse("zoe@exiample.org")
    );
}

#[cfg_attr(not(target_arch = "wasm32"), test)]
#[cfg_attr(target_arch = "wasm32", wasm_bindgen_test::wasm_bindgen_test)]
fn what_no_mail_can_reach_is_refused() {
    for raw in [
        "marty@example.org.",
        "marty@127.0.0.1",
        "marty@exa_mple.org",
        "marty@example.org\0",
        "marty@xn--a.example",
        "marty@a＠b.org",
        "Märty <marty@example.org>",
        "marty@example.org>",
        "ma\trty@example.org",
        "marty.@example.org",
        "marty@bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb.example",
    ] {
        let refused = EmailAddress::parse(raw).map_err(EmailViolation::code);
        assert_eq!(refused, Err("not_an_address"), "{raw}");
    }
}
