//! The prompt and the line being typed, as rows of a terminal.

use super::super::charset::Charset;
use std::fmt::Write as _;
use unicode_segmentation::UnicodeSegmentation as _;
use unicode_width::UnicodeWidthStr as _;

/// The number of columns of a terminal that does not say how many it has.
const UNKNOWN_COLUMNS: usize = 80;

/// The size of a terminal in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Size {
    columns: usize,
    rows: usize,
}

impl Size {
    /// A size as the terminal reports it; 0 stands for an unknown number.
    pub(in super::super) fn new(columns: u16, rows: u16) -> Size {
        let columns = if columns == 0 { UNKNOWN_COLUMNS } else { columns.into() };
        Size { columns, rows: if rows == 0 { usize::MAX } else { rows.into() } }
    }
}

/// A text on its way to the terminal.
pub(super) struct Content<'t> {
    pub(super) prompt: &'t str,
    pub(super) text: &'t str,
    /// The place of the cursor in the text, in bytes.
    pub(super) cursor: usize,
}

/// The rows that are on the screen, for erasing them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Drawn {
    /// The widths of the rows.
    widths: Vec<usize>,
    /// The row and the column of the cursor.
    cursor: (usize, usize),
}

impl Drawn {
    /// The sequence that removes the rows from a terminal of this size, and leaves the cursor where
    /// the first one began. Rows that are too wide by now have been wrapped by the terminal.
    pub(super) fn erase(&self, size: Size) -> String {
        let height = |width: &usize| width.div_ceil(size.columns).max(1);
        let (row, column) = self.cursor;
        let above: usize = self.widths.iter().take(row).map(height).sum();
        let up = (above + column / size.columns).min(size.rows.saturating_sub(1));
        if up == 0 { "\r\x1b[J".to_owned() } else { format!("\r\x1b[{up}A\x1b[J") }
    }
}

/// Rows under construction.
struct Rows {
    done: Vec<(String, usize)>,
    columns: usize,
    cursor: (usize, usize),
}

impl Rows {
    fn push(&mut self, shown: &str) {
        let width = shown.width().min(self.columns);
        if self.done.last().is_none_or(|(_, used)| used + width > self.columns) {
            self.done.push((String::new(), 0));
        }
        let (row, used) = self.done.last_mut().expect("a row was added");
        row.push_str(shown);
        *used += width;
    }

    /// Puts the cursor where the next grapheme goes.
    fn mark(&mut self, next_width: usize) {
        let (row, used) = match self.done.last() {
            Some((_, used)) => (self.done.len() - 1, *used),
            None => (0, 0),
        };
        let fits = used + next_width.clamp(1, self.columns) <= self.columns;
        self.cursor = if fits { (row, used) } else { (row + 1, 0) };
    }
}

/// The bytes that draw `content` from the start of a row on, and what is then on the screen.
///
/// Rows end in line feeds of ours, not in the terminal's wrapping, about which terminals differ. Of
/// a text higher than the screen, the rows around the cursor are drawn.
pub(super) fn draw(content: &Content<'_>, size: Size, charset: Charset) -> (String, Drawn) {
    let mut rows = Rows { done: Vec::new(), columns: size.columns, cursor: (0, 0) };
    for grapheme in content.prompt.graphemes(true) {
        rows.push(&charset.show(grapheme));
    }
    for (at, grapheme) in content.text.grapheme_indices(true) {
        let shown = charset.show(grapheme);
        let pieces: Vec<&str> = shown.graphemes(true).collect();
        if at == content.cursor {
            rows.mark(pieces.first().map_or(1, |piece| piece.width()));
        }
        // An escape is several graphemes, which may be on two rows.
        for piece in pieces {
            rows.push(piece);
        }
    }
    if content.cursor >= content.text.len() {
        rows.mark(1);
    }
    let (row, column) = rows.cursor;
    let mut rows = rows.done;
    rows.resize_with(rows.len().max(row + 1), Default::default);
    let height = size.rows.saturating_sub(1).clamp(1, rows.len());
    let top = row.saturating_sub(height - 1).min(rows.len() - height);
    let window = &rows[top..top + height];
    let texts: Vec<&str> = window.iter().map(|(text, _)| text.as_str()).collect();
    let mut bytes = texts.join("\r\n");
    let below = top + height - 1 - row;
    if below > 0 {
        write!(bytes, "\x1b[{below}A").expect("writing to a string succeeds");
    }
    bytes.push('\r');
    if column > 0 {
        write!(bytes, "\x1b[{column}C").expect("writing to a string succeeds");
    }
    let widths = window.iter().map(|(_, width)| *width).collect();
    (bytes, Drawn { widths, cursor: (row - top, column) })
}

#[cfg(test)]
mod tests {
    use super::{Content, Size, draw};
    use crate::charset::Charset;
    use proptest::prelude::*;

    fn drawn(text: &str, cursor: usize, columns: u16, rows: u16) -> vt100::Parser {
        let mut terminal = vt100::Parser::new(rows, columns, 0);
        let content = Content { prompt: "> ", text, cursor };
        let (bytes, _) = draw(&content, Size::new(columns, rows), Charset::Utf8);
        terminal.process(bytes.as_bytes());
        terminal
    }

    fn rows(terminal: &vt100::Parser) -> Vec<String> {
        let width = terminal.screen().size().1;
        let rows = terminal.screen().rows(0, width).map(|row| row.trim_end().to_owned());
        rows.collect()
    }

    #[test]
    fn a_full_row_has_its_cursor_below() {
        let terminal = drawn("abc", 3, 5, 3);
        assert_eq!(rows(&terminal), ["> abc", "", ""]);
        assert_eq!(terminal.screen().cursor_position(), (1, 0));
    }

    #[test]
    fn a_wide_character_is_not_cut() {
        let terminal = drawn("日本語", "日本".len(), 7, 3);
        assert_eq!(rows(&terminal), ["> 日本", "語", ""]);
        assert_eq!(terminal.screen().cursor_position(), (1, 0));
    }

    #[test]
    fn hidden_characters_are_typed_as_escapes() {
        assert_eq!(rows(&drawn("a\u{1b}\u{202e}", 0, 30, 1)), [r"> a\x1b\u{202e}"]);
        let content = Content { prompt: "> ", text: "ü", cursor: 0 };
        let (bytes, _) = draw(&content, Size::new(30, 9), Charset::Ascii);
        assert!(bytes.starts_with(r"> \u{fc}") && bytes.is_ascii(), "{bytes}");
    }

    #[test]
    fn no_columns_are_eighty() {
        assert_eq!(Size::new(0, 0), Size::new(80, 0));
    }

    #[test]
    fn a_text_higher_than_the_screen_is_shown_around_the_cursor() {
        let text = ('a'..='z').collect::<String>();
        assert_eq!(rows(&drawn(&text, 26, 4, 4)), ["stuv", "wxyz", "", ""]);
        assert_eq!(rows(&drawn(&text, 0, 4, 4)), ["> ab", "cdef", "ghij", ""]);
    }

    proptest! {
        /// What is above is never touched, whatever was drawn, however the window is cut.
        #[test]
        fn erasing_leaves_what_is_above(
            text in "[a日e\u{301}\u{1b} ]{0,60}",
            place in 0_usize..60,
            columns in 2_u16..12, // the emulator takes no wide character in one
            height in 1_u16..8,
        ) {
            let cursor = text.char_indices().map(|(at, _)| at).nth(place).unwrap_or(text.len());
            let size = Size::new(columns, height);
            let mut terminal = vt100::Parser::new(height, columns, 1000);
            terminal.process(b"A\r\n");
            let content = Content { prompt: "> ", text: &text, cursor };
            let (bytes, drawn) = draw(&content, size, Charset::Utf8);
            terminal.process(bytes.as_bytes());
            terminal.process(drawn.erase(size).as_bytes());
            let screen = terminal.screen();
            let (row, column) = screen.cursor_position();
            prop_assert_eq!(column, 0);
            let below = screen.rows(0, columns).skip(row.into()).collect::<String>();
            prop_assert_eq!(below, "");
            let above: Vec<_> = screen.rows(0, columns).take(row.into()).collect();
            prop_assert!(above.iter().all(|text| text == "A"), "{:?}", above);
        }
    }
}
