//! How bytes become lines.

use super::dialects::ALL;
use crate::mutants::fault::Fault::{self, Last, Line, Manner, Read};
use crate::mutants::fault::Manner as Kind;
use crate::mutants::mutation::Mutation;
use crate::mutants::readings::{LARGER_LIMIT, lines_of_any_length, long_lines};
use crate::mutants::scene::Scene;
use crate::mutants::tools::content;
use parlance_model::{Dialect, LINE_MAX};

/// Lines wrongly cut, shortened or changed.
pub(super) static MUTATIONS: &[Mutation] = &[
    Mutation::new(
        "one-read-is-one-line",
        ALL,
        "common/framing-6",
        "takes what one read returns for one line, and loses the lines after it",
        &[Read(|_, bytes| [first_line(&bytes), b"\n"].concat())],
    ),
    Mutation::new(
        "rest-of-a-read-lost",
        ALL,
        "common/framing-6",
        "forgets what arrived together with a line, as a reader made anew for each line does",
        &[Read(|_, bytes| {
            let line = first_line(&bytes).len();
            bytes[..bytes.len().min(line + 1)].to_vec()
        })],
    ),
    Mutation::new(
        "line-ends-only-at-the-end-of-a-segment",
        ALL,
        "common/framing-6",
        "waits for a segment that ends in LF before it looks at the lines it has",
        &[Read(|scene, bytes| {
            scene.own.kept.extend_from_slice(&bytes);
            if bytes.ends_with(b"\n") { std::mem::take(&mut scene.own.kept) } else { Vec::new() }
        })],
    ),
    Mutation::new(
        "needs-cr-lf",
        ALL,
        "common/framing-1",
        "waits for CR LF and takes LF alone for content",
        &[Line(needs_cr_lf)],
    ),
    Mutation::new(
        "cr-ends-a-line",
        ALL,
        "common/framing-1",
        "ends a line at a CR too",
        &[Line(|_, line| {
            content(&line, |content| {
                content.iter().map(|b| if *b == b'\r' { b'\n' } else { *b }).collect()
            })
        })],
    ),
    Mutation::new(
        "every-cr-dropped",
        ALL,
        "common/framing-3",
        "drops each CR, also in the middle of a line",
        &[Line(|_, line| line.into_iter().filter(|byte| *byte != b'\r').collect())],
    ),
    Mutation::new(
        "cr-kept-before-joining",
        ALL,
        "common/framing-2",
        "drops the CR of texts, and takes that of the first lines for a part of the name",
        &[Line(|scene, line| match line.strip_suffix(b"\r\n") {
            Some(text) if !scene.is_member() => [text, b"\r\r\n"].concat(),
            _ => line,
        })],
    ),
    Mutation::new(
        "cr-becomes-a-space",
        ALL,
        "common/framing-2",
        "sends a space for a CR before LF",
        &[Line(|scene, line| match line.strip_suffix(b"\r\n") {
            Some(text) if scene.is_member() => [text, b" \n"].concat(),
            _ => line,
        })],
    ),
    Mutation::new(
        "cr-lf-alone-is-nothing",
        &[Dialect::Rooms, Dialect::Lobby],
        "common/framing-2",
        "overlooks a line of CR LF alone",
        &[Line(|scene, line| if scene.is_member() && line == b"\r\n" { Vec::new() } else { line })],
    ),
    Mutation::new(
        "limit-of-19999-bytes",
        &[Dialect::Rooms],
        "rooms/text-2",
        "refuses a line of exactly 20,000 bytes",
        &[Line(|_, line| if line.len() == LINE_MAX { [b"x", &line[..]].concat() } else { line })],
    ),
    Mutation::new(
        "limit-of-8192-bytes",
        &[Dialect::Rooms],
        "rooms/text-2",
        "refuses lines of more than 8,192 bytes",
        &[Line(|_, line| if line.len() > 8192 { vec![b'x'; LINE_MAX] } else { line })],
    ),
    Mutation::new(
        "long-lines-cut",
        ALL,
        "common/framing-4",
        "cuts a line that is too long and delivers its beginning",
        &[Read(long_lines_cut)],
    ),
    Mutation::new(
        "long-lines-ignored",
        ALL,
        "common/framing-8",
        "says nothing to a line of more than 4,096 bytes, and goes on",
        &[LONG, Line(|_, line| if line.len() > 4096 { Vec::new() } else { line })],
    ),
    Mutation::new(
        "only-unfinished-lines-judged",
        ALL,
        "common/framing-8",
        "delivers a line of 30,000 bytes that comes at once, and refuses it in pieces",
        &[LONG, Line(long_lines), Read(unfinished_lines_judged)],
    ),
    Mutation::new(
        "lines-beyond-a-larger-limit-ignored",
        ALL,
        "common/framing-4",
        "says nothing to a line of more than 32,768 bytes, and goes on",
        &[
            LONG,
            Line(|_, line| if line.len() > LARGER_LIMIT { Vec::new() } else { line }),
            Line(long_lines),
        ],
    ),
    Mutation::new(
        "no-limit-of-a-line",
        ALL,
        "common/framing-4",
        "delivers lines of any length",
        &[LONG, Line(lines_of_any_length)],
    ),
    Mutation::new(
        "waits-for-the-line-feed",
        ALL,
        "common/framing-5",
        "notices a line that is too long only when its LF arrives",
        &[Read(complete_lines)],
    ),
    Mutation::new(
        "unfinished-last-line-delivered",
        ALL,
        "common/eos-1",
        "delivers what came after the last LF as if it were a line",
        &[Last(|_, tail| if tail.is_empty() { tail } else { [&tail[..], b"\n"].concat() })],
    ),
    Mutation::new(
        "end-of-stream-is-an-empty-line",
        ALL,
        "common/eos-1",
        "takes the end of the stream for an empty line",
        &[Last(|_, _| b"\n".to_vec())],
    ),
    Mutation::new(
        "nul-ends-a-line",
        ALL,
        "common/framing-3",
        "cuts a line at a NUL byte, as functions for C strings do",
        &[Line(|_, line| {
            content(&line, |text| text.split(|byte| *byte == 0).next().unwrap_or(text).to_vec())
        })],
    ),
    Mutation::new(
        "spaces-squeezed",
        ALL,
        "common/framing-3",
        "makes one space of several",
        &[Line(|_, line| {
            let mut squeezed = line;
            squeezed.dedup_by(|next, before| *next == b' ' && *before == b' ');
            squeezed
        })],
    ),
    Mutation::new(
        "white-space-collapsed",
        ALL,
        "common/framing-3",
        "splits a line into words and joins them by single spaces",
        &[Line(|_, line| {
            let words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
            [&words.collect::<Vec<_>>().join(&b' ')[..], b"\n"].concat()
        })],
    ),
    Mutation::new(
        "lines-trimmed",
        ALL,
        "common/framing-3",
        "removes white space at the ends of a line",
        &[Line(|_, line| content(&line, |text| text.trim_ascii().to_vec()))],
    ),
    Mutation::new(
        "lines-that-are-not-utf-8-vanish",
        ALL,
        "common/framing-3",
        "drops lines that are not UTF-8",
        &[Line(|_, line| if std::str::from_utf8(&line).is_ok() { line } else { Vec::new() })],
    ),
    Mutation::new(
        "bytes-that-are-not-utf-8-repaired",
        ALL,
        "common/framing-3",
        "replaces bytes that are not UTF-8 by U+FFFD",
        &[Line(|_, line| String::from_utf8_lossy(&line).into_owned().into_bytes())],
    ),
    Mutation::new(
        "eighth-bit-lost",
        ALL,
        "common/framing-3",
        "clears the highest bit of each byte",
        &[Line(|_, line| line.iter().map(|byte| byte & 0x7F).collect())],
    ),
    Mutation::new(
        "control-bytes-filtered",
        ALL,
        "common/framing-3",
        "removes control bytes from text",
        &[Line(|_, line| {
            let kept = |byte: &u8| !byte.is_ascii_control() || matches!(byte, b'\r' | b'\n');
            line.into_iter().filter(kept).collect()
        })],
    ),
];

/// Everything before the first LF.
fn first_line(bytes: &[u8]) -> &[u8] {
    bytes.split(|byte| *byte == b'\n').next().unwrap_or(bytes)
}

/// An LF for the sender becomes a space: the model knows no LF in a line.
fn needs_cr_lf(scene: &mut Scene<'_>, line: Vec<u8>) -> Vec<u8> {
    scene.own.kept.extend_from_slice(&line);
    if line.ends_with(b"\r\n") {
        let mut whole = std::mem::take(&mut scene.own.kept);
        let last = whole.len() - 1;
        whole[..last].iter_mut().filter(|byte| **byte == b'\n').for_each(|byte| *byte = b' ');
        return whole;
    }
    Vec::new()
}

/// Far beyond any line of a test.
const LONG: Fault = Manner(Kind::LineLimit(1 << 30));

/// Refuses what is too long only while its end has not come.
fn unfinished_lines_judged(scene: &mut Scene<'_>, bytes: Vec<u8>) -> Vec<u8> {
    let last = bytes.iter().rposition(|byte| *byte == b'\n');
    scene.own.count = match last {
        Some(at) => bytes.len() - at - 1,
        None => scene.own.count + bytes.len(),
    };
    let refused = if scene.own.count >= LINE_MAX { vec![b'x'; LARGER_LIMIT] } else { Vec::new() };
    [bytes, refused].concat()
}

fn long_lines_cut(scene: &mut Scene<'_>, bytes: Vec<u8>) -> Vec<u8> {
    let mut taken = Vec::new();
    for byte in bytes {
        scene.own.count = if byte == b'\n' { 0 } else { scene.own.count + 1 };
        if scene.own.count < LINE_MAX {
            taken.push(byte);
        }
    }
    taken
}

/// Keeps the beginning of a line until the rest arrives.
fn complete_lines(scene: &mut Scene<'_>, bytes: Vec<u8>) -> Vec<u8> {
    scene.own.kept.extend_from_slice(&bytes);
    let complete = scene.own.kept.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    scene.own.kept.drain(..complete).collect()
}
