//! UTF-8 in parts, noticed to be wrong as soon as it is.

/// Where in a character the next byte stands. [common/ws-5]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Utf8 {
    /// How many bytes of the character are missing.
    missing: u8,
    /// What the next of them may be; the others are 80 to BF.
    least: u8,
    most: u8,
}

impl Utf8 {
    /// Whether `bytes` can stand here, with whatever comes later.
    pub(super) fn takes(&mut self, bytes: &[u8]) -> bool {
        let mut rest = bytes;
        while self.missing > 0 {
            let [byte, after @ ..] = rest else { return true };
            if !(self.least..=self.most).contains(byte) {
                return false;
            }
            *self = Utf8 { missing: self.missing - 1, least: 0x80, most: 0xBF };
            rest = after;
        }
        match std::str::from_utf8(rest) {
            Ok(_) => true,
            Err(error) if error.error_len().is_some() => false,
            Err(error) => {
                self.begin(&rest[error.valid_up_to()..]);
                true
            }
        }
    }

    /// Whether the text may end here.
    pub(super) fn is_whole(self) -> bool {
        self.missing == 0
    }

    /// The first bytes of a character, which are right so far.
    fn begin(&mut self, bytes: &[u8]) {
        let (length, least, most) = match bytes[0] {
            0xE0 => (3, 0xA0, 0xBF),
            0xED => (3, 0x80, 0x9F),
            0xE1..=0xEF => (3, 0x80, 0xBF),
            0xF0 => (4, 0x90, 0xBF),
            0xF4 => (4, 0x80, 0x8F),
            0xF1..=0xF3 => (4, 0x80, 0xBF),
            _ => (2, 0x80, 0xBF),
        };
        let missing = length - u8::try_from(bytes.len()).unwrap_or(1);
        let second = bytes.len() == 1;
        *self = Utf8 {
            missing,
            least: if second { least } else { 0x80 },
            most: if second { most } else { 0xBF },
        };
    }
}
