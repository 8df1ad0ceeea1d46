//! Sequences of characters that need one which is not visible itself.
//!
//! Each exception needs a visible neighbour that it changes, so a text cannot be hidden in them: at
//! most one is kept for a visible character, except in the three flags that consist of tags.

use unicode_properties::{EmojiStatus, UnicodeEmoji as _};

/// The flags of England, Scotland and Wales: the only sequences of tags that Unicode recommends.
const FLAGS: [&str; 3] = [
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0073}\u{e0063}\u{e0074}\u{e007f}",
    "\u{1f3f4}\u{e0067}\u{e0062}\u{e0077}\u{e006c}\u{e0073}\u{e007f}",
];

/// Whether a hidden character changes the glyph of its neighbours, the end of `before` and the
/// start of `after`, in a way that their writers rely on.
pub(super) fn is_needed(before: &str, hidden: char, after: &str) -> bool {
    match hidden {
        '\u{fe0e}' | '\u{fe0f}' => selects(before, after),
        '\u{200d}' => joins_emoji(before, after) || joins_letters(before, after),
        '\u{200c}' => joins_letters(before, after),
        '\u{e0020}'..='\u{e007f}' => is_in_a_flag(before, hidden, after),
        _ => false,
    }
}

/// Whether the character before a selector has two forms, and is drawn as text without one.
fn selects(before: &str, after: &str) -> bool {
    before.chars().next_back().is_some_and(|base| match base.emoji_status() {
        EmojiStatus::EmojiOther | EmojiStatus::EmojiModifierBase => true,
        // A digit becomes a key by the character that follows.
        EmojiStatus::EmojiOtherAndEmojiComponent => after.starts_with('\u{20e3}'),
        _ => false,
    })
}

fn joins_emoji(before: &str, after: &str) -> bool {
    let modifies = |c: char| c == '\u{fe0f}' || ('\u{1f3fb}'..='\u{1f3ff}').contains(&c);
    let first = before.trim_end_matches(modifies).chars().next_back();
    let emoji = |c: char| !c.is_ascii() && c.is_emoji_char();
    first.is_some_and(emoji) && after.chars().next().is_some_and(emoji)
}

/// Whether a joiner stands between two letters of one script that joins letters.
fn joins_letters(before: &str, after: &str) -> bool {
    let script = |c: char| match c {
        // Arabic, Syriac, N'Ko, Mandaic and their supplements.
        '\u{620}'..='\u{74f}' | '\u{750}'..='\u{77f}' | '\u{7c0}'..='\u{8ff}' => Some(1),
        // The scripts of India and Sri Lanka, 128 characters each.
        '\u{900}'..='\u{dff}' => Some(u32::from(c) / 0x80),
        '\u{1000}'..='\u{109f}' => Some(2), // Myanmar
        '\u{1780}'..='\u{17ff}' => Some(3), // Khmer
        '\u{1820}'..='\u{18af}' => Some(4), // Mongolian
        _ => None,
    };
    let (left, right) = (before.chars().next_back(), after.chars().next());
    let left = left.and_then(script);
    left.is_some() && left == right.and_then(script)
}

fn is_in_a_flag(before: &str, tag: char, after: &str) -> bool {
    FLAGS.iter().any(|flag| {
        flag.match_indices(tag).any(|(at, _)| {
            before.ends_with(&flag[..at]) && after.starts_with(&flag[at + tag.len_utf8()..])
        })
    })
}

#[cfg(test)]
mod tests {
    use super::FLAGS;
    use crate::sanitize;

    #[test]
    fn sequences_of_emoji_and_of_letters_stay() {
        for text in [
            "❤\u{fe0f}",
            "☺\u{fe0e}",
            "❤\u{fe0f}\u{200d}🔥",
            "👩🏽\u{200d}🚀",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦",
            "🏳\u{fe0f}\u{200d}🌈",
            "1\u{fe0f}\u{20e3}",
            "می\u{200c}خواهم",
            "ක\u{dca}\u{200d}ර",
            FLAGS[0],
            FLAGS[1],
            FLAGS[2],
        ] {
            assert_eq!(sanitize(text.as_bytes()), text);
        }
    }

    #[test]
    fn the_same_characters_elsewhere_are_escaped() {
        for text in [
            "\u{fe0f}",
            "a\u{fe0f}",
            "1\u{fe0f}2",
            "❤\u{fe0f}\u{fe0f}",
            "👋\u{fe0f}", // which is an emoji without it
            "\u{200d}👧",
            "👧\u{200d}",
            "👧\u{200d}\u{200d}👧",
            "b\u{200c}ob",
            "م\u{200d}b",
            "م\u{200c}क",
            "\u{1f3f4}\u{e0068}\u{e0069}\u{e007f}",
            "\u{1f3f4}\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}",
        ] {
            assert!(sanitize(text.as_bytes()).contains(r"\u{"), "{text:?}");
        }
    }

    #[test]
    fn a_long_text_of_joiners_is_shown_as_escapes() {
        let text = format!("👧{}👧", "\u{200d}".repeat(10_000));
        assert_eq!(sanitize(text.as_bytes()).matches(r"\u{200d}").count(), 10_000);
    }
}
