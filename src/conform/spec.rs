//! The clauses of `spec/`, read from the texts that are compiled in, so that the suite cannot quote
//! a sentence that the specification does not contain.

use std::collections::BTreeMap;

/// Whether breaking a clause fails, warns, or is only reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    Must,
    Should,
    May,
}

/// Where a clause comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Doc,
    Ours,
    Profile,
    Extension,
}

/// One clause.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    pub(super) id: String,
    pub(super) level: Level,
    pub(super) kind: Kind,
    /// Its requirement: the first paragraph.
    pub(super) sentence: String,
    /// The document's own words, if the clause quotes them.
    pub(super) quotation: Option<String>,
    /// The whole text, as in the specification.
    pub(super) text: String,
}

impl Level {
    pub(super) fn name(self) -> &'static str {
        match self {
            Level::Must => "MUST",
            Level::Should => "SHOULD",
            Level::May => "MAY",
        }
    }
}

impl Kind {
    pub(super) fn name(self) -> &'static str {
        match self {
            Kind::Doc => "DOC",
            Kind::Ours => "OURS",
            Kind::Profile => "PROFILE",
            Kind::Extension => "EXTENSION",
        }
    }

    /// What it means, for a reader who sees it for the first time.
    pub(super) fn plain(self) -> &'static str {
        match self {
            Kind::Doc => "the document says so",
            Kind::Ours => "our decision, where the document is silent",
            Kind::Profile => "several readings are allowed, and one of them is kept to",
            Kind::Extension => "an extension, which a server need not have",
        }
    }
}

/// The clauses of several texts, by id.
#[derive(Debug, Default)]
pub(super) struct Spec {
    clauses: BTreeMap<String, Clause>,
}

impl Spec {
    pub(super) fn of(texts: &[&str]) -> Spec {
        let mut spec = Spec::default();
        for text in texts {
            for section in text.split("\n### ").skip(1) {
                if let Some(clause) = clause(section) {
                    spec.clauses.insert(clause.id.clone(), clause);
                }
            }
        }
        spec
    }

    pub(super) fn get(&self, id: &str) -> Option<&Clause> {
        self.clauses.get(id)
    }

    #[cfg(test)]
    pub(super) fn ids(&self) -> impl Iterator<Item = &str> {
        self.clauses.keys().map(String::as_str)
    }
}

fn clause(section: &str) -> Option<Clause> {
    let (heading, rest) = section.split_once('\n')?;
    let mut parts = heading.split(" · ");
    let id = parts.next()?.to_owned();
    let level = match parts.next()? {
        "MUST" => Level::Must,
        "SHOULD" => Level::Should,
        "MAY" => Level::May,
        _ => return None,
    };
    let kind = match parts.next()? {
        "DOC" => Kind::Doc,
        "OURS" => Kind::Ours,
        "PROFILE" => Kind::Profile,
        "EXTENSION" => Kind::Extension,
        _ => return None,
    };
    // A section ends at the next heading of any rank.
    let text = rest.split("\n## ").next().unwrap_or(rest).trim().to_owned();
    let paragraphs: Vec<&str> = text.split("\n\n").collect();
    let quoted: Vec<String> = paragraphs
        .iter()
        .filter(|paragraph| paragraph.starts_with("> "))
        .map(|paragraph| flowing(&paragraph.replace("\n> ", " ")[2..]))
        .collect();
    let sentence = flowing(paragraphs.first()?);
    let quotation = (!quoted.is_empty()).then(|| quoted.join(" … "));
    Some(Clause { id, level, kind, sentence, quotation, text })
}

/// A paragraph as one line.
fn flowing(paragraph: &str) -> String {
    paragraph.split_whitespace().collect::<Vec<_>>().join(" ")
}
