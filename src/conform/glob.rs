//! Selectors: `*` is any number of characters, `?` one; a selector of a clause selects its cases.

/// Whether `pattern` selects the case called `id`: the id itself, or a folder above it.
pub(super) fn selects(pattern: &str, id: &str) -> bool {
    matches(pattern.as_bytes(), id.as_bytes())
        || id
            .char_indices()
            .any(|(at, c)| c == '/' && matches(pattern.as_bytes(), &id.as_bytes()[..at]))
}

fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut p, mut t) = (0, 0);
    let mut star = None;
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&byte) if byte == b'?' || byte == text[t] => (p, t) = (p + 1, t + 1),
            _ => match star {
                // The last star takes one more character, and the pattern after it is tried again.
                Some((at, taken)) => {
                    (p, t) = (at + 1, taken + 1);
                    star = Some((at, taken + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&byte| byte == b'*')
}

#[cfg(test)]
mod tests {
    use super::selects;

    #[test]
    fn selectors_are_globs_or_folders() {
        let id = "rooms/join-4/rejects-a-name-of-21";
        for good in
            [id, "rooms/join-4", "rooms", "rooms/join-?", "*name*", "rooms/*/rejects*21", "*"]
        {
            assert!(selects(good, id), "{good}");
        }
        for bad in ["rooms/join", "join-4", "", "rooms/join-4/", "*22"] {
            assert!(!selects(bad, id), "{bad}");
        }
    }
}
