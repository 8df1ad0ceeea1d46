//! The characters that are not visible.

use std::cmp::Ordering;

/// Characters without a glyph of their own, in order.
///
/// Source: Unicode 17.0, `DerivedCoreProperties.txt`, `Default_Ignorable_Code_Point`;
/// `UnicodeData.txt`, the categories Cc, Cf, Zl and Zp; without `PropList.txt`,
/// `Prepended_Concatenation_Mark`, which are visible. The characters of other categories whose
/// glyph is blank by their names: U+2800 (no dots), U+16FE4 (a filler), U+1D159 (a null notehead).
/// U+FFFE and U+FFFF are no characters, and XML does not allow them.
const HIDDEN: [(char, char); 24] = [
    ('\0', '\u{1f}'),
    ('\u{7f}', '\u{9f}'),
    ('\u{ad}', '\u{ad}'),
    ('\u{34f}', '\u{34f}'),
    ('\u{61c}', '\u{61c}'),
    ('\u{115f}', '\u{1160}'),
    ('\u{17b4}', '\u{17b5}'),
    ('\u{180b}', '\u{180f}'),
    ('\u{200b}', '\u{200f}'),
    ('\u{2028}', '\u{202e}'),
    ('\u{2060}', '\u{206f}'),
    ('\u{2800}', '\u{2800}'),
    ('\u{3164}', '\u{3164}'),
    ('\u{fe00}', '\u{fe0f}'),
    ('\u{feff}', '\u{feff}'),
    ('\u{ffa0}', '\u{ffa0}'),
    ('\u{fff0}', '\u{fffb}'),
    ('\u{fffe}', '\u{ffff}'),
    ('\u{13430}', '\u{1343f}'),
    ('\u{16fe4}', '\u{16fe4}'),
    ('\u{1bca0}', '\u{1bca3}'),
    ('\u{1d159}', '\u{1d159}'),
    ('\u{1d173}', '\u{1d17a}'),
    ('\u{e0000}', '\u{e0fff}'),
];

/// Whether a character acts on a terminal or on its neighbours instead of being visible: controls,
/// changes of text direction, joiners, variation selectors, tags, fillers, blanks that are no
/// spaces.
///
/// ```
/// use parlance_printable::is_hidden;
///
/// assert!("\u{1b}\u{202e}\u{3164}\u{fe0f}".chars().all(is_hidden));
/// assert!(!"a ü\u{a0}日👋".chars().any(is_hidden));
/// ```
pub fn is_hidden(character: char) -> bool {
    let place = |&(first, last): &(char, char)| match () {
        () if character < first => Ordering::Greater,
        () if character > last => Ordering::Less,
        () => Ordering::Equal,
    };
    HIDDEN.binary_search_by(place).is_ok()
}

#[cfg(test)]
mod tests {
    use super::{HIDDEN, is_hidden};
    use regex_syntax::hir::{Class, HirKind};

    /// The characters of a class, by the tables of another author.
    fn class(pattern: &str) -> Vec<(char, char)> {
        let parsed = regex_syntax::parse(pattern).expect("a class");
        let HirKind::Class(Class::Unicode(class)) = parsed.kind() else { panic!("{parsed:?}") };
        class.ranges().iter().map(|range| (range.start(), range.end())).collect()
    }

    #[test]
    fn the_table_is_that_of_unicode_and_the_blanks() {
        let invisible = r"\p{Default_Ignorable_Code_Point}\p{Cc}\p{Cf}\p{Zl}\p{Zp}";
        let blanks = r"\x{2800}\x{16FE4}\x{1D159}\x{FFFE}\x{FFFF}";
        let wanted =
            class(&format!(r"[[{invisible}{blanks}]--\p{{Prepended_Concatenation_Mark}}]"));
        assert_eq!(HIDDEN.to_vec(), wanted);
    }

    #[test]
    fn the_first_and_last_of_each_range_are_hidden_and_their_neighbours_are_not() {
        for (first, last) in HIDDEN {
            assert!(is_hidden(first) && is_hidden(last), "{first:?} to {last:?}");
            let before = u32::from(first).checked_sub(1).and_then(char::from_u32);
            let after = char::from_u32(u32::from(last) + 1);
            for beside in [before, after].into_iter().flatten() {
                assert!(!is_hidden(beside), "{beside:?}");
            }
        }
    }
}
