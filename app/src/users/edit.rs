//! The page that edits the institution's details of a user. If two people edit at the same time, nothing is overwritten
//! unknowingly: the input stays, and the other person's values are shown next to it.

use i18n::*;
use leptos::{ev::SubmitEvent, prelude::*};
use leptos_meta::Title;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_params_map},
};
use muster::{draft::EditUserDraft, failure::Failure};
use rpc::{
    Refusal,
    users::{Conflict, Edited, UserView, edit_user},
};

use super::conflict::{ConflictBanner, NowLine, conflict_of, focus_conflict, same_phone};
use crate::{
    form::Form,
    server_resource::server_resource,
    setup::Live,
    shell::{Refused, use_shell},
    ui::{
        Banner, BannerKind, Button, ButtonKind, ButtonLink, Choice, Field, IconName, PageHead,
        SelectField, SkeletonText, Words, use_toasts,
    },
};

#[component]
pub fn EditUserPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.read().get("id").unwrap_or_default());
    // Another user's page is created from scratch, so that no input for one is shown with another.
    move || view! { <Loaded id=id.get()/> }
}

#[component]
fn Loaded(id: String) -> impl IntoView {
    let locale = use_locale();
    let slug = use_shell().slug();
    let form = Form::<EditUserDraft, Edited>::new("edit_user", EditUserDraft::default());
    let user = server_resource(move || rpc::users::user(slug.clone(), id.clone()));
    view! {
        <Suspense fallback=move || view! { <SkeletonText lines=8 label=move || td_string!(locale, common.loading)/> }>
            {move || {
                let form = form.clone();
                Suspend::new(async move {
                    match user.await {
                        Ok(user) if user.may_edit => view! { <EditForm form user/> }.into_any(),
                        Ok(_) => view! { <Refused failure=Failure::Forbidden/> }.into_any(),
                        Err(Refusal(failure)) => view! { <Refused failure/> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

/// The values of the fields.
#[derive(Clone, Copy)]
struct Fields {
    first_name: RwSignal<String>,
    last_name: RwSignal<String>,
    phone: RwSignal<String>,
    role: RwSignal<String>,
    version: RwSignal<String>,
}

impl Fields {
    /// Creates the values from the posted form, otherwise from the details.
    fn new(form: &Form<EditUserDraft, Edited>, user: &UserView) -> Self {
        let posted = &form.initial;
        let begin = if posted.version.is_empty() {
            EditUserDraft {
                first_name: user.first_name.clone(),
                last_name: user.last_name.clone(),
                phone: user.phone.clone(),
                role: user.role.clone(),
                version: user.version.to_string(),
            }
        } else {
            posted.clone()
        };
        let fields = Self {
            first_name: RwSignal::new(begin.first_name),
            last_name: RwSignal::new(begin.last_name),
            phone: RwSignal::new(begin.phone),
            role: RwSignal::new(begin.role),
            version: RwSignal::new(begin.version),
        };
        if let Some(Edited::Conflict(conflict)) = form.answer.get_untracked() {
            fields.meet(&conflict, user.role_fixed.is_some());
        }
        fields
    }

    /// Adopts the version of the other person, so that saving again overwrites it knowingly.
    fn meet(self, conflict: &Conflict, role_fixed: bool) {
        self.version.set(conflict.now.version.clone());
        if role_fixed {
            // The caller cannot change the role here.
            self.role.set(conflict.now.role.clone());
        }
    }

    fn draft(self) -> EditUserDraft {
        EditUserDraft {
            first_name: self.first_name.get(),
            last_name: self.last_name.get(),
            phone: self.phone.get(),
            role: self.role.get(),
            version: self.version.get(),
        }
    }
}

#[component]
fn EditForm(form: Form<EditUserDraft, Edited>, user: UserView) -> impl IntoView {
    let locale = use_locale();
    let say = use_say();
    let toasts = use_toasts();
    let navigate = use_navigate();
    let shell = use_shell();
    let page = shell.path(&format!("users/{}", user.row.id));
    let name = if user.row.name.trim().is_empty() {
        user.row.email.clone()
    } else {
        user.row.name.clone()
    };
    let fields = Fields::new(&form, &user);
    let fixed = user.role_fixed.is_some();
    let live = Live::new(&form, say, move || {
        fields.draft().parse().err().unwrap_or_default()
    });
    let conflict = conflict_of(&form);
    let (general, pending) = (form.general(say), form.pending);
    let send = {
        let (page, name) = (page.clone(), name.clone());
        move |event: SubmitEvent| {
            if !live.may_send() {
                event.prevent_default();
                return;
            }
            let (navigate, page, name) = (navigate.clone(), page.clone(), name.clone());
            let sent = edit_user(
                shell.slug(),
                user.row.id.clone(),
                untrack(|| fields.draft()),
            );
            form.submit(&event, sent, move |edited| match edited {
                Edited::Saved => {
                    toasts.ok(td_string!(locale, users.saved, name = name.clone()));
                    navigate(&page, NavigateOptions::default());
                }
                Edited::Conflict(conflict) => {
                    fields.meet(&conflict, fixed);
                    focus_conflict();
                }
            });
        }
    };
    let title = td_string!(locale, users.edit_title, name = name.clone());
    let text = td_string!(locale, users.edit_text, name = name.clone());
    view! {
        <Title text=title.clone()/>
        <div class="narrow-form">
            <PageHead title=title text=text back=(page.clone(), Words::from(name))/>
            <ConflictBanner conflict/>
            {move || general.get().map(|words| view! { <Banner kind=BannerKind::Bad>{words}</Banner> })}
            <form class="card pad" method="post" novalidate on:submit=send>
                <input type="hidden" name="intent" value="edit_user"/>
                <input type="hidden" name="version" value=move || fields.version.get()/>
                <PersonFields fields live conflict/>
                <RoleField
                    fields
                    live
                    conflict
                    roles=user.roles.into_iter().map(|role| Choice::new(role.id, role.name)).collect()
                    why=user.role_fixed.map(|why| say.of_failure(&why))
                    own=Choice::new(user.role, user.row.role)
                />
                <div class="actions">
                    <ButtonLink href=page>{td!(locale, common.cancel)}</ButtonLink>
                    <Button kind=ButtonKind::Primary icon=IconName::Check submit=true pending=pending>
                        {td!(locale, common.save)}
                    </Button>
                </div>
            </form>
        </div>
    }
}

/// The person's details.
#[component]
fn PersonFields(fields: Fields, live: Live, conflict: Signal<Option<Conflict>>) -> impl IntoView {
    let locale = use_locale();
    let now = move |of: fn(EditUserDraft) -> String| {
        Signal::derive(move || {
            conflict.get().map(|conflict| {
                let value = of(conflict.now);
                (value.clone(), value)
            })
        })
    };
    view! {
        <fieldset>
            <legend>{td!(locale, users.new_person)}</legend>
            <div class="pair">
                <Field
                    name="first_name"
                    label=move || td_string!(locale, common.first_name)
                    value=fields.first_name
                    error=live.error("first_name", fields.first_name)
                    autocomplete="off"
                    required=true
                    autofocus=true
                    on:focusout=live.leaving("first_name")
                >
                    <NowLine value=fields.first_name now=now(|draft| draft.first_name)/>
                </Field>
                <Field
                    name="last_name"
                    label=move || td_string!(locale, common.last_name)
                    value=fields.last_name
                    error=live.error("last_name", fields.last_name)
                    autocomplete="off"
                    required=true
                    on:focusout=live.leaving("last_name")
                >
                    <NowLine value=fields.last_name now=now(|draft| draft.last_name)/>
                </Field>
            </div>
            <Field
                name="phone"
                kind="tel"
                label=move || td_string!(locale, users.phone)
                optional_word=move || td_string!(locale, common.optional)
                value=fields.phone
                error=live.error("phone", fields.phone)
                hint=move || td_string!(locale, users.phone_hint)
                autocomplete="off"
                inputmode="tel"
                on:focusout=live.leaving("phone")
            >
                <NowLine value=fields.phone now=now(|draft| draft.phone) same=same_phone/>
            </Field>
        </fieldset>
    }
}

/// The role, or the reason why it can't be changed.
#[component]
fn RoleField(
    fields: Fields,
    live: Live,
    conflict: Signal<Option<Conflict>>,
    /// The assignable roles.
    roles: Vec<Choice>,
    #[prop(optional_no_strip)] why: Option<String>,
    /// The user's current role.
    own: Choice,
) -> impl IntoView {
    let locale = use_locale();
    let now = Signal::derive(move || {
        conflict
            .get()
            .map(|conflict| (conflict.now.role, conflict.role))
    });
    let fixed = why.is_some();
    // The user's current role, and the one that someone else just assigned, need not be among the assignable ones.
    let options = Signal::derive(move || {
        let given = now.get().map(|(id, name)| Choice::new(id, name));
        let mut options = roles.clone();
        for choice in [Some(own.clone()), given].into_iter().flatten() {
            if options.iter().all(|other| other.value != choice.value) {
                options.push(choice);
            }
        }
        options
    });
    view! {
        <fieldset>
            <legend>{td!(locale, users.new_access)}</legend>
            // Browsers do not send disabled controls.
            {fixed.then(|| view! { <input type="hidden" name="role" value=move || fields.role.get()/> })}
            <SelectField
                name="role"
                label=move || td_string!(locale, common.role)
                value=fields.role
                options=options
                error=live.error("role", fields.role)
                hint=why.map(Words::from)
                disabled=fixed
                required=true
            />
            {(!fixed).then(|| view! { <NowLine value=fields.role now=now/> })}
        </fieldset>
    }
}
