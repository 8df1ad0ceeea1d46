//! What an operator says to a client.

use std::fmt;
use std::sync::Arc;

/// Maximum bytes of an explanation.
pub const EXPLANATION_BYTES_MAX: usize = 200;

/// One line of text in which an operator says why a client has to go; cheap to clone.
///
/// It goes into a line of the dialect, so it has no control characters, and none that change the
/// direction of the text behind them. [common/kick-2]
///
/// ```
/// use parlance_core::protocol::Explanation;
///
/// assert_eq!(Explanation::new(" take a break ").unwrap().as_bytes(), b"take a break");
/// assert!(Explanation::new("  ").is_err());
/// assert!(Explanation::new("a\nROOM den ann forged").is_err());
/// assert!(Explanation::new(&"x".repeat(201)).is_err());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Explanation(Arc<str>);

impl Explanation {
    /// `text` without the spaces around it.
    ///
    /// # Errors
    /// What is wrong with the text, in words for the operator.
    pub fn new(text: &str) -> Result<Explanation, String> {
        let text = text.trim_matches(' ');
        if text.is_empty() {
            return Err("an explanation has at least one character".to_owned());
        }
        if text.len() > EXPLANATION_BYTES_MAX {
            let len = text.len();
            return Err(format!(
                "an explanation has at most {EXPLANATION_BYTES_MAX} bytes, and this one has {len}"
            ));
        }
        match text.chars().find(|letter| letter.is_control() || steers(*letter)) {
            Some(letter) => Err(format!("an explanation is a line of text without {letter:?}")),
            None => Ok(Explanation(text.into())),
        }
    }

    /// The text as it is sent.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Whether a character ends a line or changes the direction of text, though it is no control
/// character by its category.
fn steers(letter: char) -> bool {
    matches!(letter, '\u{2028}' | '\u{2029}' | '\u{200E}' | '\u{200F}' | '\u{061C}')
        || ('\u{202A}'..='\u{202E}').contains(&letter)
        || ('\u{2066}'..='\u{2069}').contains(&letter)
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
