//! Prometheus' text format, version 0.0.4.

use std::fmt::{self, Display, Write as _};

/// The kind of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Kind::Counter => "counter",
            Kind::Gauge => "gauge",
            Kind::Histogram => "histogram",
        })
    }
}

/// A page of metrics that is being written.
#[derive(Debug, Default)]
pub(super) struct Exposition {
    text: String,
}

/// The labels of a sample: names, which are ours, and values.
pub(super) type Labels<'a> = &'a [(&'a str, &'a str)];

impl Exposition {
    /// Begins a metric; its samples follow.
    pub(super) fn metric(&mut self, name: &'static str, kind: Kind, help: &str) -> Metric<'_> {
        self.push(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}\n"));
        Metric { exposition: self, name }
    }

    /// The page.
    pub(super) fn into_text(self) -> String {
        self.text
    }

    fn push(&mut self, text: fmt::Arguments<'_>) {
        self.text.write_fmt(text).expect("a string takes everything");
    }
}

/// A metric whose samples are being written.
pub(super) struct Metric<'a> {
    exposition: &'a mut Exposition,
    name: &'static str,
}

impl Metric<'_> {
    /// One sample.
    pub(super) fn sample(&mut self, labels: Labels<'_>, value: impl Display) -> &mut Self {
        self.sample_of("", labels, value)
    }

    /// One sample of a part of the metric, as `_sum` is.
    pub(super) fn sample_of(
        &mut self,
        part: &str,
        labels: Labels<'_>,
        value: impl Display,
    ) -> &mut Self {
        self.exposition.push(format_args!("{}{part}", self.name));
        for (place, (name, text)) in labels.iter().enumerate() {
            let before = if place == 0 { '{' } else { ',' };
            self.exposition.push(format_args!("{before}{name}=\"{}\"", Escaped(text)));
        }
        let end = if labels.is_empty() { "" } else { "}" };
        self.exposition.push(format_args!("{end} {value}\n"));
        self
    }
}

/// The value of a label.
struct Escaped<'a>(&'a str);

impl Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '\\' => f.write_str("\\\\")?,
                '"' => f.write_str("\\\"")?,
                '\n' => f.write_str("\\n")?,
                letter => f.write_char(letter)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::{Exposition, Kind};

    #[test]
    fn a_metric_has_its_help_its_type_and_samples_with_escaped_labels() {
        let mut exposition = Exposition::default();
        exposition
            .metric("parlance_x_total", Kind::Counter, "Number of x.")
            .sample(&[], 3)
            .sample(&[("a", "b"), ("c", "\\\"\n")], 0.5);
        let expected = "# HELP parlance_x_total Number of x.\n\
                        # TYPE parlance_x_total counter\n\
                        parlance_x_total 3\n\
                        parlance_x_total{a=\"b\",c=\"\\\\\\\"\\n\"} 0.5\n";
        assert_eq!(exposition.into_text(), expected);
    }
}
