//! The form of the import options.

use i18n::*;
use leptos::prelude::*;
use muster::{
    draft::ImportOptionsDraft,
    import::{Access, Applying, Column, MatchBy, Mode, Send, Target},
};
use rpc::invitations::RoleChoice;

use super::importing::Importing;
use crate::ui::{Choice, Field, SelectField, Words};

/// The options, as codes.
#[derive(Clone, Copy)]
pub struct OptionFields {
    mode: RwSignal<String>,
    match_by: RwSignal<String>,
    clear: RwSignal<String>,
    access: RwSignal<String>,
    send: RwSignal<String>,
    send_at: RwSignal<String>,
    applying: RwSignal<String>,
    pub role: RwSignal<String>,
}

impl OptionFields {
    /// Creates the options of most imports: new people, invited immediately, with the most common role.
    pub fn new(roles: &[RoleChoice]) -> Self {
        let code = |code: &str| RwSignal::new(code.to_owned());
        let usual = roles.iter().find(|role| role.usual).or(roles.first());
        Self {
            mode: code(Mode::Add.code()),
            match_by: code(MatchBy::Email.code()),
            clear: code(""),
            access: code(Access::Invite.code()),
            send: code(Send::Now.code()),
            send_at: code(""),
            applying: code(Applying::RowByRow.code()),
            role: RwSignal::new(usual.map(|role| role.id.clone()).unwrap_or_default()),
        }
    }

    /// Returns the form's draft. Imports that update nobody have no clear marker.
    pub fn draft(self) -> ImportOptionsDraft {
        let updates = self.updates();
        ImportOptionsDraft {
            mode: self.mode.get(),
            match_by: self.match_by.get(),
            clear: if updates {
                self.clear.get()
            } else {
                String::new()
            },
            access: self.access.get(),
            // Imports that add nobody send nothing.
            send: if self.adds() {
                self.send.get()
            } else {
                Send::Now.code().to_owned()
            },
            send_at: self.send_at.get(),
            applying: self.applying.get(),
            role: self.role.get(),
        }
    }

    /// Returns whether one rejected row stops the import.
    pub fn is_whole(self) -> bool {
        self.applying
            .with(|applying| applying == Applying::Whole.code())
    }

    fn updates(self) -> bool {
        self.mode.with(|mode| mode != Mode::Add.code())
    }

    fn sends_at_a_time(self) -> bool {
        self.adds() && self.send.with(|send| send == Send::Job.code())
    }

    fn way_in(self) -> Access {
        self.access
            .with(|access| access.parse().unwrap_or(Access::Invite))
    }

    fn adds(self) -> bool {
        self.mode.with(|mode| mode != Mode::Update.code())
    }
}

/// The form.
#[component]
pub fn OptionsForm(importing: Importing) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let words = use_import_words();
    let options = importing.options;
    let problem = move |field: &'static str| {
        move || match options.draft().parse() {
            Err(problems) => say.of_field(&problems, field),
            Ok(_) => None,
        }
    };
    // A missing time is reported below, at the button that starts the check.
    let time_problem = move || {
        let typed = options.send_at.with(|time| !time.is_empty());
        typed.then(problem("send_at")).flatten()
    };
    let roles = Memo::new(move |_| {
        let names_roles = importing
            .targets
            .with(|targets| targets.contains(&Target::Column(Column::Role)));
        let mut choices: Vec<Choice> = importing.roles.with_value(|roles| {
            let choice = |role: &RoleChoice| Choice::new(role.id.clone(), role.name.clone());
            roles.choices.iter().map(choice).collect()
        });
        if names_roles {
            choices.insert(0, Choice::new("", td_string!(locale, imports.role_of_file)));
        }
        choices
    });
    let role_label = move || {
        if roles.with(|roles| roles.iter().any(|role| role.value.is_empty())) {
            td_string!(locale, imports.role_where_none)
        } else {
            td_string!(locale, imports.role)
        }
    };
    view! {
        <section class="card pad import-options">
            <h2>{td!(locale, imports.options)}</h2>
            <div class="option-fields">
                <SelectField
                    name="mode"
                    label=td_string!(locale, imports.mode)
                    value=options.mode
                    options=choices(Mode::ALL, Mode::code, |it| words.mode(it))
                />
                <div hidden=move || !options.adds()>
                    <SelectField name="role" label=role_label value=options.role options=roles/>
                </div>
                <div hidden=move || !options.updates()>
                    <SelectField
                        name="match_by"
                        label=td_string!(locale, imports.match_by)
                        value=options.match_by
                        options=choices(MatchBy::ALL, MatchBy::code, |it| words.match_by(it))
                    />
                </div>
                <div hidden=move || !options.updates()>
                    <Field
                        name="clear"
                        label=td_string!(locale, imports.clear)
                        hint=td_string!(locale, imports.clear_hint)
                        value=options.clear
                        error=problem("clear")
                        optional_word=td_string!(locale, common.optional)
                        mono=true
                        autocomplete="off"
                        maxlength=20
                    />
                </div>
                <div hidden=move || !options.adds()>
                    <SelectField
                        name="access"
                        label=td_string!(locale, imports.access)
                        hint=Some(Words::from(move || words.access_hint(options.way_in())))
                        value=options.access
                        options=choices(Access::ALL, Access::code, |it| words.access(it))
                    />
                </div>
                <div hidden=move || !options.adds()>
                    <SelectField
                        name="send"
                        label=td_string!(locale, imports.send)
                        value=options.send
                        options=choices(Send::ALL, Send::code, |it| words.send(it))
                    />
                </div>
                <div hidden=move || !options.sends_at_a_time()>
                    <Field
                        name="send_at"
                        kind="datetime-local"
                        label=td_string!(locale, imports.send_at)
                        hint=move || words.send_at_hint(options.way_in())
                        value=options.send_at
                        error=time_problem
                        autocomplete="off"
                    />
                </div>
                <div>
                    <SelectField
                        name="applying"
                        label=td_string!(locale, imports.applying)
                        value=options.applying
                        options=choices(Applying::ALL, Applying::code, |it| words.applying(it))
                    />
                </div>
            </div>
        </section>
    }
    .into_any()
}

/// Returns the choices of a list of codes.
pub fn choices<T: Copy>(
    all: &[T],
    code: impl Fn(T) -> &'static str,
    words: impl Fn(T) -> &'static str,
) -> Signal<Vec<Choice>> {
    let choice = |it: &T| Choice::new(code(*it), words(*it));
    Signal::stored(all.iter().map(choice).collect())
}
