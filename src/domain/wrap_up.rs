//! What a representative says about a conversation: what came of it, in the campaign's own words, and notes.

/// The most characters of notes.
pub const MAX_NOTES_CHARS: usize = 2_000;

/// What is known about a conversation so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct WrapUp {
    disposition: Option<String>,
    notes: Option<String>,
}

/// What is said about it now: what is `None` stays, what is empty is taken away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Said {
    /// What came of it: one of the campaign's outcomes.
    pub disposition: Option<String>,
    /// Whatever else is worth knowing.
    pub notes: Option<String>,
}

/// Why something cannot be said.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAWrapUp {
    /// None of the campaign's words.
    #[error("disposition must be one of: {}.", .0.join(", "))]
    Disposition(Vec<String>),
    /// The campaign has no words.
    #[error("disposition: this campaign has no outcomes to choose from.")]
    NoWords,
    /// Too much said.
    #[error("notes must be at most {MAX_NOTES_CHARS} characters.")]
    Notes,
}

/// What stands then.
fn newer(said: Option<String>, before: Option<&String>) -> Option<String> {
    said.or_else(|| before.cloned()).filter(|text| !text.is_empty())
}

impl WrapUp {
    /// With what is said now. Any text but an empty one is kept as it was typed. A word that stands already may
    /// stay, whatever became of the campaign's list since.
    ///
    /// # Errors
    /// When the disposition is not one of `words`, or the notes are too long.
    pub fn with(&self, said: Said, words: &[String]) -> Result<Self, NotAWrapUp> {
        let disposition = newer(said.disposition, self.disposition.as_ref());
        if let Some(word) = disposition.as_ref().filter(|_| disposition != self.disposition)
            && !words.contains(word)
        {
            let none = words.is_empty();
            return Err(if none { NotAWrapUp::NoWords } else { NotAWrapUp::Disposition(words.to_vec()) });
        }
        let notes = newer(said.notes, self.notes.as_ref());
        if notes.as_ref().is_some_and(|text| text.chars().count() > MAX_NOTES_CHARS) {
            return Err(NotAWrapUp::Notes);
        }
        Ok(Self { disposition, notes })
    }

    /// What came of it.
    #[must_use]
    pub fn disposition(&self) -> Option<&str> {
        self.disposition.as_deref()
    }

    /// Whatever else is worth knowing.
    #[must_use]
    pub fn notes(&self) -> Option<&str> {
        self.notes.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(disposition: Option<&str>, notes: Option<&str>) -> Said {
        Said { disposition: disposition.map(str::to_owned), notes: notes.map(str::to_owned) }
    }

    #[test]
    fn what_is_not_said_stays_and_what_is_empty_goes() {
        let words = ["Sold".to_owned(), "Later".to_owned()];
        let first = WrapUp::default().with(said(Some("Sold"), Some(" as typed\n")), &words).unwrap();
        assert_eq!((first.disposition(), first.notes()), (Some("Sold"), Some(" as typed\n")));
        assert_eq!(first.with(Said::default(), &words), Ok(first.clone()));
        let second = first.with(said(None, Some("")), &words).unwrap();
        assert_eq!((second.disposition(), second.notes()), (Some("Sold"), None));
        assert_eq!(second.with(said(Some(""), None), &words), Ok(WrapUp::default()));
        // The word was taken off the list meanwhile.
        assert_eq!(second.with(said(Some("Sold"), None), &words[1..]), Ok(second.clone()));
    }

    #[test]
    fn only_the_campaigns_words_are_taken_and_notes_have_a_length() {
        let words = ["Sold".to_owned(), "Later".to_owned()];
        let with = |disposition, notes, words: &[String]| WrapUp::default().with(said(disposition, notes), words);
        for word in ["sold", "Sold ", "Lost"] {
            let refused = with(Some(word), None, &words).unwrap_err();
            assert_eq!(refused.to_string(), "disposition must be one of: Sold, Later.", "{word}");
        }
        assert_eq!(with(Some("Sold"), None, &[]), Err(NotAWrapUp::NoWords));
        let most = "😀".repeat(MAX_NOTES_CHARS);
        assert!(with(None, Some(&most), &[]).is_ok());
        assert_eq!(with(None, Some(&format!("{most}!")), &[]), Err(NotAWrapUp::Notes));
    }
}
