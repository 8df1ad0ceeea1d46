//! The tokens and items of Rust source, as far as planted faults and imports need them.
//! `scripts/planted`, which plants them, has the same rules.

use std::collections::BTreeSet;
use std::ops::Range;

/// A token; comments and trailing commas are none.
pub(super) struct Token<'text> {
    word: &'text str,
    start: usize,
}

const ITEMS: [&str; 8] = ["fn", "mod", "trait", "struct", "enum", "const", "static", "type"];

/// How many bytes of `text` are space or a comment, at its begin.
fn space(text: &str) -> usize {
    if text.starts_with("//") {
        return text.find('\n').unwrap_or(text.len());
    }
    if !text.starts_with("/*") {
        return text.len() - text.trim_start().len();
    }
    let (mut depth, mut at) = (1, 2); // comments nest
    while depth > 0 && at < text.len() {
        let mark = &text.as_bytes()[at..text.len().min(at + 2)];
        depth += usize::from(mark == b"/*");
        depth -= usize::from(mark == b"*/");
        at += if mark == b"/*" || mark == b"*/" { 2 } else { 1 };
    }
    at
}

/// The length of the token that `text` begins with.
fn token(text: &str) -> usize {
    let raw = text.strip_prefix('b').unwrap_or(text).strip_prefix('r');
    if let Some(rest) = raw {
        let hashes = "#".repeat(rest.len() - rest.trim_start_matches('#').len());
        if let Some(inside) = rest[hashes.len()..].strip_prefix('"') {
            let end = inside.find(&format!("\"{hashes}")).expect("a raw string ends");
            return text.len() - inside.len() + end + 1 + hashes.len();
        }
    }
    let mut chars = text.chars();
    let first = chars.next().expect("a token has a character");
    let word = |text: &str| {
        let rest = text.trim_start_matches(|c: char| c.is_alphanumeric() || c == '_');
        text.len() - rest.len()
    };
    match first {
        '"' => quoted(text, '"'),
        '\'' => match (chars.next(), chars.next()) {
            (Some('\\'), _) => quoted(text, '\''),
            (Some(one), Some('\'')) => 2 + one.len_utf8(),
            _ => 1 + word(&text[1..]),
        },
        _ => word(text).max(first.len_utf8()),
    }
}

/// The length of a literal that begins and ends with `quote`.
fn quoted(text: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, character) in text.char_indices().skip(1) {
        if character == quote && !escaped {
            return at + 1;
        }
        escaped = character == '\\' && !escaped;
    }
    text.len()
}

pub(super) fn tokens(text: &str) -> Vec<Token<'_>> {
    let (mut found, mut start): (Vec<Token<'_>>, usize) = (Vec::new(), 0);
    while start < text.len() {
        let skipped = space(&text[start..]);
        if skipped > 0 {
            start += skipped;
            continue;
        }
        let length = token(&text[start..]);
        let word = &text[start..start + length];
        if is_closer(word) {
            found.pop_if(|last| last.word == ",");
        }
        found.push(Token { word, start });
        start += length;
    }
    found
}

/// The words of these tokens.
pub(super) fn words<'text>(tokens: &[Token<'text>]) -> Vec<&'text str> {
    tokens.iter().map(|token| token.word).collect()
}

fn is_opener(word: &str) -> bool {
    ["(", "[", "{"].contains(&word)
}

fn is_closer(word: &str) -> bool {
    [")", "]", "}"].contains(&word)
}

/// Whether a word of letters and digits, not a mark.
pub(super) fn is_word(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphanumeric() || c == '_')
}

/// The place of the word that closes the bracket at `at`.
pub(super) fn closing(words: &[&str], at: usize) -> usize {
    let mut depth = 0_usize;
    for (place, word) in words.iter().enumerate().skip(at) {
        depth += usize::from(is_opener(word));
        depth = depth.saturating_sub(usize::from(is_closer(word)));
        if depth == 0 {
            return place;
        }
    }
    words.len() - 1
}

/// The first place from `at` on with one of `ends`, outside of brackets that open before it.
pub(super) fn find(words: &[&str], mut at: usize, ends: &[&str]) -> usize {
    while at < words.len() && !ends.contains(&words[at]) {
        at = 1 + if is_opener(words[at]) { closing(words, at) } else { at };
    }
    at.min(words.len() - 1)
}

/// The name of the type in the head of an `impl` block.
fn type_name<'text>(words: &[&'text str]) -> &'text str {
    let (mut depth, mut name, mut before) = (0_i32, "", "");
    for word in words {
        if depth == 0 && *word == "where" {
            break;
        }
        if depth == 0 && is_word(word) {
            name = if *word == "for" { "" } else { word };
        }
        depth += i32::from(*word == "<") - i32::from(*word == ">" && before != "-");
        before = word;
    }
    name
}

/// A named item: its path, and the places of its words.
type Item<'text> = (Vec<&'text str>, Range<usize>);

/// The named items of a file; a block of `impl` has the name of its type. An item begins with its
/// attributes.
fn items<'text>(words: &[&'text str]) -> Vec<Item<'text>> {
    let (mut found, mut around): (Vec<Item<'_>>, Vec<(&str, usize)>) = (Vec::new(), Vec::new());
    let mut at = 0;
    while at + 1 < words.len() {
        around.retain(|(_, end)| *end >= at);
        let (word, before) = (words[at], if at > 0 { words[at - 1] } else { "" });
        let in_type = ["&", "(", ",", ":", "<", "=", ">", "+"].contains(&before);
        let block = word == "impl" && !in_type;
        let keywords = ["fn", "unsafe", "async", "extern", "mut"];
        let name = is_word(words[at + 1]) && !keywords.contains(&words[at + 1]);
        if block || ITEMS.contains(&word) && name && before != "*" {
            let head = find(words, at, &["{", ";"]);
            let name = if block { type_name(&words[at + 1..head]) } else { words[at + 1] };
            let value = ["const", "static", "type"].contains(&word);
            let end = if value { find(words, at, &[";"]) } else { head };
            let end = if words[end] == "{" { closing(words, end) } else { end };
            let ends = |word: &&str| [";", "{", "}"].contains(word);
            let first = words[..at].iter().rposition(ends).map_or(0, |place| place + 1);
            let path = around.iter().map(|(name, _)| *name).chain([name]).collect();
            found.push((path, first..end + 1));
            around.push((name, end));
            at = head;
        }
        at += 1;
    }
    found
}

/// The places of the tokens of `old` in the items of `text` called `path`; an error if there is no
/// such item.
pub(super) fn places(text: &str, path: &str, old: &str) -> Result<Vec<Range<usize>>, String> {
    let (its, old) = (tokens(text), tokens(old));
    let (words, wanted) = (words(&its), words(&old));
    let names: Vec<&str> = path.split("::").collect();
    let mut items = items(&words);
    items.retain(|(name, _)| name.ends_with(&names));
    if items.is_empty() || wanted.is_empty() {
        return Err(format!("there is no item {path}, or nothing to look for in it"));
    }
    let found = items.into_iter().flat_map(|(_, item)| {
        let fits = |at: &usize| words[*at..item.end].starts_with(&wanted);
        item.clone().filter(fits).collect::<Vec<_>>()
    });
    let found: BTreeSet<usize> = found.collect();
    let place = |at: usize| {
        let last = &its[at + wanted.len() - 1];
        its[at].start..last.start + last.word.len()
    };
    Ok(found.into_iter().map(place).collect())
}

/// Whether two pieces of source have the same tokens.
pub(super) fn is_same(one: &str, other: &str) -> bool {
    words(&tokens(one)) == words(&tokens(other))
}

const SAMPLE: &str = r##"
mod inner {
    #[inline]
    fn f<'a>(x: &'a str, g: impl Fn() -> u8) -> [u8; 2] { [g(), b'}'] }
}
impl<T: Fn() -> u8> Trait for Type<T> where T: Copy {
    const LIMIT: u8 = { 3 };
    /* a comment { /* in a comment */ */
    fn f(&self) -> &'static str {
        // not a "token
        call(self, r#"raw " }"#, '\'',);
        fn nested() { call(1) }
        "call(self,"
    }
}
fn f() { let x = Type { a: 1, b: 2, }; }
"##;

#[test]
fn tokens_are_found_in_the_item_that_is_named() {
    let found = |path: &str, old: &str| {
        let found = places(SAMPLE, path, old).unwrap();
        found.into_iter().map(|place| &SAMPLE[place]).collect::<Vec<_>>()
    };
    assert_eq!(found("Type::f", "call( self ,\nr#\"raw \" }\"#, '\\'')").len(), 1);
    assert_eq!(found("Type::f", "call("), ["call(", "call("]);
    assert_eq!(found("f::nested", "call( 1, )"), ["call(1)"]);
    assert_eq!(found("inner::f", "#[inline] fn f<'a>"), ["#[inline]\n    fn f<'a>"]);
    assert_eq!(found("inner::f", "b'}'"), ["b'}'"]);
    assert_eq!(found("Type::LIMIT", "3"), ["3"]);
    assert_eq!(found("f", "a: 1, b: 2 }"), ["a: 1, b: 2, }"]);
    assert_eq!(found("f", "not"), [""; 0]);
    places(SAMPLE, "Type::g", "call").unwrap_err();
    places(SAMPLE, "Type::f", "// nothing").unwrap_err();
}

#[test]
fn space_comments_and_trailing_commas_are_no_tokens() {
    assert!(is_same("f(a, b,) // x", "f ( a,\n b )"));
    assert!(!is_same("f(\"a b\")", "f(\"ab\")"));
    assert!(!is_same("f(a, b)", "f(a b)"));
}
