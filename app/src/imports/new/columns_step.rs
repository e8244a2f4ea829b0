//! The second step: the file's format and column mapping, with examples.

use i18n::*;
use leptos::{ev::MouseEvent, prelude::*};
use muster::{
    import::{Column, Delimiter, Encoding, NameOrder, Target},
    phone::CallingCode,
    problem::{FieldProblem, Problem},
};

use super::{
    super::{
        checking::{Looked, Reading},
        steps::Step,
    },
    importing::Importing,
    options_form::{OptionsForm, choices},
};
use crate::ui::{
    Banner, BannerKind, Button, ButtonKind, Column as Head, DataTable, Field, Icon, IconName,
    SelectField,
};

/// The code of a target in the menus.
const LEFT_OUT: &str = "left_out";
const ATTRIBUTE: &str = "attribute";

#[component]
pub fn ColumnsStep(importing: Importing) -> impl IntoView {
    move || {
        let looked = importing.looked.get()?;
        Some(view! { <Columns importing looked/> })
    }
}

#[component]
fn Columns(importing: Importing, looked: Looked) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let say = use_say();
    let wrong = Memo::new(move |_| wrong_with(importing, locale, words, say));
    let has = move |column| {
        importing
            .targets
            .with(|targets| targets.contains(&Target::Column(column)))
    };
    let order = RwSignal::new(importing.name_order.get_untracked().code().to_owned());
    Effect::new(move |_| {
        if let Ok(chosen) = order.get().parse() {
            importing.name_order.set(chosen);
        }
    });
    // A remembered mapping arrives after the detected one.
    Effect::new(move |_| {
        let code = importing.name_order.get().code();
        if order.with_untracked(|order| order != code) {
            order.set(code.to_owned());
        }
    });
    let readable = looked.fault.is_none() || !looked.headers.is_empty();
    let next = Callback::new(move |_: MouseEvent| importing.check());
    let another = Callback::new(move |_: MouseEvent| importing.step.set(Step::File));
    view! {
        <ReadingCard importing looked=looked.clone()/>
        {looked.fault.map(|fault| view! {
            <Banner kind=BannerKind::Bad title=td_string!(locale, imports.cannot_read)>
                {words.fault(&fault)}
            </Banner>
        })}
        {readable.then(|| view! {
            <h2 class="section" id="columns-title" tabindex="-1">{td!(locale, imports.columns_title)}</h2>
            <p class="muted section-text">
                {move || if importing.remembered.get() {
                    td_string!(locale, imports.columns_remembered)
                } else {
                    td_string!(locale, imports.columns_text)
                }}
            </p>
            <ColumnTable importing looked=looked.clone()/>
            <div class="cells-read">
                <div hidden=move || !has(Column::FullName)>
                    <SelectField
                        name="name_order"
                        label=td_string!(locale, imports.name_order)
                        value=order
                        options=choices(NameOrder::ALL, NameOrder::code, |it| words.name_order(it))
                    />
                </div>
                <div hidden=move || !has(Column::Phone)>
                    <Field
                        name="calling_code"
                        label=td_string!(locale, imports.calling_code)
                        hint=td_string!(locale, imports.calling_code_hint)
                        value=importing.calling_code
                        error=move || is_no_calling_code(importing).then(|| td_string!(locale, imports.calling_code_wrong).to_owned())
                        optional_word=td_string!(locale, common.optional)
                        autocomplete="off"
                        maxlength=5
                    />
                </div>
            </div>
            <OptionsForm importing/>
            <div aria-live="polite">
                {move || (!wrong.with(Vec::is_empty)).then(|| view! {
                    <Banner kind=BannerKind::Wait title=td_string!(locale, imports.not_yet)>
                        <ul>
                            {wrong.get_untracked().into_iter().map(|line| view! { <li>{line}</li> }).collect_view()}
                        </ul>
                    </Banner>
                })}
            </div>
        })}
        <div class="actions">
            <Button icon=IconName::ArrowLeft on_click=another>{td!(locale, imports.another_file)}</Button>
            {readable.then(|| view! {
                <Button
                    kind=ButtonKind::Primary
                    disabled=Signal::derive(move || !wrong.with(Vec::is_empty))
                    why=move || wrong.with(|wrong| wrong.first().cloned())
                    on_click=next
                >
                    {td!(locale, imports.check)}
                    <Icon name=IconName::ArrowRight/>
                </Button>
            })}
        </div>
    }
    .into_any()
}

/// Returns why the file can't be checked yet.
fn wrong_with(importing: Importing, locale: Locale, words: ImportWords, say: Say) -> Vec<String> {
    let options = match importing.options.draft().parse() {
        Ok(options) => options,
        Err(problems) => {
            let say_one = |it: &FieldProblem| {
                let said = say.of_problem(&it.problem);
                match it.field.as_str() {
                    "send_at" => format!("{}: {said}", td_string!(locale, imports.send_at)),
                    "clear" => format!("{}: {said}", td_string!(locale, imports.clear)),
                    _ => said,
                }
            };
            return problems.iter().map(say_one).collect();
        }
    };
    let width = importing
        .looked
        .with(|looked| looked.as_ref().map_or(0, |it| it.headers.len()));
    let problems = importing.mapping().problems(width, &options);
    let sentence = |found: &FieldProblem| {
        let column = words.column(found.field.parse().ok()?);
        Some(if found.problem == Problem::Duplicate {
            td_string!(locale, imports.mapped_twice, column = column)
        } else {
            td_string!(locale, imports.not_mapped, column = column)
        })
    };
    let unread = is_no_calling_code(importing)
        .then(|| td_string!(locale, imports.calling_code_wrong).to_owned());
    let unmapped = problems.iter().filter_map(sentence);
    unmapped.chain(unread).collect()
}

fn is_no_calling_code(importing: Importing) -> bool {
    importing
        .calling_code
        .with(|typed| CallingCode::parse(typed).is_err())
}

/// The file's format: detected, and changeable by hand.
#[component]
fn ReadingCard(importing: Importing, looked: Looked) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let encoding = RwSignal::new(looked.dialect.encoding.code().to_owned());
    let delimiter = RwSignal::new(looked.dialect.delimiter.code().to_owned());
    let by_hand = importing.reading();
    let hint = |chosen: bool| {
        if chosen {
            td_string!(locale, imports.chosen)
        } else {
            td_string!(locale, imports.guessed)
        }
    };
    view! {
        <section class="card pad import-reading">
            <SelectField
                name="encoding"
                label=td_string!(locale, imports.encoding)
                hint=Some(hint(by_hand.encoding.is_some()).into())
                value=encoding
                options=choices(Encoding::ALL, Encoding::code, |it| words.encoding(it))
                on_change=Callback::new(move |code: String| {
                    importing.read_as(Reading { encoding: code.parse().ok(), ..by_hand });
                })
            />
            <SelectField
                name="delimiter"
                label=td_string!(locale, imports.delimiter)
                hint=Some(hint(by_hand.delimiter.is_some()).into())
                value=delimiter
                options=choices(Delimiter::ALL, Delimiter::code, |it| words.delimiter(it))
                on_change=Callback::new(move |code: String| {
                    importing.read_as(Reading { delimiter: code.parse().ok(), ..by_hand });
                })
            />
            <div class="field">
                <span class="label">{td!(locale, imports.line_end)}</span>
                <span class="value">{words.line_end(looked.dialect.line_end)}</span>
            </div>
        </section>
    }
    .into_any()
}

/// The columns of the file, each with examples and its target.
#[component]
fn ColumnTable(importing: Importing, looked: Looked) -> impl IntoView {
    let locale = use_locale();
    let heads = vec![
        Head::new(td_string!(locale, imports.in_the_file)),
        Head::new(td_string!(locale, imports.examples)),
        Head::new(td_string!(locale, imports.becomes)),
    ];
    let rows = looked
        .headers
        .into_iter()
        .zip(looked.examples)
        .enumerate()
        .map(|(index, (header, examples))| view! { <ColumnRow importing index header examples/> })
        .collect_view();
    view! {
        <div class="import-columns">
            <DataTable label=td_string!(locale, imports.columns_title) columns=heads>{rows}</DataTable>
        </div>
    }
    .into_any()
}

#[component]
fn ColumnRow(
    importing: Importing,
    index: usize,
    header: String,
    examples: Vec<String>,
) -> impl IntoView {
    let locale = use_locale();
    let words = use_import_words();
    let target = Memo::new(move |_| {
        importing
            .targets
            .with(|targets| targets.get(index).copied().unwrap_or_default())
    });
    let code = move || match target.get() {
        Target::LeftOut => LEFT_OUT,
        Target::Attribute => ATTRIBUTE,
        Target::Column(column) => column.code(),
    };
    let node = NodeRef::<leptos::html::Select>::new();
    Effect::new(move |_| {
        let code = code();
        if let Some(select) = node.get() {
            select.set_value(code);
        }
    });
    let named = if header.trim().is_empty() {
        td_string!(locale, imports.nameless, n = index + 1)
    } else {
        header
    };
    let label = td_string!(locale, imports.becomes_of, header = named.clone());
    let rest = [
        (LEFT_OUT, td_string!(locale, imports.target_left_out)),
        (ATTRIBUTE, td_string!(locale, imports.target_attribute)),
    ];
    let known = Column::ALL.iter().map(|it| (it.code(), words.column(*it)));
    let options = known
        .chain(rest)
        .map(|(code, word)| view! { <option value=code>{word}</option> })
        .collect_view();
    view! {
        <tr class:left-out=move || target.get() == Target::LeftOut>
            <th scope="row">{named}</th>
            <td class="examples">
                {examples.into_iter().map(|cell| view! { <span>{cell}</span> }).collect_view()}
            </td>
            <td class="becomes field">
                <select
                    node_ref=node
                    aria-label=label
                    on:change=move |event| {
                        let chosen = event_target_value(&event);
                        let to = match chosen.as_str() {
                            LEFT_OUT => Target::LeftOut,
                            ATTRIBUTE => Target::Attribute,
                            column => column.parse().map_or(Target::LeftOut, Target::Column),
                        };
                        importing.targets.update(|targets| {
                            if let Some(target) = targets.get_mut(index) {
                                *target = to;
                            }
                        });
                    }
                >
                    {options}
                </select>
            </td>
        </tr>
    }
    .into_any()
}
