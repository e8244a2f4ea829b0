//! The results of the check. Each row is validated while it is read, by the functions that the server uses.

use muster::import::{
    Column, Duplicates, Fault, Layout, Person, PersonDraft, Record, Roles, RowProblem, propose_for,
};

use super::{
    MOST_KEPT, MOST_KEPT_BYTES,
    kept::{Kept, Kinds, kinds},
    message::{Choices, Counts, Filter, GridRow, ROWS_A_PAGE, RowState, Shown},
};

/// The results for a file's rows.
pub struct Findings {
    pub(super) choices: Choices,
    pub(super) layout: Layout,
    roles: Roles,
    pub(super) seed: u64,
    pub(super) duplicates: Duplicates,
    /// The raw header, for the download of invalid rows.
    pub(super) header: String,
    rows: u32,
    /// Number of rows that were valid originally.
    sound: u32,
    pub(super) kept: Vec<Kept>,
    kept_bytes: usize,
    /// Number of invalid rows that are not kept, and their problems.
    beyond: u32,
    beyond_kinds: Kinds,
    pub(super) stop: Option<Fault>,
    /// The rows that the page shows. They stay, whatever their state, until the page requests others.
    shown: Vec<u32>,
    filter: Filter,
    /// Number of matching rows when they were requested, and how many of them preceded those shown.
    of: u32,
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
            rows: 0,
            sound: 0,
            kept: Vec::new(),
            kept_bytes: 0,
            beyond: 0,
            beyond_kinds: Kinds::default(),
            stop: None,
            shown: Vec::new(),
            filter: Filter::default(),
            of: 0,
            from: 0,
        }
    }

    /// Validates a record.
    pub fn take(&mut self, record: &Record<'_>) {
        if record.number == 0 {
            record.raw.clone_into(&mut self.header);
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

    pub(super) fn wants_a_username(&self, kept: &Kept) -> bool {
        kept.wants_a_username(&self.choices.options)
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
            counts.proposable += u32::from(self.wants_a_username(kept));
        }
        counts.kinds = kinds.counts();
        counts
    }

    /// Shows the first matching rows.
    pub fn show(&mut self, filter: Filter) {
        self.filter = filter;
        let fitting = self.fitting();
        self.show_from(&fitting, 0);
    }

    /// Shows the matching rows after the last one shown, or the last ones if there are none. Corrections change how
    /// many rows match, so pages follow row numbers instead of positions.
    pub fn next(&mut self) {
        let fitting = self.fitting();
        let last = self.shown.last().copied().unwrap_or_default();
        let passed = fitting.partition_point(|number| *number <= last);
        let begin = if passed < fitting.len() {
            passed
        } else {
            passed.saturating_sub(ROWS_A_PAGE)
        };
        self.show_from(&fitting, begin);
    }

    /// Shows the matching rows before the first one shown.
    pub fn previous(&mut self) {
        let fitting = self.fitting();
        let first = self.shown.first().copied().unwrap_or_default();
        let passed = fitting.partition_point(|number| *number < first);
        self.show_from(&fitting, passed.saturating_sub(ROWS_A_PAGE));
    }

    /// Returns the numbers of the rows that match the filter now.
    fn fitting(&self) -> Vec<u32> {
        let fitting = self.kept.iter().filter(|kept| self.fits(kept));
        fitting.map(|kept| kept.number).collect()
    }

    fn fits(&self, kept: &Kept) -> bool {
        match &self.filter {
            Filter::Wrong => kept.state() == RowState::Wrong,
            Filter::Of(kind) => kept.state() == RowState::Wrong && kept.is_of(kind),
            Filter::Mended => kept.state() == RowState::Mended,
            Filter::LeftOut => kept.state() == RowState::LeftOut,
        }
    }

    fn show_from(&mut self, fitting: &[u32], begin: usize) {
        self.of = u32::try_from(fitting.len()).unwrap_or(u32::MAX);
        self.from = u32::try_from(begin).unwrap_or(u32::MAX);
        let shown = fitting.iter().skip(begin).take(ROWS_A_PAGE);
        self.shown = shown.copied().collect();
    }

    /// Returns the current state of the rows that are shown.
    pub fn page(&self) -> Shown {
        let columns = self.columns();
        let rows = self.shown.iter().filter_map(|number| {
            let place = self.place(*number)?;
            Some(self.grid_row(&self.kept[place], &columns))
        });
        let (first, last) = (self.shown.first(), self.shown.last());
        let any_fits = |is_there: &dyn Fn(u32) -> bool| {
            let mut kept = self.kept.iter();
            kept.any(|kept| is_there(kept.number) && self.fits(kept))
        };
        Shown {
            filter: self.filter.clone(),
            from: self.from,
            of: self.of,
            more_before: any_fits(&|number| first.is_some_and(|first| number < *first)),
            more_behind: any_fits(&|number| last.is_some_and(|last| number > *last)),
            rows: rows.collect(),
        }
    }

    /// Returns a row's index in `kept`.
    pub(super) fn place(&self, number: u32) -> Option<usize> {
        self.kept.binary_search_by_key(&number, |it| it.number).ok()
    }

    /// Returns the columns of the grid: those of the file, and the username if any row has a username problem or an
    /// entered username.
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
            proposal: self
                .wants_a_username(kept)
                .then(|| propose_for(&draft, kept.number, self.seed, &self.duplicates))
                .flatten()
                .map(|username| username.as_str().to_owned()),
            state: kept.state(),
        }
    }
}
