//! The looks of lines: colours, time stamps, marks.

use super::charset::Charset;
use super::render::{Kind, Shown};

/// Colours of names: those that are legible on dark and on light, without the red of errors.
const NAME_COLOURS: [u8; 5] = [32, 33, 34, 35, 36];

pub(super) const BELL: char = '\x07';

/// The looks that the user chose.
#[derive(Clone, Copy, Debug)]
pub(super) struct Style {
    pub(super) colours: bool,
    pub(super) timestamps: bool,
    /// Whether a person looks: lines that name the user get a mark and a bell, and replayed ones a
    /// mark of their own.
    pub(super) marks: bool,
    pub(super) charset: Charset,
}

impl Style {
    /// The line without its end. `time` is the time of day.
    pub(super) fn line(self, shown: &Shown, time: &str) -> String {
        let kind = match shown {
            Shown::Said { kind, .. } => *kind,
            // A private line is meant for the user alone.
            Shown::Told { .. } => Kind::Mention,
            _ => Kind::Live,
        };
        let mark = match kind {
            Kind::Mention if self.marks => "! ",
            Kind::Replayed if self.marks => "| ",
            _ => "",
        };
        let (before, name, after) = shown.parts();
        let stamp = if self.timestamps { format!("{time} ") } else { String::new() };
        let (before, after) = ([&stamp, mark, before].concat(), self.charset.encode(&after));
        let written = self.charset.encode(&name);
        let bell =
            if self.marks && kind == Kind::Mention { BELL.to_string() } else { String::new() };
        let line = match (self.colours, shown, kind) {
            (false, ..) => [before, written, after].concat(),
            (true, Shown::Error(_), _) => paint(31, &[before, written, after].concat()),
            (true, Shown::Notice(_), _) | (true, _, Kind::Replayed) => {
                paint(2, &[before, written, after].concat())
            }
            (true, _, Kind::Mention) => {
                [paint(1, &before), paint(colour(&name), &written), paint(1, &after)].concat()
            }
            (true, ..) if name.is_empty() => [before, after].concat(),
            (true, ..) => [before, paint(colour(&name), &written), after].concat(),
        };
        bell + &line
    }
}

fn paint(code: u8, text: &str) -> String {
    format!("\x1b[{code}m{text}\x1b[0m")
}

/// The colour of a name, the same in every run.
fn colour(name: &str) -> u8 {
    let sum = name.bytes().fold(5381_usize, |sum, byte| sum.wrapping_mul(33) ^ usize::from(byte));
    NAME_COLOURS[sum % NAME_COLOURS.len()]
}

#[cfg(test)]
mod tests {
    use super::Style;
    use crate::charset::Charset;
    use crate::render::{Kind, Shown};

    const PLAIN: Style =
        Style { colours: false, timestamps: false, marks: true, charset: Charset::Utf8 };

    fn said(from: &str, text: &str, kind: Kind) -> Shown {
        Shown::Said { from: from.into(), text: text.into(), kind }
    }

    #[test]
    fn a_mention_rings_and_a_replayed_line_is_set_apart() {
        for (kind, line) in [
            (Kind::Live, "<eve> hi"),
            (Kind::Own, "<eve> hi"),
            (Kind::Mention, "\x07! <eve> hi"),
            (Kind::Replayed, "| <eve> hi"),
        ] {
            assert_eq!(PLAIN.line(&said("eve", "hi", kind), ""), line);
        }
        let unseen = Style { marks: false, ..PLAIN };
        assert_eq!(unseen.line(&said("eve", "hi", Kind::Mention), ""), "<eve> hi");
        let told = Shown::Told { from: b"eve".to_vec(), text: b"hi".to_vec() };
        assert_eq!(PLAIN.line(&told, ""), "\x07! [private from eve] hi");
    }

    #[test]
    fn a_stamp_stands_before_the_line() {
        let style = Style { timestamps: true, ..PLAIN };
        assert_eq!(style.line(&said("eve", "hi", Kind::Live), "12:34"), "12:34 <eve> hi");
    }

    #[test]
    fn a_name_has_one_colour() {
        let style = Style { colours: true, ..PLAIN };
        let line = |name| style.line(&said(name, "hi", Kind::Live), "");
        assert_eq!(line("eve"), line("eve"));
        assert!(line("eve").starts_with("<\x1b[3"), "{:?}", line("eve"));
        let colours =
            ["ann", "bob", "cat", "dan", "eve", "fay"].map(|name| line(name)[3..5].to_owned());
        assert!(colours.iter().any(|colour| *colour != colours[0]), "{colours:?}");
    }

    #[test]
    fn nothing_beyond_ascii_reaches_another_charset() {
        let style = Style { charset: Charset::Ascii, ..PLAIN };
        assert_eq!(style.line(&said("ü", "\u{6db}", Kind::Live), ""), r"<\u{fc}> \u{6db}");
    }
}
