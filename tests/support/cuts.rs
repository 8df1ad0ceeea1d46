//! A stream of bytes cut into reads.

/// Cuts `stream` into segments whose lengths go round through `lengths`: each of its bytes,
/// modulo 64, plus one. Without lengths the stream is one segment.
pub(crate) fn segments<'a>(lengths: &[u8], stream: &'a [u8]) -> Vec<&'a [u8]> {
    let mut rest = stream;
    let mut segments = Vec::new();
    for &length in lengths.iter().cycle() {
        if rest.is_empty() {
            return segments;
        }
        let (segment, after) = rest.split_at(rest.len().min(usize::from(length % 64) + 1));
        segments.push(segment);
        rest = after;
    }
    if !rest.is_empty() {
        segments.push(rest);
    }
    segments
}

/// Splits a file in two: its first line says how, the rest is the stream.
pub(crate) fn first_line_and_stream(file: &[u8]) -> (&[u8], &[u8]) {
    match file.iter().position(|&byte| byte == b'\n') {
        Some(end) => (&file[..end], &file[end + 1..]),
        None => (b"", file),
    }
}
