//! Lines that are not compared one by one and byte by byte: lines in any order, lists of names, and
//! lines about other attempts.

use super::attempt::{ANSWER, Attempt, LINE_MAX, Played};
use super::escapes::shown;
use super::failure::{Outcome, Trouble};
use super::nonces::Origin;
use super::pattern::Agreement;
use super::wire::Heard;
use std::time::Instant;

/// The skipped line: one about another attempt, or one besides the expected lines, with the place
/// of its first wrong byte.
type Skipped = Option<(usize, Vec<u8>)>;

impl Attempt<'_> {
    /// The next lines must be those of `templates`, in any order.
    pub(super) fn expect_all(&mut self, who: &str, templates: &str) -> Played {
        let lines = templates.split_inclusive(r"\n").map(|line| self.pattern(line));
        let mut lines = lines.collect::<Played<Vec<_>>>()?;
        while !lines.is_empty() {
            let found = self.matches(who, &lines)?;
            lines.remove(found);
        }
        Ok(())
    }

    /// The next line must be the first word of `template` and then its other words, in any order
    /// unless `ordered`. If `{..}` is one of them, any words that are not about this attempt may
    /// come in between.
    pub(super) fn lists(&mut self, who: &str, template: &str, ordered: bool) -> Played {
        let (template, others) = match template.split_once(" {..}") {
            Some((before, after)) => ([before, after].concat(), true),
            None => (template.to_owned(), false),
        };
        let wanted = self.bytes(&template)?;
        let keyword =
            wanted.iter().position(|byte| b" \r\n".contains(byte)).unwrap_or(wanted.len());
        let order = if ordered { "" } else { " (in any order)" };
        let beside = if others { " (and names of others)" } else { "" };
        let allowed = || vec![format!("{}{order}{beside}", shown(&wanted))];
        let got = self.list(who, &wanted[..keyword], &allowed)?;
        self.transcript.got(who, &got);
        match difference(&wanted, &got, ordered, others.then_some(self.names.nonce.as_bytes())) {
            None => Ok(()),
            Some(at) => Err(Trouble::failure(who, Outcome::Mismatch { at, got }, allowed())),
        }
    }

    /// The next line, which must begin with `keyword`.
    fn list(
        &mut self,
        who: &str,
        keyword: &[u8],
        allowed: &dyn Fn() -> Vec<String>,
    ) -> Played<Vec<u8>> {
        let begun = Instant::now();
        let until = self.bounds.until(ANSWER);
        loop {
            let ahead = &mut self.wire(who)?.ahead;
            let right = ahead.iter().zip(keyword).take_while(|(a, b)| a == b).count();
            let wrong = right < keyword.len().min(ahead.len());
            if wrong && self.skipped(who, right)?.is_some() {
                continue;
            }
            let ahead = &mut self.wire(who)?.ahead;
            let end = ahead.iter().position(|&byte| byte == b'\n').map(|lf| lf + 1);
            if let Some(end) = end.or_else(|| (ahead.len() > LINE_MAX).then_some(LINE_MAX)) {
                return Ok(ahead.drain(..end).collect());
            }
            let got = self.wire(who)?.hear(until);
            if got != Heard::Bytes {
                let partial = std::mem::take(&mut self.wire(who)?.ahead);
                if !partial.is_empty() {
                    self.transcript.got(who, &partial);
                }
                return Err(self.ended(who, got, partial.len(), begun, allowed()));
            }
        }
    }

    /// Whether a line is about another attempt, where all clients hear each other.
    pub(super) fn is_about_others(&self, line: &[u8]) -> bool {
        let nonces = self.setting.nonces;
        let one_world = self.setting.book.voice.one_world;
        one_world && nonces.origin(line, &self.names.nonce) == Origin::Other
    }

    /// Drops the unexpected line around byte `at` if this attempt does not judge it, and returns
    /// it. That is a line about another attempt, with that attempt's nonce in it, where all clients
    /// hear each other; or a line without any nonce, once this attempt has sent garbage there; or a
    /// line that only our own decisions exclude, when the documents alone count.
    pub(super) fn skipped(&mut self, who: &str, at: usize) -> Played<Option<Skipped>> {
        let voice = &self.setting.book.voice;
        let one_world = voice.one_world;
        let aside = voice.aside.as_ref().filter(|_| self.setting.document_only);
        if !one_world && aside.is_none() {
            return Ok(None);
        }
        let aside = aside.map(|template| self.pattern(template)).transpose()?;
        let until = self.bounds.until(ANSWER);
        let (nonces, own) = (self.setting.nonces, self.names.nonce.clone());
        let wire = self.wire(who)?;
        let start = wire.ahead[..at].iter().rposition(|&byte| byte == b'\n').map_or(0, |lf| lf + 1);
        let agreement = |line: &[u8]| aside.as_ref().map(|aside| aside.agreement(line));
        let end = loop {
            let rest = &wire.ahead[start..];
            if let Some(lf) = rest.iter().position(|&byte| byte == b'\n') {
                break start + lf + 1;
            }
            // Wait only while the line may still turn out to be such a line.
            let may = one_world && nonces.origin(rest, &own) != Origin::Own
                || agreement(rest) == Some(Agreement::Part(rest.len()));
            if !may || rest.len() > LINE_MAX || wire.hear(until) != Heard::Bytes {
                return Ok(None);
            }
        };
        let line = wire.ahead[start..end].to_vec();
        if self.is_about_others(&line) {
            self.wire(who)?.ahead.drain(start..end);
            return Ok(Some(None));
        }
        let garbage = one_world && self.after_garbage && nonces.origin(&line, &own) != Origin::Own;
        if garbage || matches!(agreement(&line), Some(Agreement::Whole(_))) {
            self.wire(who)?.ahead.drain(start..end);
            self.transcript.got(who, &line);
            return Ok(Some(Some((at - start, line))));
        }
        Ok(None)
    }
}

/// The first byte at which `got` differs from the wanted list; if `own` is given, words without it
/// are ignored.
fn difference(wanted: &[u8], got: &[u8], ordered: bool, own: Option<&[u8]>) -> Option<usize> {
    let text =
        |line: &[u8]| line.strip_suffix(b"\r\n").or(line.strip_suffix(b"\n")).map(<[u8]>::len);
    let (end, wanted_end) = (text(got).unwrap_or(got.len()), text(wanted).unwrap_or(wanted.len()));
    let mut missing: Vec<&[u8]> = wanted[..wanted_end].split(|&byte| byte == b' ').collect();
    let mut at = 0;
    for (number, word) in got[..end].split(|&byte| byte == b' ').enumerate() {
        let next = if ordered || number == 0 { 1 } else { missing.len() };
        if let Some(found) = missing.iter().take(next).position(|one| *one == word) {
            missing.remove(found);
        } else {
            let strange = number > 0 && !word.is_empty();
            let others = own.is_some_and(|own| !word.windows(own.len()).any(|part| part == own));
            if !(strange && others) {
                return Some(at);
            }
        }
        at += word.len() + 1;
    }
    let same_end = got[end..] == wanted[wanted_end..];
    (!missing.is_empty() || !same_end).then_some(end)
}

#[cfg(test)]
mod tests {
    use super::difference;

    #[test]
    fn a_list_has_all_of_its_names_and_no_others() {
        let any = |got: &[u8]| difference(b"L a b c\r\n", got, false, None);
        assert_eq!(any(b"L a b c\r\n"), None);
        assert_eq!(any(b"L c a b\r\n"), None);
        assert_eq!(any(b"L c a\r\n"), Some(5));
        assert_eq!(any(b"L c a b d\r\n"), Some(8));
        assert_eq!(any(b"L a a b c\r\n"), Some(4));
        assert_eq!(any(b"L a  b c\r\n"), Some(4));
        assert_eq!(any(b"L a b c\n"), Some(7));
        assert_eq!(any(b"K a b c\r\n"), Some(0));
        assert_eq!(difference(b"L a b\r\n", b"L b a\r\n", true, None), Some(2));
    }

    #[test]
    fn names_of_others_may_stand_anywhere_between() {
        let among = |got: &[u8]| difference(b"L xa xb\r\n", got, true, Some(b"x"));
        assert_eq!(among(b"L q xa r xb s\r\n"), None);
        assert_eq!(among(b"L xb q xa\r\n"), Some(2));
        assert_eq!(among(b"L xa q xb xc\r\n"), Some(10));
        assert_eq!(among(b"L xa q xb \r\n"), Some(10));
    }
}
