//! What a customer thought of a conversation.

/// The most characters of a comment.
pub const MAX_COMMENT_CHARS: usize = 1_000;

/// One to five stars, and what the customer wanted to add.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Rating {
    stars: i64,
    comment: Option<String>,
}

/// Why something is no rating.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotARating {
    /// Too few stars, or too many.
    #[error("stars must be a whole number from 1 to 5.")]
    Stars,
    /// Too much said.
    #[error("comment must be at most {MAX_COMMENT_CHARS} characters.")]
    Comment,
}

impl Rating {
    /// A rating. A comment without a character is none; any other is kept as it was typed.
    ///
    /// # Errors
    /// When the stars are not 1 to 5, or the comment is too long.
    pub fn new(stars: i64, comment: Option<String>) -> Result<Self, NotARating> {
        if !(1..=5).contains(&stars) {
            return Err(NotARating::Stars);
        }
        let comment = comment.filter(|text| !text.is_empty());
        if comment.as_ref().is_some_and(|text| text.chars().count() > MAX_COMMENT_CHARS) {
            return Err(NotARating::Comment);
        }
        Ok(Self { stars, comment })
    }

    /// From 1, not good, to 5, very good.
    #[must_use]
    pub const fn stars(&self) -> i64 {
        self.stars
    }

    /// What the customer added.
    #[must_use]
    pub fn comment(&self) -> Option<&str> {
        self.comment.as_deref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_to_five_stars_and_a_comment_of_a_thousand_characters() {
        for stars in 1..=5 {
            assert_eq!(Rating::new(stars, None).map(|rating| rating.stars()), Ok(stars));
        }
        for stars in [i64::MIN, -1, 0, 6, i64::MAX] {
            assert_eq!(Rating::new(stars, None), Err(NotARating::Stars));
        }
        let most = "😀".repeat(MAX_COMMENT_CHARS);
        assert_eq!(Rating::new(5, Some(most.clone())).map(|rating| rating.comment), Ok(Some(most.clone())));
        assert_eq!(Rating::new(5, Some(format!("{most}!"))), Err(NotARating::Comment));
        assert_eq!(Rating::new(5, Some(String::new())).map(|rating| rating.comment), Ok(None));
        assert_eq!(Rating::new(5, Some(" ".to_owned())).map(|rating| rating.comment), Ok(Some(" ".to_owned())));
    }
}
