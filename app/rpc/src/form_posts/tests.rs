use std::collections::HashSet;

use muster::draft::BulkDraft;

use super::*;

#[test]
fn every_form_has_a_page_and_a_name_of_its_own() {
    let mut seen = HashSet::new();
    for route in routes() {
        assert!(route.path.starts_with('/'), "{}", route.path);
        assert!(
            seen.insert((route.path, route.intent)),
            "{} {:?}",
            route.path,
            route.intent
        );
    }
}

#[test]
fn the_parameters_of_a_path_are_the_slug_and_an_id() {
    for route in routes() {
        let parameters: Vec<&str> = route
            .path
            .split('/')
            .filter(|segment| segment.starts_with('{'))
            .collect();
        assert!(
            ["{slug}", "{id}"].starts_with(&parameters),
            "{}",
            route.path
        );
    }
}

#[test]
fn ticked_boxes_arrive_as_a_list_whatever_way_their_brackets_are_written() {
    for body in [
        "intent=bulk_users&ids%5B%5D=a&ids%5B%5D=b&action=remove",
        "intent=bulk_users&ids[]=a&ids[]=b&action=remove",
        "intent=bulk_users&action=remove&ids%5B0%5D=a&ids%5B1%5D=b",
    ] {
        let draft: BulkDraft = decode(body).unwrap();
        assert_eq!(
            (draft.action.as_str(), draft.ids),
            ("remove", vec!["a".to_owned(), "b".to_owned()])
        );
        let FormFields { intent, .. } = decode(body).unwrap();
        assert_eq!(intent, "bulk_users");
    }
    let many: Vec<String> = (0..muster::draft::MAX_CHOSEN)
        .map(|n| format!("ids%5B%5D={n}"))
        .collect();
    let many = many.join("&");
    let draft: BulkDraft = decode(&format!("action=resend&{many}")).unwrap();
    assert_eq!(draft.ids.len(), muster::draft::MAX_CHOSEN);
    assert!(
        decode::<BulkDraft>("intent=bulk_users&action=resend")
            .unwrap()
            .ids
            .is_empty()
    );
}
