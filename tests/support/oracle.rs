//! The obvious versions of framing and of the rooms grammar, written from the clauses alone.

use parlance_core::protocol::Fault;

/// A whole stream as lines.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    /// Every line up to the first that is too long, without terminators.
    pub(crate) lines: Vec<Vec<u8>>,
    /// Whether a line was too long; the stream ends there.
    pub(crate) too_long: bool,
}

/// Splits at LF and looks at each piece. [common/framing-1] [common/framing-2] [common/framing-4]
/// [common/framing-5]
pub(crate) fn lines(stream: &[u8]) -> Lines {
    let mut pieces: Vec<&[u8]> = stream.split(|&byte| byte == b'\n').collect();
    let unfinished = pieces.pop().expect("a split has at least one piece");
    let mut lines = Vec::new();
    for piece in pieces {
        if piece.len() > 19_999 {
            return Lines { lines, too_long: true };
        }
        let end = piece.len() - usize::from(piece.last() == Some(&b'\r'));
        lines.push(piece[..end].to_vec());
    }
    Lines { lines, too_long: unfinished.len() >= 20_000 }
}

/// Whether a line begins as TLS does. [common/tls-9]
pub(crate) fn is_tls(line: &[u8]) -> bool {
    line.starts_with(&[0x16, 0x03])
}

/// What is wrong with a first line of another protocol: that of TLS, or a request of HTTP, which is
/// a token, anything, and a version. [common/tls-9] [common/http-1]
pub(crate) fn other_protocol(line: &[u8]) -> Option<Fault> {
    if is_tls(line) {
        return Some(Fault::TlsHello);
    }
    let words: Vec<&[u8]> = line.split(|byte| *byte == b' ').collect();
    let [method, target, version] = words[..] else { return None };
    let is_token = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
    let is_method = !method.is_empty() && method.iter().all(is_token);
    let digit = version.strip_prefix(b"HTTP/").and_then(<[u8]>::first);
    let is_request = is_method && !target.is_empty() && digit.is_some_and(u8::is_ascii_digit);
    is_request.then_some(Fault::HttpRequest)
}

/// Room and user of a line that is a valid JOIN. [rooms/join-1] [rooms/join-2] [rooms/join-6]
pub(crate) fn join(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let (keyword, names) = line.split_at_checked(5)?;
    if !b"JOIN ".iter().zip(keyword).all(|(want, byte)| *want == byte.to_ascii_uppercase()) {
        return None;
    }
    let space = names.iter().position(|&byte| byte == b' ')?;
    let (room, user) = (&names[..space], &names[space + 1..]);
    (is_name(room) && is_name(user)).then_some((room, user))
}

/// [rooms/join-3] [rooms/join-4] [rooms/join-5] [common/name-1]
fn is_name(bytes: &[u8]) -> bool {
    matches!(bytes.len(), 1..=20) && bytes.iter().all(|byte| matches!(byte, 0x21..=0x7E))
}

/// Everything that a room of one hears of its member, and what it is told at last.
/// [rooms/text-1] [rooms/error-1] [rooms/error-3]
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Conversation {
    /// Room and user, once joined.
    pub(crate) joined: Option<(Vec<u8>, Vec<u8>)>,
    /// All the text, rendered.
    pub(crate) text: Vec<u8>,
    /// Whether it ends with an error.
    pub(crate) error: bool,
}

/// What one client's whole stream amounts to.
pub(crate) fn conversation(stream: &[u8]) -> Conversation {
    if is_tls(stream) {
        return Conversation { error: true, ..Conversation::default() }; // its line may never end
    }
    let Lines { lines, too_long } = lines(stream);
    let mut conversation = Conversation { error: too_long, ..Conversation::default() };
    let mut lines = lines.into_iter();
    let Some(first) = lines.next() else { return conversation };
    let Some((room, user)) = join(&first) else {
        return Conversation { error: true, ..Conversation::default() };
    };
    for line in lines {
        conversation.text.extend([user, b": ", &line, b"\n"].concat());
    }
    conversation.joined = Some((room.to_vec(), user.to_vec()));
    conversation
}
