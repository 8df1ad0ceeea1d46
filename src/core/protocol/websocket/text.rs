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
    /// Takes the next bytes of the text.
    ///
    /// # Errors
    /// The place of the first byte that cannot stand there, whatever comes later.
    pub(super) fn take(&mut self, bytes: &[u8]) -> Result<(), usize> {
        let mut at = 0;
        while at < bytes.len() {
            if self.is_whole() {
                match std::str::from_utf8(&bytes[at..]) {
                    Ok(_) => return Ok(()),
                    Err(error) => at += error.valid_up_to(),
                }
            }
            if !self.takes(bytes[at]) {
                return Err(at);
            }
            at += 1;
        }
        Ok(())
    }

    /// Whether the text may end here.
    pub(super) fn is_whole(self) -> bool {
        self.missing == 0
    }

    /// Whether `byte` may be next: table 3-7 of the Unicode standard.
    fn takes(&mut self, byte: u8) -> bool {
        let (missing, least, most) = if self.missing > 0 {
            if !(self.least..=self.most).contains(&byte) {
                return false;
            }
            (self.missing - 1, 0x80, 0xBF)
        } else {
            match byte {
                0..=0x7F => (0, 0, 0),
                0xC2..=0xDF => (1, 0x80, 0xBF),
                0xE0 => (2, 0xA0, 0xBF),
                0xED => (2, 0x80, 0x9F),
                0xE1..=0xEF => (2, 0x80, 0xBF),
                0xF0 => (3, 0x90, 0xBF),
                0xF1..=0xF3 => (3, 0x80, 0xBF),
                0xF4 => (3, 0x80, 0x8F),
                _ => return false,
            }
        };
        *self = Utf8 { missing, least, most };
        true
    }
}
