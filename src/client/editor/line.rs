//! The line that is being typed, and a cursor in it.

use std::ops::Range;
use unicode_segmentation::UnicodeSegmentation as _;

/// A text with a cursor, which is always between two graphemes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    text: String,
    cursor: usize,
}

impl Line {
    /// A line with its cursor at the end.
    pub(super) fn new(text: impl Into<String>) -> Line {
        let text = text.into();
        Line { cursor: text.len(), text }
    }

    pub(super) fn text(&self) -> &str {
        &self.text
    }

    /// The place of the cursor, in bytes.
    pub(super) fn cursor(&self) -> usize {
        self.cursor
    }

    pub(super) fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    pub(super) fn insert(&mut self, text: &str) {
        self.text.insert_str(self.cursor, text);
        self.cursor += text.len();
        // The text may have joined the grapheme behind it.
        let mut starts = self.text.grapheme_indices(true).map(|(at, _)| at);
        let parted = starts.find(|at| *at >= self.cursor);
        self.cursor = parted.unwrap_or(self.text.len());
    }

    pub(super) fn move_to(&mut self, place: usize) {
        self.cursor = place;
    }

    /// Removes a range and returns it; the cursor is then at its start.
    pub(super) fn cut(&mut self, range: Range<usize>) -> String {
        self.cursor = range.start;
        self.text.drain(range).collect()
    }

    /// The place one grapheme to the left.
    pub(super) fn left(&self) -> usize {
        let before = self.text[..self.cursor].graphemes(true).next_back();
        self.cursor - before.map_or(0, str::len)
    }

    /// The place one grapheme to the right.
    pub(super) fn right(&self) -> usize {
        let after = self.text[self.cursor..].graphemes(true).next();
        self.cursor + after.map_or(0, str::len)
    }

    /// The start of the word to the left; a word is letters and digits.
    pub(super) fn word_left(&self) -> usize {
        self.back_over(|grapheme| !is_word(grapheme), is_word)
    }

    /// The start of the word to the left; a word is anything but blanks.
    pub(super) fn blank_left(&self) -> usize {
        self.back_over(is_blank, |grapheme| !is_blank(grapheme))
    }

    /// The end of the word to the right.
    pub(super) fn word_right(&self) -> usize {
        let mut graphemes = self.text[self.cursor..].graphemes(true).peekable();
        let mut place = self.cursor;
        while let Some(grapheme) = graphemes.next_if(|grapheme| !is_word(grapheme)) {
            place += grapheme.len();
        }
        while let Some(grapheme) = graphemes.next_if(|grapheme| is_word(grapheme)) {
            place += grapheme.len();
        }
        place
    }

    /// Swaps the graphemes around the cursor, or the last two at the end.
    pub(super) fn transpose(&mut self) {
        let second = if self.cursor == self.text.len() { self.left() } else { self.cursor };
        let at = Line { text: std::mem::take(&mut self.text), cursor: second };
        let (start, end) = (at.left(), at.right());
        let (before, after) = (&at.text[..start], &at.text[end..]);
        self.text = [before, &at.text[second..end], &at.text[start..second], after].concat();
        self.cursor = end;
    }

    fn back_over(&self, between: impl Fn(&str) -> bool, inside: impl Fn(&str) -> bool) -> usize {
        let mut graphemes = self.text[..self.cursor].graphemes(true).rev().peekable();
        let mut place = self.cursor;
        while let Some(grapheme) = graphemes.next_if(|grapheme| between(grapheme)) {
            place -= grapheme.len();
        }
        while let Some(grapheme) = graphemes.next_if(|grapheme| inside(grapheme)) {
            place -= grapheme.len();
        }
        place
    }
}

fn is_word(grapheme: &str) -> bool {
    grapheme.chars().next().is_some_and(char::is_alphanumeric)
}

fn is_blank(grapheme: &str) -> bool {
    grapheme.chars().next().is_some_and(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::Line;
    use proptest::prelude::*;

    #[test]
    fn words_are_whole_beyond_ascii() {
        let line = Line::new("send grüße für dich");
        assert_eq!(&line.text()[line.word_left()..], "dich");
        assert_eq!(&line.text()[line.blank_left()..], "dich");
        let mut line = Line::new("über uns");
        line.move_to("über".len());
        assert_eq!(line.word_left(), 0);
        line.move_to(0);
        assert_eq!(line.word_right(), "über".len());
    }

    #[test]
    fn a_grapheme_is_one_step() {
        for grapheme in ["👩\u{200d}👩\u{200d}👧", "e\u{301}", "🏳\u{fe0f}\u{200d}🌈", "日"]
        {
            let mut line = Line::new(format!("a{grapheme}"));
            assert_eq!(line.left(), 1, "{grapheme}");
            line.move_to(1);
            assert_eq!(line.right(), line.text().len(), "{grapheme}");
        }
    }

    #[test]
    fn two_graphemes_change_places() {
        let mut line = Line::new("aü日");
        line.transpose();
        assert_eq!((line.text(), line.cursor()), ("a日ü", "a日ü".len()));
        line.move_to(1);
        line.transpose();
        assert_eq!((line.text(), line.cursor()), ("日aü", "日a".len()));
        for text in ["", "x"] {
            let mut short = Line::new(text);
            short.transpose();
            assert_eq!(short.text(), text);
        }
    }

    proptest! {
        #[test]
        fn every_place_is_between_characters(
            pieces in prop::collection::vec(("[ a日e\u{301}\u{200d}👩🇩🇪]{0,4}", 0_u8..8), 0..20),
        ) {
            let mut line = Line::default();
            for (text, step) in pieces {
                line.insert(&text);
                let place = match step {
                    0 => line.left(),
                    1 => line.right(),
                    2 => line.word_left(),
                    3 => line.word_right(),
                    4 => line.blank_left(),
                    5 => 0,
                    _ => line.text().len(),
                };
                line.move_to(place);
                prop_assert!(line.text().is_char_boundary(line.cursor()));
                line.transpose();
                if step == 7 {
                    line.cut(line.left()..line.cursor());
                }
            }
        }
    }
}
