//! Random actions of people.

use proptest::{collection::vec, option, prelude::*, sample};

use super::people::{Mode, Role};

/// Addresses of an institution.
const ADDRESSES: usize = 5;

/// An action.
#[derive(Debug, Clone)]
pub enum Step {
    /// Uploads and plans a file; for each row the person and the values.
    Plan(Mode, Vec<(usize, Said)>),
    /// Applies a planned import, with a manual change after its first chunk.
    Apply(usize, Option<Hand>),
    /// Undoes an import, likewise.
    Undo(usize, Option<Hand>),
    Hand(Hand),
}

/// A manual change, and the person it concerns.
#[derive(Debug, Clone)]
pub enum Hand {
    Edit(usize, Said),
    Invite(usize, Role),
    Accept(usize),
    Leave(usize),
}

/// The values for a person.
#[derive(Debug, Clone)]
pub struct Said {
    pub first_name: String,
    pub last_name: String,
    pub phone: Option<String>,
    pub role: Option<Role>,
    pub username: Option<usize>,
}

fn said() -> impl Strategy<Value = Said> {
    (
        sample::select(vec!["Ines", "Tom", "Marty"]),
        sample::select(vec!["Caro", "Berg", "Quist"]),
        option::of(sample::select(vec!["+41791234567", "+41791234568"])),
        option::of(role()),
        option::of(0..ADDRESSES + 2),
    )
        .prop_map(|(first_name, last_name, phone, role, username)| Said {
            first_name: first_name.to_owned(),
            last_name: last_name.to_owned(),
            phone: phone.map(str::to_owned),
            role,
            username,
        })
}

fn role() -> impl Strategy<Value = Role> {
    sample::select(vec![Role::Basic, Role::Administrator])
}

fn hand() -> impl Strategy<Value = Hand> {
    prop_oneof![
        3 => (0..ADDRESSES, said()).prop_map(|(who, said)| Hand::Edit(who, said)),
        1 => (0..ADDRESSES, role()).prop_map(|(who, role)| Hand::Invite(who, role)),
        2 => (0..ADDRESSES).prop_map(Hand::Accept),
        1 => (0..ADDRESSES).prop_map(Hand::Leave),
    ]
}

/// Returns random steps; the first one uploads a file.
pub fn some_steps() -> impl Strategy<Value = Vec<Step>> {
    let plan = || {
        let whose = sample::subsequence((0..ADDRESSES).collect::<Vec<_>>(), 1..=ADDRESSES);
        let mode = sample::select(vec![Mode::Add, Mode::Update, Mode::Both, Mode::Both]);
        (mode, whose.prop_shuffle(), vec(said(), ADDRESSES))
            .prop_map(|(mode, whose, said)| Step::Plan(mode, whose.into_iter().zip(said).collect()))
    };
    let step = prop_oneof![
        3 => plan(),
        4 => (any::<usize>(), option::of(hand())).prop_map(|(which, hand)| Step::Apply(which, hand)),
        3 => (any::<usize>(), option::of(hand())).prop_map(|(which, hand)| Step::Undo(which, hand)),
        3 => hand().prop_map(Step::Hand),
    ];
    (plan(), vec(step, 6..14)).prop_map(|(first, mut rest)| {
        rest.insert(0, first);
        rest
    })
}
