//! Drafts give every problem at once, each by its field's name, and show no password.

use muster::draft::{
    AcceptDraft, ChangePasswordDraft, LanguageDraft, NewPasswordDraft, SetupDraft, SignInDraft,
    UserDraft,
};
use muster::language::Language;
use muster::problem::FieldProblem;

const ROLE: &str = "01935f8e-0000-7000-8000-000000000001";
const PASSWORD: &str = "correct horse battery";

fn said(problems: &[FieldProblem]) -> Vec<(&str, &str)> {
    problems
        .iter()
        .map(|problem| (problem.field.as_str(), problem.problem.code()))
        .collect()
}

#[test]
fn an_empty_set_up_names_every_field() {
    assert_eq!(
        said(&SetupDraft::default().parse().unwrap_err()),
        [
            ("institution_name", "required"),
            ("time_zone", "required"),
            ("language", "required"),
            ("first_name", "required"),
            ("last_name", "required"),
            ("email", "required"),
            ("username", "required"),
            ("password", "too_short"),
        ]
    );
}

#[test]
fn a_full_set_up_is_read() {
    let draft = SetupDraft {
        institution_name: " Northgate Clinic ".into(),
        time_zone: "Europe/Berlin".into(),
        language: "de".into(),
        first_name: "Amara".into(),
        last_name: "Okafor".into(),
        email: "Amara@Northgate.example".into(),
        username: "Finch.Harbor".into(),
        password: PASSWORD.into(),
    };
    let setup = draft.parse().unwrap();
    assert_eq!(setup.institution_name.as_str(), "Northgate Clinic");
    assert_eq!(
        (setup.language, setup.email.as_str()),
        (Language::De, "amara@northgate.example")
    );
    assert_eq!(setup.username.as_str(), "Finch.Harbor");
    let own_address = SetupDraft {
        password: " amara@northgate.EXAMPLE".into(),
        ..draft
    };
    assert_eq!(
        said(&own_address.parse().unwrap_err()),
        [("password", "is_identifier")]
    );
}

#[test]
fn a_username_is_held_against_the_names_of_the_same_form() {
    let draft = AcceptDraft {
        first_name: " Benedikt ".into(),
        last_name: "Weiß".into(),
        username: "weiss_harbor".into(),
        password: PASSWORD.into(),
        language: "en".into(),
    };
    assert_eq!(
        said(&draft.parse().unwrap_err()),
        [
            ("username", "invalid_character"),
            ("username", "contains_name")
        ]
    );
}

#[test]
fn a_new_persons_password_is_neither_their_username_nor_their_address() {
    let draft = |password: &str| AcceptDraft {
        first_name: "Benedikt".into(),
        last_name: "Weiß".into(),
        username: "Finch.Harbor.Lantern".into(),
        password: password.into(),
        language: "de".into(),
    };
    assert_eq!(
        said(&draft("finch.harbor.lantern").parse().unwrap_err()),
        [("password", "is_identifier")]
    );
    let address = "b.weiss@northgate.example";
    assert!(draft(address).parse().is_ok());
    assert_eq!(
        said(&draft(address).parse_for(address).unwrap_err()),
        [("password", "is_identifier")]
    );
}

#[test]
fn a_person_may_be_created_without_phone_and_login_name() {
    let mut draft = UserDraft {
        first_name: "Marty".into(),
        last_name: "McFly".into(),
        email: "marty@example.org".into(),
        role: ROLE.into(),
        ..UserDraft::default()
    };
    let user = draft.parse().unwrap();
    assert_eq!(
        (user.phone, user.username, user.role.to_string().as_str()),
        (None, None, ROLE)
    );
    draft.phone = "0171".into();
    draft.username = "mcfly88".into();
    draft.role = String::new();
    assert_eq!(
        said(&draft.parse().unwrap_err()),
        [
            ("phone", "not_a_number"),
            ("username", "contains_name"),
            ("role", "required")
        ]
    );
}

#[test]
fn small_forms_are_read() {
    assert_eq!(
        said(&SignInDraft::default().parse().unwrap_err()),
        [("identifier", "required"), ("password", "required")]
    );
    assert_eq!(
        said(&ChangePasswordDraft::default().parse().unwrap_err()),
        [("current", "required"), ("password", "too_short")]
    );
    assert_eq!(
        said(
            &LanguageDraft {
                language: "xx".into()
            }
            .parse()
            .unwrap_err()
        ),
        [("language", "unknown")]
    );
    assert_eq!(
        NewPasswordDraft {
            password: PASSWORD.into()
        }
        .parse()
        .unwrap()
        .as_str(),
        PASSWORD
    );
    let sign_in = SignInDraft {
        identifier: "Kestrel88".into(),
        password: "short".into(),
        keep: true,
        to: "//evil.example".into(),
    };
    let sign_in = sign_in.parse().unwrap();
    assert_eq!(
        (sign_in.password.as_str(), sign_in.keep, sign_in.to),
        ("short", true, None)
    );
}

#[test]
fn debug_shows_no_password() {
    let password = || PASSWORD.to_owned();
    let shown = [
        format!(
            "{:?}",
            SignInDraft {
                password: password(),
                ..SignInDraft::default()
            }
        ),
        format!(
            "{:?}",
            SignInDraft {
                identifier: "kestrel88".into(),
                password: password(),
                ..SignInDraft::default()
            }
            .parse()
        ),
        format!(
            "{:?}",
            SetupDraft {
                password: password(),
                ..SetupDraft::default()
            }
        ),
        format!(
            "{:?}",
            AcceptDraft {
                password: password(),
                ..AcceptDraft::default()
            }
        ),
        format!(
            "{:?}",
            NewPasswordDraft {
                password: password()
            }
        ),
        format!(
            "{:?}",
            ChangePasswordDraft {
                current: password(),
                password: password()
            }
        ),
        format!(
            "{:?}",
            ChangePasswordDraft {
                current: password(),
                password: password()
            }
            .parse()
        ),
    ];
    for text in shown {
        assert!(!text.contains("horse"), "{text}");
    }
}
