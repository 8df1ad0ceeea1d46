//! The figures of a run, as text and as JSON.

use std::fmt::Write as _;

/// A figure.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value {
    /// A whole number.
    Count(u64),
    /// A measured quantity, printed with one decimal.
    Amount(f64),
    /// A fraction, printed with three decimals in JSON and as a percentage in text.
    Share(f64),
    /// A yes or no.
    Flag(bool),
    /// A name without characters that need escaping.
    Text(&'static str),
}

/// The figures of a run, in the order of printing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Report {
    rows: Vec<Row>,
    notes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq)]
struct Row {
    key: &'static str,
    label: &'static str,
    value: Value,
}

impl Report {
    /// The figure with this key, if there is one.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.rows.iter().find(|row| row.key == key).map(|row| row.value)
    }

    /// Adds a [`Value::Count`].
    pub(super) fn count(&mut self, key: &'static str, label: &'static str, count: u64) {
        self.add(key, label, Value::Count(count));
    }

    /// Adds a [`Value::Amount`].
    pub(super) fn amount(&mut self, key: &'static str, label: &'static str, amount: f64) {
        self.add(key, label, Value::Amount(amount));
    }

    /// Adds a [`Value::Share`].
    pub(super) fn share(&mut self, key: &'static str, label: &'static str, share: f64) {
        self.add(key, label, Value::Share(share));
    }

    /// Adds a [`Value::Flag`].
    pub(super) fn flag(&mut self, key: &'static str, label: &'static str, flag: bool) {
        self.add(key, label, Value::Flag(flag));
    }

    /// Adds a [`Value::Text`].
    pub(super) fn text(&mut self, key: &'static str, label: &'static str, text: &'static str) {
        self.add(key, label, Value::Text(text));
    }

    /// Adds a figure; `key` names it in JSON and is a plain identifier, so that nothing needs
    /// escaping.
    fn add(&mut self, key: &'static str, label: &'static str, value: Value) {
        self.rows.push(Row { key, label, value });
    }

    /// Adds a remark, for the text alone.
    pub(super) fn note(&mut self, text: impl Into<String>) {
        self.notes.push(text.into());
    }

    /// One line for each figure, then the remarks.
    pub fn to_text(&self) -> String {
        let width = self.rows.iter().map(|row| row.label.len()).max().unwrap_or(0);
        let mut text = String::new();
        for Row { label, value, .. } in &self.rows {
            let value = match value {
                Value::Count(count) => count.to_string(),
                Value::Amount(amount) => format!("{amount:.1}"),
                Value::Share(share) => format!("{:.1} %", share * 100.0),
                Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
                Value::Text(text) => (*text).to_owned(),
            };
            writeln!(text, "{label:width$}  {value}").expect("writing to a string succeeds");
        }
        for note in &self.notes {
            writeln!(text, "note: {note}").expect("writing to a string succeeds");
        }
        text
    }

    /// One JSON object on one line.
    pub fn to_json(&self) -> String {
        let members: Vec<_> = self.rows.iter().map(Row::to_json).collect();
        format!("{{{}}}\n", members.join(", "))
    }
}

impl Row {
    fn to_json(&self) -> String {
        let value = match self.value {
            Value::Count(count) => count.to_string(),
            Value::Amount(amount) => number(amount, 1),
            Value::Share(share) => number(share, 3),
            Value::Flag(flag) => flag.to_string(),
            Value::Text(text) => format!("\"{text}\""),
        };
        format!("\"{}\": {value}", self.key)
    }
}

/// JSON has no infinities and no NaN.
fn number(value: f64, decimals: usize) -> String {
    if value.is_finite() { format!("{value:.decimals$}") } else { "null".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::{Report, Value};

    fn report() -> Report {
        let mut report = Report::default();
        report.count("n", "things", 3);
        report.amount("rate", "per second", 2.25);
        report.share("share", "own", 0.5);
        report.amount("bad", "none", f64::NAN);
        report.flag("flag", "so", true);
        report.note("only in text");
        report
    }

    #[test]
    fn json_is_one_object() {
        let expected =
            "{\"n\": 3, \"rate\": 2.2, \"share\": 0.500, \"bad\": null, \"flag\": true}\n";
        assert_eq!(report().to_json(), expected);
    }

    #[test]
    fn text_is_aligned() {
        let text = report().to_text();
        assert!(text.starts_with("things      3\nper second  2.2\nown         50.0 %\n"), "{text}");
        assert!(text.ends_with("note: only in text\n"), "{text}");
    }

    #[test]
    fn figures_are_found_by_key() {
        assert_eq!(report().get("n"), Some(Value::Count(3)));
        assert_eq!(report().get("other"), None);
    }
}
