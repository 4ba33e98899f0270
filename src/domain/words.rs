//! What administrators type: names, texts, and words for skills and outcomes. Parsed once, kept byte for byte.

use std::str::FromStr;

/// Text that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAWord {
    /// Empty, or too long.
    #[error("must be 1 to {0} characters")]
    Length(usize),
    /// Control characters.
    #[error("must not have control characters")]
    Control,
    /// A blank or a comma in a single word.
    #[error("must be one word, without blanks and commas")]
    Several,
}

/// The most skills of a person, and the most outcomes of a campaign.
pub const MAX_WORDS: usize = 20;

fn checked(text: &str, most: usize, allowed: impl Fn(char) -> bool) -> Result<&str, NotAWord> {
    let text = text.trim();
    if !(1..=most).contains(&text.chars().count()) {
        Err(NotAWord::Length(most))
    } else if text.chars().any(|c| c.is_control() && !allowed(c)) {
        Err(NotAWord::Control)
    } else {
        Ok(text)
    }
}

/// A text that administrators type: without blanks at its ends.
macro_rules! typed {
    ($(#[$doc:meta])* $name:ident, $most:expr, $read:expr) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(String);

        impl $name {
            /// The most characters.
            pub const MOST: usize = $most;

            /// The text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = NotAWord;

            fn from_str(text: &str) -> Result<Self, NotAWord> {
                let read: fn(&str) -> Result<String, NotAWord> = $read;
                read(text).map(Self)
            }
        }
    };
}

fn never(_: char) -> bool {
    false
}

typed!(
    /// The name that customers and colleagues see.
    DisplayName, 80, |text| checked(text, 80, never).map(str::to_owned)
);
typed!(
    /// The name of a campaign or banner, or a headline: one line.
    Title, 200, |text| checked(text, 200, never).map(str::to_owned)
);
typed!(
    /// The text of an invitation: line breaks are kept.
    Intro, 1_000, |text| checked(&text.replace("\r\n", "\n"), 1_000, |c| c == '\n').map(str::to_owned)
);
typed!(
    /// What a representative knows: one word, in small letters, so that `French` and `french` are the same.
    Skill, 40, |text| {
        let word = checked(text, 40, never)?.to_lowercase();
        let single = !word.contains(|c: char| c.is_whitespace() || c == ',');
        // Small letters can be more than large ones.
        if single { checked(&word, 40, never).map(str::to_owned) } else { Err(NotAWord::Several) }
    }
);
typed!(
    /// What came of a call, in the campaign's own words.
    OutcomeWord, 60, |text| checked(text, 60, never).map(str::to_owned)
);
typed!(
    /// What a marketer calls a view of the dashboard: one line.
    ViewName, 80, |text| checked(text, 80, never).map(str::to_owned)
);
typed!(
    /// Why a supervisor steps in: one line.
    Reason, 200, |text| checked(text, 200, never).map(str::to_owned)
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_kept_as_typed_without_blanks_at_their_ends() {
        assert_eq!(" Åsa  Öst 😀 ".parse::<DisplayName>().unwrap().as_str(), "Åsa  Öst 😀");
        assert_eq!("one\r\ntwo\n".parse::<Intro>().unwrap().as_str(), "one\ntwo");
        assert_eq!("Not interested".parse::<OutcomeWord>().unwrap().as_str(), "Not interested");
        assert_eq!(" Español ".parse::<Skill>().unwrap().as_str(), "español");
    }

    #[test]
    fn what_cannot_be_used_is_refused_with_the_reason() {
        assert_eq!(" ".parse::<DisplayName>(), Err(NotAWord::Length(80)));
        assert!("x".repeat(80).parse::<DisplayName>().is_ok());
        assert_eq!("x".repeat(81).parse::<DisplayName>(), Err(NotAWord::Length(80)));
        assert_eq!("😀".repeat(201).parse::<Title>(), Err(NotAWord::Length(200)));
        assert_eq!("a\nb".parse::<Title>(), Err(NotAWord::Control));
        assert_eq!("a\tb".parse::<Intro>(), Err(NotAWord::Control));
        for several in ["two words", "a,b", "a\u{a0}b"] {
            assert_eq!(several.parse::<Skill>(), Err(NotAWord::Several), "{several}");
        }
        // Each of these becomes two characters when it is made small.
        assert_eq!("İ".repeat(40).parse::<Skill>(), Err(NotAWord::Length(40)));
        assert_eq!("x".repeat(61).parse::<OutcomeWord>(), Err(NotAWord::Length(60)));
    }
}
