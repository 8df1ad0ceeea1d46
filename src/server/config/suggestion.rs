//! The known name that a mistyped one resembles.

/// The one of `known` nearest to `typed`, if one is near: a third of its letters may be wrong.
/// Hyphens and underscores are the same.
pub(super) fn nearest<'a>(
    typed: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let typed = typed.to_lowercase().replace('_', "-");
    if typed.len() > 64 {
        return None;
    }
    let distance = |name: &str| strsim::damerau_levenshtein(&typed, name);
    let nearest = known.into_iter().map(|name| (distance(name), name)).min()?;
    (nearest.0 * 3 <= nearest.1.len().max(3)).then_some(nearest.1)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = ["clients-max", "log", "limits", "idle-timeout"];
        for (typed, name) in [
            ("client-max", Some("clients-max")),
            ("clients_max", Some("clients-max")),
            ("Idle_Timeuot", Some("idle-timeout")),
            ("lgo", Some("log")),
            ("limts", Some("limits")),
            ("colour", None),
            ("", None),
        ] {
            assert_eq!(nearest(typed, known), name, "{typed}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), known), None);
        assert_eq!(nearest("x", []), None);
    }
}
