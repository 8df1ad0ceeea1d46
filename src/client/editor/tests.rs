//! The editor by its keys, on an emulated screen.

use super::{Decision, Editor, Size};
use crate::charset::Charset;
use crate::input::Typed;
use crate::vocabulary::Vocabulary;

/// An editor and the screen that it draws on.
struct Desk {
    editor: Editor,
    size: Size,
    screen: vt100::Parser,
    words: Vocabulary,
    said: Vec<String>,
    shown: Vec<String>,
}

impl Desk {
    fn new(columns: u16) -> Desk {
        let mut words = Vocabulary::new(vec!["/join", "/msg"]);
        words.meet(b"anna");
        words.meet(b"anton");
        let mut desk = Desk {
            editor: Editor::new(Charset::Utf8, &["old one".to_owned(), "old two".to_owned()]),
            size: Size::new(columns, 10),
            screen: vt100::Parser::new(10, columns, 100),
            words,
            said: Vec::new(),
            shown: Vec::new(),
        };
        desk.draw();
        desk
    }

    fn draw(&mut self) {
        let bytes = self.editor.erase(self.size) + &self.editor.draw(self.size);
        self.screen.process(bytes.as_bytes());
    }

    fn press(&mut self, keys: &str) -> Vec<Decision> {
        let decisions = self.editor.feed(keys.as_bytes(), &self.words);
        for decision in &decisions {
            match decision {
                Decision::Typed(Typed::Line(line), _) => {
                    self.said.push(String::from_utf8(line.clone()).expect("text"));
                }
                Decision::Texts(lines) => self.said.extend(lines.clone()),
                Decision::Show(lines) => self.shown.extend(lines.clone()),
                _ => {}
            }
        }
        self.draw();
        decisions
    }

    /// The rows that are not blank, joined.
    fn screen(&self) -> String {
        let width = self.screen.screen().size().1;
        let rows = self.screen.screen().rows(0, width).map(|row| row.trim_end().to_owned());
        rows.filter(|row| !row.is_empty()).collect::<Vec<_>>().join("/")
    }

    fn column(&self) -> u16 {
        self.screen.screen().cursor_position().1
    }
}

#[test]
fn text_is_killed_by_words_and_put_back() {
    let mut desk = Desk::new(40);
    desk.press("send grüße für dich\x17\x17");
    assert_eq!(desk.screen(), "> send grüße");
    desk.press("\x19"); // both kills are one text
    assert_eq!(desk.screen(), "> send grüße für dich");
    desk.press("\x01\x1bd\x0b\x15");
    assert_eq!(desk.screen(), ">");
    desk.press("über uns\x1bb\x1bbX");
    assert_eq!((desk.screen().as_str(), desk.column()), ("> Xüber uns", 3));
    desk.press("\x1bf\x1b[1;5C!\x1b\x7f");
    assert_eq!(desk.screen(), "> Xüber");
}

#[test]
fn an_earlier_kill_replaces_the_last() {
    let mut desk = Desk::new(40);
    desk.press("one\x15two\x15\x19");
    assert_eq!(desk.screen(), "> two");
    desk.press("\x1by");
    assert_eq!(desk.screen(), "> one");
}

#[test]
fn earlier_lines_are_found_and_the_draft_comes_back() {
    let mut desk = Desk::new(60);
    desk.press("draft\x1b[A");
    assert_eq!(desk.screen(), "> old two");
    desk.press("\x1b[B");
    assert_eq!(desk.screen(), "> draft");
    desk.press("\x12old");
    assert_eq!(desk.screen(), "(search 'old') old two");
    desk.press("\x12");
    assert_eq!(desk.screen(), "(search 'old') old one");
    desk.press("\x12");
    assert_eq!(desk.screen(), "(nothing before has 'old') old one");
    desk.press("\x07");
    assert_eq!(desk.screen(), "> draft", "the search was given up");
    desk.press("\x12one\x05!");
    assert_eq!(desk.screen(), "> old one!");
    desk.press("\r");
    assert_eq!(desk.said, ["old one!"]);
    assert_eq!(desk.screen(), ">");
}

#[test]
fn a_draft_is_not_thrown_away() {
    let mut desk = Desk::new(40);
    assert_eq!(desk.press("draft\x04"), []);
    assert_eq!(desk.screen(), "> draft");
    assert_eq!(desk.press("\x03"), [], "the first Ctrl-C sets it aside");
    assert_eq!(desk.screen(), ">");
    desk.press("\x19");
    assert_eq!(desk.screen(), "> draft");
    assert_eq!(desk.press("\x15\x03"), [Decision::Typed(Typed::End, false)]);
    assert_eq!(desk.press("\x04"), [Decision::Typed(Typed::End, false)]);
}

#[test]
fn a_wrapped_line_leaves_nothing_behind() {
    let mut desk = Desk::new(20);
    desk.press(&"y".repeat(70));
    assert_eq!(
        desk.screen(),
        format!("> {0}/{1}/{1}/{2}", "y".repeat(18), "y".repeat(20), "y".repeat(12))
    );
    desk.press("\x01x\r");
    assert_eq!(desk.screen(), ">");
    assert_eq!(desk.said, [format!("x{}", "y".repeat(70))]);
}

#[test]
fn wide_characters_leave_nothing_behind_at_odd_widths() {
    for columns in [2, 3, 5, 7, 31] {
        let mut desk = Desk::new(columns);
        desk.press("日本語日本語日本語");
        desk.press("\x01x\x05y\x15");
        assert!([">", "> "].contains(&desk.screen().as_str()), "{columns}: {}", desk.screen());
    }
}

#[test]
fn a_narrower_screen_is_drawn_anew() {
    let mut desk = Desk::new(30);
    desk.press("abcdefghij");
    desk.screen.screen_mut().set_size(10, 8);
    desk.size = Size::new(8, 10);
    desk.draw();
    assert_eq!(desk.screen(), "> abcdef/ghij");
    desk.press("\x15");
    assert_eq!(desk.screen(), ">");
}

#[test]
fn a_paste_of_one_line_is_typed_and_its_tab_stays() {
    let mut desk = Desk::new(40);
    desk.press("a \x1b[200~b\tc\r\n\x1b[201~");
    assert_eq!(desk.screen(), r"> a b\x09c");
    desk.press("\r");
    assert_eq!(desk.said, ["a b\tc"]);
}

#[test]
fn a_paste_of_many_lines_is_shown_and_asked_about() {
    let mut desk = Desk::new(40);
    desk.press("draft\x1b[200~/quit\rb\r\x1b[201~");
    assert_eq!(desk.shown, ["  | /quit", "  | b"]);
    assert_eq!(desk.screen(), "say these 2 lines? y/n");
    desk.press("\rx");
    assert_eq!(desk.said, [""; 0], "neither is an answer");
    desk.press("y");
    assert_eq!(desk.said, ["/quit", "b"]);
    assert_eq!(desk.screen(), "> draft");
    desk.press("\x1b[200~c\nd\x1b[201~n");
    assert_eq!((desk.said.len(), desk.screen().as_str()), (2, "> draft"));
    let many = "x\n".repeat(50);
    desk.shown.clear();
    desk.press(&format!("\x1b[200~{many}\x1b[201~"));
    assert_eq!(desk.shown.len(), 11);
    assert_eq!(desk.shown.last().map(String::as_str), Some("  | and 40 more"));
}

#[test]
fn a_large_paste_needs_no_further_key() {
    let mut desk = Desk::new(40);
    desk.press(&format!("\x1b[200~{}\x1b[201~\r", "p".repeat(100_000)));
    assert_eq!(desk.said, ["p".repeat(100_000)]);
}

#[test]
fn words_are_completed_as_far_as_they_agree() {
    let mut desk = Desk::new(40);
    desk.press("/j\t#tea");
    assert_eq!(desk.screen(), "> /join #tea");
    desk.press("\x15hi an\t");
    assert_eq!((desk.screen().as_str(), desk.shown.len()), ("> hi an", 1));
    assert_eq!(desk.shown, ["  anna  anton"]);
    desk.press("n\t");
    assert_eq!((desk.screen().as_str(), desk.column()), ("> hi anna", 10));
}

#[test]
fn keys_that_mean_more_than_text_are_decided_elsewhere() {
    let mut desk = Desk::new(40);
    assert_eq!(desk.press("\x1a"), [Decision::Suspend]);
    assert_eq!(desk.press("\x0c"), [Decision::Clear]);
    assert_eq!(desk.press("a\x1b[15~\x1b[I\x00"), []);
    assert_eq!(desk.screen(), "> a");
}

#[test]
fn only_new_lines_are_kept() {
    let mut desk = Desk::new(40);
    let new = |decisions: Vec<Decision>| matches!(decisions[..], [Decision::Typed(_, true)]);
    assert!(new(desk.press("hi\r")));
    assert!(!new(desk.press("hi\r")));
    assert!(!new(desk.press(" secret\r")));
}

#[test]
fn a_password_is_not_shown_and_not_kept() {
    let mut desk = Desk::new(60);
    desk.press("/login ann s\u{e9}cret");
    assert_eq!(desk.screen(), "> /login ann ******");
    desk.press("\x1b[D\x1b[DX");
    assert_eq!(desk.screen(), "> /login ann *******");
    desk.press("\r");
    assert_eq!(desk.said, ["/login ann s\u{e9}crXet"]);
    desk.press("\x1b[A");
    assert_eq!(desk.screen(), "> old two");
}
