//! What many cases have in common: the stages of a conversation that they lead through, and the
//! matters that they presume.

/// What a step is about, where it is not particular to its case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    /// A client goes the way in.
    Enter,
    /// A member receives a text of another one.
    Hears,
    /// A member receives its own text, where the dialect says so.
    Echo,
    /// A member is told of an arrival, where the dialect says so.
    Joined,
    /// A member is told of a departure, where the dialect says so.
    Left,
    /// A client is refused.
    Refused,
    /// The white space of a line counts.
    Spaces,
    /// A long line is delivered whole, or refused.
    Long,
    /// A name can be taken again when its owner has gone.
    Freed,
    /// A member that does not read does not stop the others.
    Readers,
}

impl Stage {
    /// The word for it in the case files.
    pub(super) fn parsed(word: &str) -> Option<Stage> {
        Some(match word {
            "enter" => Stage::Enter,
            "hears" => Stage::Hears,
            "echo" => Stage::Echo,
            "joined" => Stage::Joined,
            "left" => Stage::Left,
            "refused" => Stage::Refused,
            "spaces" => Stage::Spaces,
            "long" => Stage::Long,
            "freed" => Stage::Freed,
            "readers" => Stage::Readers,
            _ => return None,
        })
    }

    /// What comes at it, for a sentence.
    pub(super) fn told(self) -> &'static str {
        match self {
            Stage::Enter => "the answer to the way in",
            Stage::Hears => "the texts of others",
            Stage::Echo => "a client its own texts",
            Stage::Joined => "the notice of an arrival",
            Stage::Left => "the notice of a departure",
            Stage::Refused => "the answer to what is refused",
            Stage::Spaces => "a text with all of its spaces",
            Stage::Long => "a long line, or its refusal",
            Stage::Freed => "the consent to a name that was given back",
            Stage::Readers => "what others say beside a member that does not read",
        }
    }
}
