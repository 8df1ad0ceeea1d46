//! Names of users and rooms: graphic ASCII of a bounded length.

use std::fmt;
use std::sync::Arc;

/// A valid name of a user or a room; cheap to clone.
///
/// Ordered by bytes, case-sensitive. Only graphic ASCII (0x21 to 0x7E) is allowed, so a name can
/// neither hold a separator nor steer a terminal. [common/name-1] [common/name-2]
///
/// ```
/// use parlance_core::protocol::Name;
///
/// assert!(Name::new(b"joe", 20).is_some());
/// assert!(Name::new(b"", 20).is_none());
/// assert!(Name::new(&[b'x'; 21], 20).is_none());
/// assert!(Name::new("jos\u{e9}".as_bytes(), 20).is_none());
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Name(Arc<str>);

impl Name {
    /// `bytes` as a name of 1 to `bytes_max` bytes, or `None` if it is not one.
    pub fn new(bytes: &[u8], bytes_max: usize) -> Option<Name> {
        if bytes.is_empty() || bytes.len() > bytes_max || !bytes.iter().all(u8::is_ascii_graphic) {
            return None;
        }
        std::str::from_utf8(bytes).ok().map(|text| Name(text.into()))
    }

    /// The name as on the wire.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}
