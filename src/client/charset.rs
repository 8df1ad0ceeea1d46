//! The characters that a terminal takes.

use super::sanitize::{escape_beyond_ascii, sanitize};

/// What the terminal does with bytes beyond ASCII.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Charset {
    /// They are UTF-8.
    Utf8,
    /// They are something else: 0x9b, which is part of many characters in UTF-8, may begin an
    /// escape sequence. So none is sent.
    Ascii,
}

impl Charset {
    /// The charset of the locale that `variable` describes, by the rules of POSIX.
    pub(super) fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Charset {
        let set = |name| variable(name).filter(|value| !value.is_empty());
        let locale = set("LC_ALL").or_else(|| set("LC_CTYPE")).or_else(|| set("LANG"));
        let locale = locale.unwrap_or_default().to_ascii_lowercase().replace('-', "");
        if locale.contains("utf8") { Charset::Utf8 } else { Charset::Ascii }
    }

    /// The charset of this process's locale.
    pub(super) fn of_process() -> Charset {
        Charset::of_locale(|name| std::env::var(name).ok())
    }

    /// Text that is safe already, in characters that the terminal takes.
    pub(super) fn encode(self, text: &str) -> String {
        match self {
            Charset::Utf8 => text.to_owned(),
            Charset::Ascii => escape_beyond_ascii(text),
        }
    }

    /// Bytes of a paste as text. Where a byte is not UTF-8 it stands for the character with its
    /// number, as in ISO 8859-1, which a typed one does too.
    pub(super) fn decode(bytes: &[u8]) -> String {
        let mut text = String::with_capacity(bytes.len());
        for chunk in bytes.utf8_chunks() {
            text.push_str(chunk.valid());
            text.extend(chunk.invalid().iter().map(|byte| char::from(*byte)));
        }
        text
    }

    /// Any text, made safe.
    pub(super) fn show(self, text: &str) -> String {
        self.encode(&sanitize(text.as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::Charset;

    #[test]
    fn the_first_variable_that_is_set_counts() {
        let charset = |values: [&str; 3]| {
            let names = ["LC_ALL", "LC_CTYPE", "LANG"];
            Charset::of_locale(|name| {
                let at = names.iter().position(|known| *known == name)?;
                Some(values[at].to_owned())
            })
        };
        for values in [["C.UTF-8", "", ""], ["", "de_DE.utf8", "C"], ["", "", "en_US.UTF-8"]] {
            assert_eq!(charset(values), Charset::Utf8, "{values:?}");
        }
        for values in [["", "", ""], ["C", "en_US.UTF-8", ""], ["", "de_DE", "en_US.UTF-8"]] {
            assert_eq!(charset(values), Charset::Ascii, "{values:?}");
        }
    }

    #[test]
    fn a_byte_that_may_be_a_control_is_not_sent() {
        assert_eq!(Charset::Ascii.encode("a\u{6db}"), r"a\u{6db}");
        assert_eq!(Charset::Utf8.encode("a\u{6db}"), "a\u{6db}");
    }
}
