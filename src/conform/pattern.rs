//! What must be seen: bytes, and places where the rest of a line is free.

use super::escapes::shown;

/// The bytes to be seen, with free places.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pattern(Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Bytes(Vec<u8>),
    /// Any bytes up to the end of the line, which the next part begins with.
    Any,
}

/// Maximum bytes of a line before its end is no longer waited for.
const ANY_MAX: usize = 65_536;

/// How far some bytes agree with a pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Agreement {
    /// The pattern is complete after this many bytes.
    Whole(usize),
    /// This many bytes are right, and then one is wrong or missing.
    Part(usize),
}

impl Pattern {
    pub(super) fn of(bytes: &[u8]) -> Pattern {
        let mut pattern = Pattern::default();
        pattern.bytes(bytes);
        pattern
    }

    pub(super) fn bytes(&mut self, bytes: &[u8]) {
        if !bytes.is_empty() {
            self.0.push(Part::Bytes(bytes.to_vec()));
        }
    }

    pub(super) fn any(&mut self) {
        self.0.push(Part::Any);
    }

    /// Whether the pattern matches lines whose text is unknown.
    pub(super) fn is_open(&self) -> bool {
        self.0.contains(&Part::Any)
    }

    /// Whether each free place is followed by the end of a line.
    pub(super) fn is_closed(&self) -> bool {
        let follows = |part: Option<&Part>| match part {
            Some(Part::Bytes(bytes)) => bytes.starts_with(b"\n") || bytes.starts_with(b"\r\n"),
            _ => false,
        };
        let mut free = self.0.iter().enumerate().filter(|(_, part)| **part == Part::Any);
        free.all(|(at, _)| follows(self.0.get(at + 1)))
    }

    /// Compares the beginning of `bytes`.
    pub(super) fn agreement(&self, bytes: &[u8]) -> Agreement {
        let mut at = 0;
        for (number, part) in self.0.iter().enumerate() {
            let rest = &bytes[at..];
            match part {
                Part::Bytes(wanted) => {
                    let same = rest.iter().zip(wanted).take_while(|(a, b)| a == b).count();
                    at += same;
                    if same < wanted.len() {
                        return Agreement::Part(at);
                    }
                }
                Part::Any => {
                    let Some(lf) = rest.iter().position(|&byte| byte == b'\n') else {
                        let endless = rest.len() > ANY_MAX;
                        return Agreement::Part(if endless { at } else { bytes.len() });
                    };
                    let next = self.0.get(number + 1);
                    let cr = matches!(next, Some(Part::Bytes(next)) if next[0] == b'\r');
                    at += if cr { lf.saturating_sub(1) } else { lf };
                }
            }
        }
        Agreement::Whole(at)
    }

    /// The pattern for people: as [`shown`], with an ellipsis for a free place.
    pub(super) fn shown(&self) -> String {
        let part = |part: &Part| match part {
            Part::Bytes(bytes) => shown(bytes),
            Part::Any => "…".to_owned(),
        };
        self.0.iter().map(part).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Agreement, Pattern};

    fn ok() -> Pattern {
        let mut pattern = Pattern::of(b"OK");
        pattern.any();
        pattern.bytes(b"\r\nJOIN");
        pattern
    }

    #[test]
    fn a_free_place_takes_the_rest_of_its_line_and_no_more() {
        assert_eq!(ok().agreement(b"OK\r\nJOINx"), Agreement::Whole(8));
        assert_eq!(ok().agreement(b"OK, so\r\nJOIN"), Agreement::Whole(12));
        assert_eq!(ok().agreement(b"OK, so\r"), Agreement::Part(7));
        assert_eq!(ok().agreement(b"OK, so\r\nROOM"), Agreement::Part(8));
        assert_eq!(ok().agreement(b"ERROR"), Agreement::Part(0));
    }

    #[test]
    fn a_bare_lf_is_not_cr_lf() {
        assert_eq!(ok().agreement(b"OKx\nJOIN"), Agreement::Part(2));
        assert_eq!(ok().agreement(b"OK\nJOIN"), Agreement::Part(2));
    }
}
