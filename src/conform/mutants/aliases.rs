//! Stand-ins for bytes that the model would refuse: a name or a line that is too long.

/// The beginning and the end of a stand-in.
const OPEN: &[u8] = b"~@";
const SHUT: u8 = b'~';

/// Byte strings that the model knows under another name. The model is told the stand-in, which is
/// short and graphic, and its output is expanded again on its way out. Equal strings have equal
/// stand-ins, so names that collide still do.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    originals: Vec<Vec<u8>>,
}

impl Aliases {
    /// The stand-in for these bytes.
    pub(super) fn stand_in(&mut self, original: &[u8]) -> Vec<u8> {
        match self.originals.iter().position(|other| other == original) {
            Some(index) => written(index),
            None => self.another(original),
        }
    }

    /// A new stand-in for these bytes, so that equal strings can be told apart.
    pub(super) fn another(&mut self, original: &[u8]) -> Vec<u8> {
        self.originals.push(original.to_vec());
        written(self.originals.len() - 1)
    }

    /// The bytes with every stand-in replaced by its original.
    pub(super) fn expand(&self, bytes: Vec<u8>) -> Vec<u8> {
        if self.originals.is_empty() {
            return bytes;
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = &bytes[..];
        while let Some(first) = rest.first() {
            if let Some((original, length)) = self.at(rest) {
                out.extend_from_slice(original);
                rest = &rest[length..];
            } else {
                out.push(*first);
                rest = &rest[1..];
            }
        }
        out
    }

    /// The original of the stand-in at the beginning of these bytes, and the length of the
    /// stand-in.
    fn at(&self, bytes: &[u8]) -> Option<(&[u8], usize)> {
        let digits = bytes.strip_prefix(OPEN)?;
        let end = digits.iter().take(16).position(|byte| *byte == SHUT)?;
        let index = usize::from_str_radix(std::str::from_utf8(&digits[..end]).ok()?, 16).ok()?;
        Some((self.originals.get(index)?, OPEN.len() + end + 1))
    }
}

fn written(index: usize) -> Vec<u8> {
    [OPEN, format!("{index:x}").as_bytes(), &[SHUT]].concat()
}
