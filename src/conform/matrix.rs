//! The table of servers by clauses, made from JSON reports of several runs.

use super::ConformError;
use super::options::MatrixOptions;
use super::report::{HEAD_STYLE, prose};
use super::result::Verdict;
use maud::{DOCTYPE, PreEscaped, html};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

/// The fields of a report that the table needs; a report may hold more.
#[derive(Debug, Deserialize)]
struct Read {
    name: String,
    dialect: String,
    conforms: Option<bool>,
    clauses: Vec<ReadClause>,
    results: Vec<ReadResult>,
}

#[derive(Debug, Deserialize)]
struct ReadClause {
    id: String,
    level: String,
    kind: String,
    sentence: String,
}

#[derive(Debug, Deserialize)]
struct ReadResult {
    clause: String,
    verdict: Verdict,
    reading: Option<String>,
}

/// The result of a server for all cases of one clause.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Cell {
    verdict: Verdict,
    /// How many cases have that verdict, and of how many.
    count: (usize, usize),
    reading: Option<String>,
}

/// The table.
#[derive(Debug)]
pub(super) struct Matrix {
    dialect: String,
    names: Vec<String>,
    conforms: Vec<Option<bool>>,
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    clause: ReadClause,
    cells: Vec<Option<Cell>>,
}

/// Maximum width of a server's column, in text.
const COLUMN: usize = 16;

/// The worst first: a clause is as good as the worst of its cases.
const WORST_FIRST: [Verdict; 5] =
    [Verdict::Fail, Verdict::Warn, Verdict::Inconclusive, Verdict::Pass, Verdict::Skip];

impl Matrix {
    /// Reads the reports; they must be of one dialect and of a known schema.
    pub(super) fn read(options: &MatrixOptions) -> Result<Matrix, ConformError> {
        let reports: Vec<Read> =
            options.reports.iter().map(|path| report(path)).collect::<Result<_, _>>()?;
        let first = reports.first().map_or("", |report| &report.dialect);
        for (report, path) in reports.iter().zip(&options.reports) {
            if report.dialect != first {
                return Err(ConformError::Usage(format!(
                    "{} is of the dialect {}, and {} of {first}: a table is of one dialect",
                    path.display(),
                    report.dialect,
                    options.reports[0].display()
                )));
            }
        }
        Ok(Matrix::of(reports))
    }

    fn of(reports: Vec<Read>) -> Matrix {
        let dialect = reports.first().map_or(String::new(), |report| report.dialect.clone());
        let mut names: Vec<String> = Vec::new();
        for report in &reports {
            let same = reports[..names.len()].iter().filter(|other| other.name == report.name);
            names.push(match same.count() {
                0 => report.name.clone(),
                before => format!("{} ({})", report.name, before + 1),
            });
        }
        let conforms = reports.iter().map(|report| report.conforms).collect();
        let cells: Vec<BTreeMap<String, Cell>> = reports.iter().map(cells).collect();
        let clauses: BTreeMap<(String, usize), ReadClause> = reports
            .into_iter()
            .flat_map(|report| report.clauses)
            .map(|clause| (place(&clause.id), clause))
            .collect();
        let rows = clauses.into_values().map(|clause| Row {
            cells: cells.iter().map(|column| column.get(&clause.id).cloned()).collect(),
            clause,
        });
        Matrix { dialect, names, conforms, rows: rows.collect() }
    }

    /// The table for a terminal, aligned by spaces.
    pub(super) fn text(&self) -> String {
        let first = self.rows.iter().map(|row| row.clause.id.len()).max().unwrap_or(0).max(8);
        let widths: Vec<usize> = (0..self.names.len()).map(|index| self.width(index)).collect();
        let line = |head: &str, cells: &mut dyn Iterator<Item = String>| {
            let mut line = format!("{head:<first$}");
            for (cell, width) in cells.zip(&widths) {
                let _ = write!(line, "  {:<width$}", short(&cell));
            }
            line.trim_end().to_owned() + "\n"
        };
        let mut text = line(&self.dialect, &mut self.names.iter().cloned());
        for row in &self.rows {
            text += &line(&row.clause.id, &mut row.cells.iter().map(|cell| word(cell.as_ref())));
        }
        text += &line("sum", &mut (0..self.names.len()).map(|index| self.sum(index)));
        text += &line("verdict", &mut self.conforms.iter().map(|one| conforms(*one).to_owned()));
        for name in self.names.iter().filter(|name| short(name) != **name) {
            let _ = writeln!(text, "{} is {name}", short(name));
        }
        text
    }

    fn width(&self, index: usize) -> usize {
        let cells = self.rows.iter().map(|row| word(row.cells[index].as_ref()));
        let others = [self.names[index].clone(), self.sum(index)];
        let verdict = conforms(self.conforms[index]).to_owned();
        let all = cells.chain(others).chain([verdict]);
        all.map(|cell| short(&cell).chars().count()).max().unwrap_or(0)
    }

    /// The table in the Markdown of GitHub.
    pub(super) fn markdown(&self) -> String {
        let row = |cells: &mut dyn Iterator<Item = String>| {
            let cells: Vec<String> = cells.map(|cell| in_markdown(&cell)).collect();
            format!("| {} |\n", cells.join(" | "))
        };
        let head = |first: &str| std::iter::once(first.to_owned());
        let mut text = row(&mut head(&self.dialect).chain(self.names.iter().cloned()));
        let _ = writeln!(text, "|{}", " --- |".repeat(self.names.len() + 1));
        for Row { clause, cells } in &self.rows {
            let cells = cells.iter().map(|cell| word(cell.as_ref()));
            text += &row(&mut head(&clause.id).chain(cells));
        }
        let sums = (0..self.names.len()).map(|index| self.sum(index));
        text += &row(&mut head("sum").chain(sums));
        let verdicts = self.conforms.iter().map(|one| conforms(*one).to_owned());
        text + &row(&mut head("verdict").chain(verdicts))
    }

    /// The table as one HTML page without other files.
    pub(super) fn html(&self) -> String {
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta http-equiv="Content-Security-Policy"
                        content="default-src 'none'; style-src 'unsafe-inline'";
                    title { (self.dialect) ": servers by clauses" }
                    style { (PreEscaped(HEAD_STYLE)) }
                }
                body.wide {
                    p.over { "parlance-conform · " (self.dialect) }
                    h1 { "Servers by clauses" }
                    p.quiet {
                        "A clause is as good as the worst of its cases. A dash: no case ran."
                    }
                    table.matrix {
                        thead { tr { th { "clause" } th {}
                            @for name in &self.names { th.cell { (name) } } } }
                        tbody {
                            @for row in &self.rows { tr {
                                td.name { code { (row.clause.id) } br;
                                    span.quiet { (row.clause.level) " · " (row.clause.kind) } }
                                td.sentence { (prose(&row.clause.sentence)) }
                                @for cell in &row.cells {
                                    @let class =
                                        cell.as_ref().map_or("skip", |cell| cell.verdict.name());
                                    td.cell.(class) { (word(cell.as_ref())) }
                                }
                            } }
                        }
                        tfoot {
                            tr { th { "sum" } th {}
                                @for index in 0..self.names.len() {
                                    td.cell { (self.sum(index)) } } }
                            tr { th { "verdict" } th {}
                                @for one in &self.conforms { td.cell { (conforms(*one)) } } }
                        }
                    }
                }
            }
        };
        page.into_string() + "\n"
    }

    /// How many of the judged clauses a server keeps.
    fn sum(&self, index: usize) -> String {
        let (mut kept, mut judged) = (0, 0);
        for cell in self.rows.iter().filter_map(|row| row.cells[index].as_ref()) {
            kept += usize::from(cell.verdict == Verdict::Pass);
            judged += usize::from(cell.verdict != Verdict::Skip);
        }
        format!("{kept} of {judged}")
    }
}

fn report(path: &Path) -> Result<Read, ConformError> {
    let failed = |why: String| ConformError::Usage(format!("{}: {why}", path.display()));
    let value = super::last_run::report(path)?;
    serde_json::from_value(value).map_err(|error| failed(format!("not a report: {error}")))
}

/// The clauses of a report, each with the worst verdict of its cases.
fn cells(report: &Read) -> BTreeMap<String, Cell> {
    let mut by_clause: BTreeMap<&str, Vec<&ReadResult>> = BTreeMap::new();
    for result in &report.results {
        by_clause.entry(&result.clause).or_default().push(result);
    }
    let cell = |results: Vec<&ReadResult>| {
        let count = |verdict| results.iter().filter(|one| one.verdict == verdict).count();
        let verdict = WORST_FIRST.into_iter().find(|verdict| count(*verdict) > 0)?;
        // A clause that is read in several respects has a reading in each.
        let readings: BTreeSet<&str> =
            results.iter().filter_map(|result| result.reading.as_deref()).collect();
        let all = || readings.iter().copied().collect::<Vec<_>>().join(", ");
        let reading = (!readings.is_empty()).then(all);
        Some(Cell { verdict, count: (count(verdict), results.len()), reading })
    };
    by_clause
        .into_iter()
        .filter_map(|(clause, results)| Some((clause.to_owned(), cell(results)?)))
        .collect()
}

/// The text of a cell in all tables: a failure with the number of cases, a pass with its reading.
fn word(cell: Option<&Cell>) -> String {
    let Some(Cell { verdict, count: (count, of), reading }) = cell else { return "-".to_owned() };
    match (verdict, reading) {
        (Verdict::Pass, Some(reading)) => reading.clone(),
        (Verdict::Pass, None) => "ok".to_owned(),
        (Verdict::Skip, _) => "skip".to_owned(),
        (Verdict::Fail, _) => format!("FAIL {count}/{of}"),
        (Verdict::Warn, _) => format!("warn {count}/{of}"),
        (Verdict::Inconclusive, _) => format!("? {count}/{of}"),
    }
}

fn conforms(known: Option<bool>) -> &'static str {
    match known {
        Some(true) => "conforms",
        Some(false) => "does not",
        None => "inconclusive",
    }
}

/// Text that fits into a column and holds no control characters.
fn short(text: &str) -> String {
    let text = super::text::harmless(text);
    if text.chars().count() <= COLUMN {
        return text;
    }
    text.chars().take(COLUMN - 1).chain(['…']).collect()
}

fn in_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for character in super::text::harmless(text).chars() {
        if "\\|`*_<>[]&".contains(character) {
            safe.push('\\');
        }
        safe.push(character);
    }
    safe
}

/// Sort key of a clause in natural order: the tenth of a group after the ninth.
fn place(id: &str) -> (String, usize) {
    match id.rsplit_once('-').map(|(group, number)| (group, number.parse())) {
        Some((group, Ok(number))) => (group.to_owned(), number),
        _ => (id.to_owned(), 0),
    }
}
