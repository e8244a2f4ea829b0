//! What was found out about the rows: each is judged as it is read, by the functions that the server judges by.

use muster::import::{
    Column, Duplicates, Fault, Layout, Person, PersonDraft, Record, Roles, RowProblem, propose_for,
};

use super::{
    MOST_KEPT, MOST_KEPT_BYTES,
    kept::{Kept, Kinds, kinds},
    message::{Choices, Counts, Filter, GridRow, ROWS_A_PAGE, RowState, Shown},
};

/// Everything that is known of a file's rows.
pub struct Findings {
    pub(super) choices: Choices,
    pub(super) layout: Layout,
    roles: Roles,
    pub(super) seed: u64,
    pub(super) duplicates: Duplicates,
    /// The header's own text, for the file of what is left.
    pub(super) header: String,
    pub(super) width: usize,
    rows: u32,
    /// Rows without a problem from the beginning.
    sound: u32,
    pub(super) kept: Vec<Kept>,
    kept_bytes: usize,
    /// Rows with a problem that are not kept, and their problems.
    beyond: u32,
    beyond_kinds: Kinds,
    pub(super) stop: Option<Fault>,
    /// The rows that the page shows: they stay, whatever becomes of them, until it asks for others.
    shown: Vec<u32>,
    filter: Filter,
    /// How many fit the filter, and how many of them come before those shown.
    fitting: u32,
    from: u32,
}

impl Findings {
    pub fn new(choices: Choices, seed: u64) -> Self {
        Self {
            layout: choices.mapping.layout(),
            roles: Roles::new(choices.roles.iter().cloned()),
            choices,
            seed,
            duplicates: Duplicates::new(seed),
            header: String::new(),
            width: 0,
            rows: 0,
            sound: 0,
            kept: Vec::new(),
            kept_bytes: 0,
            beyond: 0,
            beyond_kinds: Kinds::default(),
            stop: None,
            shown: Vec::new(),
            filter: Filter::default(),
            fitting: 0,
            from: 0,
        }
    }

    /// Judges a record.
    pub fn take(&mut self, record: &Record<'_>) {
        if record.number == 0 {
            record.raw.clone_into(&mut self.header);
            self.width = record.fields.len();
            return;
        }
        self.rows += 1;
        let draft = PersonDraft::new(record.fields, &self.layout);
        let problems = match record.fault {
            Some(_) => Vec::new(),
            None => match self.judged(&draft) {
                Ok(person) => self.duplicates.add(record.number, &person),
                Err(problems) => problems,
            },
        };
        if record.fault.is_none() && problems.is_empty() {
            self.sound += 1;
            return;
        }
        if self.kept.len() < MOST_KEPT && self.kept_bytes < MOST_KEPT_BYTES {
            let kept = Kept::new(record, &draft, problems);
            self.kept_bytes += kept.bytes();
            self.kept.push(kept);
        } else {
            self.beyond += 1;
            self.beyond_kinds.add(kinds(record.fault, &problems));
        }
    }

    pub(super) fn judged(&self, draft: &PersonDraft<'_>) -> Result<Person, Vec<RowProblem>> {
        draft.check(&self.choices.options, &self.roles)
    }

    pub fn counts(&self) -> Counts {
        let mut kinds = self.beyond_kinds.clone();
        let mut counts = Counts {
            rows: self.rows,
            ready: self.sound,
            wrong: self.beyond,
            beyond: self.beyond,
            ..Counts::default()
        };
        for kept in &self.kept {
            match kept.state() {
                RowState::Mended => {
                    counts.ready += 1;
                    counts.mended += 1;
                }
                RowState::LeftOut => counts.left_out += 1,
                RowState::Wrong => {
                    counts.wrong += 1;
                    kinds.add(kept.kinds());
                }
            }
            counts.proposable += u32::from(kept.wants_a_username());
        }
        counts.kinds = kinds.counts();
        counts
    }

    /// Shows the rows that fit, so many in.
    pub fn show(&mut self, filter: &Filter, from: u32) {
        let fits = |kept: &&Kept| match filter {
            Filter::Wrong => kept.state() == RowState::Wrong,
            Filter::Of(kind) => kept.state() == RowState::Wrong && kept.is_of(kind),
            Filter::Mended => kept.state() == RowState::Mended,
            Filter::LeftOut => kept.state() == RowState::LeftOut,
        };
        let fitting: Vec<u32> = self.kept.iter().filter(fits).map(|it| it.number).collect();
        let page = u32::try_from(ROWS_A_PAGE).unwrap_or(u32::MAX);
        self.fitting = u32::try_from(fitting.len()).unwrap_or(u32::MAX);
        // Past the end stands the last page: rows leave a filter as they are mended.
        self.from = from.min(self.fitting.saturating_sub(1) / page * page);
        let passed = usize::try_from(self.from).unwrap_or(usize::MAX);
        self.shown = fitting.into_iter().skip(passed).take(ROWS_A_PAGE).collect();
        self.filter = filter.clone();
    }

    /// The rows that are shown, as they stand now.
    pub fn page(&self) -> Shown {
        let columns = self.columns();
        let rows = self.shown.iter().filter_map(|number| {
            let place = self.place(*number)?;
            Some(self.grid_row(&self.kept[place], &columns))
        });
        Shown {
            filter: self.filter.clone(),
            from: self.from,
            of: self.fitting,
            rows: rows.collect(),
        }
    }

    /// Where in `kept` a row is.
    pub(super) fn place(&self, number: u32) -> Option<usize> {
        self.kept.binary_search_by_key(&number, |it| it.number).ok()
    }

    /// The columns that a row's cells are shown of: those of the file, and usernames, which can be put in, where any row
    /// is about one.
    fn columns(&self) -> Vec<Column> {
        let puts_in_usernames = self.kept.iter().any(Kept::is_about_a_username);
        let is_shown = |column: &Column| {
            self.layout.has(*column) || *column == Column::Username && puts_in_usernames
        };
        Column::ALL.iter().copied().filter(is_shown).collect()
    }

    fn grid_row(&self, kept: &Kept, columns: &[Column]) -> GridRow {
        let draft = kept.draft(&self.layout);
        let (first, last) = draft.names();
        let cell = |column: &Column| (*column, draft.cell(*column).to_owned());
        GridRow {
            number: kept.number,
            line: kept.line,
            name: [first.trim(), last.trim()].join(" ").trim().to_owned(),
            cells: columns.iter().map(cell).collect(),
            problems: kept.problems.clone(),
            fault: kept.fault,
            proposal: kept
                .wants_a_username()
                .then(|| propose_for(&draft, kept.number, self.seed, &self.duplicates))
                .flatten()
                .map(|username| username.as_str().to_owned()),
            state: kept.state(),
        }
    }
}
