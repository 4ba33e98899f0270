//! Statements in which what is asked has names: `@from`, as a variable of MySQL's client is written. So the texts of `sql/figures`
//! run by hand as they stand, and here with what the program knows. Both databases take question marks.

use std::borrow::Cow;

use sqlx::error::BoxDynError;
use sqlx::query::{Query, QueryAs};
use sqlx::{Arguments, AssertSqlSafe, Database, Encode, FromRow, IntoArguments, Type};

use super::{Result, StoreError};
use crate::clock::Timestamp;
use crate::domain::ids::{BannerId, CampaignId};

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'v> {
    /// A number, an instant in milliseconds, or 1 for yes.
    Number(i64),
    /// A text, or NULL.
    Text(Option<&'v str>),
    /// As many as there are, for what stands in `IN (@campaign)`.
    Each(&'v [CampaignId]),
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Value<'_> {
    fn from(yes: bool) -> Self {
        Self::Number(i64::from(yes))
    }
}

impl From<Timestamp> for Value<'_> {
    fn from(at: Timestamp) -> Self {
        Self::Number(at.millis())
    }
}

impl<'v> From<&'v str> for Value<'v> {
    fn from(text: &'v str) -> Self {
        Self::Text(Some(text))
    }
}

impl<'v> From<&'v CampaignId> for Value<'v> {
    fn from(id: &'v CampaignId) -> Self {
        Self::Text(Some(id.as_str()))
    }
}

impl<'v> From<Option<&'v BannerId>> for Value<'v> {
    fn from(id: Option<&'v BannerId>) -> Self {
        Self::Text(id.map(BannerId::as_str))
    }
}

/// What each name stands for.
#[derive(Debug, Clone, Default)]
pub struct Values<'v>(Vec<(Cow<'static, str>, Value<'v>)>);

impl<'v> Values<'v> {
    /// With one more; of two of the same name the later one counts.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl Into<Value<'v>>) -> Self {
        self.0.push((name.into(), value.into()));
        self
    }

    fn of(&self, name: &str) -> Option<Value<'v>> {
        self.0.iter().rev().find(|(known, _)| known == name).map(|(_, value)| *value)
    }
}

/// A part of a text.
#[derive(Debug, PartialEq, Eq)]
enum Token<'t> {
    /// What says itself: quoted texts and the comments that only MySQL reads are whole.
    Plain(&'t str),
    /// A name, without its sign.
    Name(&'t str),
}

/// The tokens of a text, without comments and without the semicolon at its end.
fn tokens(text: &str) -> impl Iterator<Item = Token<'_>> {
    let mut rest = text.trim_end().strip_suffix(';').unwrap_or(text);
    std::iter::from_fn(move || {
        while rest.starts_with("--") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        }
        let of_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
        // Two signs are a variable of the server's.
        if let Some(name) = rest.strip_prefix('@').filter(|name| name.bytes().next().is_some_and(|byte| of_name(&byte)))
        {
            let length = name.bytes().take_while(of_name).count();
            let (name, after) = name.split_at(length);
            rest = after;
            return Some(Token::Name(name));
        }
        let through = |end: &str, from: usize| rest[from..].find(end).map_or(rest.len(), |at| from + at + end.len());
        let length = match rest.as_bytes() {
            [] => return None,
            [b'\'', ..] => through("'", 1),
            [b'"', ..] => through("\"", 1),
            [b'/', b'*', ..] => through("*/", 2),
            [b'@', ..] => 1 + rest[1..].bytes().take_while(|byte| *byte == b'@' || of_name(byte)).count(),
            _ => plain_length(rest),
        };
        let (plain, after) = rest.split_at(length);
        rest = after;
        Some(Token::Plain(plain))
    })
}

/// How many bytes come before the next comment, name or quoted text. One pass: a statement is read anew for each question.
fn plain_length(text: &str) -> usize {
    let stops = |rest: &[u8]| matches!(rest, [b'-', b'-', ..] | [b'/', b'*', ..] | [b'@' | b'\'' | b'"', ..]);
    (0..text.len()).find(|&at| stops(&text.as_bytes()[at..])).unwrap_or(text.len())
}

/// A statement, and what is bound in it.
#[derive(Debug, Default)]
pub struct Statement<'v> {
    text: String,
    bound: Vec<Value<'v>>,
    /// Names of which nobody says what they stand for: a mistake of ours.
    unknown: Vec<String>,
}

impl<'v> Statement<'v> {
    /// A text with question marks in place of its names, and what stands there.
    #[must_use]
    pub fn of(text: &str, values: &Values<'v>) -> Self {
        let mut statement = Self::default();
        statement.add(text, values);
        statement
    }

    /// Goes on with another text, in which names may stand for something else.
    pub fn add(&mut self, text: &str, values: &Values<'v>) {
        for token in tokens(text) {
            match token {
                Token::Plain(plain) => self.text.push_str(plain),
                Token::Name(name) => self.bind(name, values.of(name)),
            }
        }
    }

    fn bind(&mut self, name: &str, value: Option<Value<'v>>) {
        match value {
            None => self.unknown.push(format!("@{name}")),
            // No list may be empty, and nothing is in one of NULL.
            Some(Value::Each([])) => self.text.push_str("NULL"),
            Some(Value::Each(several)) => {
                self.text.push('?');
                self.text.push_str(&", ?".repeat(several.len() - 1));
                self.bound.extend(several.iter().map(Value::from));
            }
            Some(value) => {
                self.text.push('?');
                self.bound.push(value);
            }
        }
    }

    /// The text, with question marks.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Names of which nobody said what they stand for: the database is not asked then.
    #[must_use]
    pub fn unknown(&self) -> &[String] {
        &self.unknown
    }

    fn arguments<DB>(&self) -> Result<DB::Arguments>
    where
        DB: Database,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        Option<String>: for<'q> Encode<'q, DB> + Type<DB>,
    {
        let wrong = |error: BoxDynError| StoreError::Other(sqlx::Error::Encode(error));
        if !self.unknown.is_empty() {
            return Err(wrong(format!("nobody says what {} stands for", self.unknown.join(", ")).into()));
        }
        let mut arguments = DB::Arguments::default();
        for value in &self.bound {
            let added = match value {
                Value::Number(number) => arguments.add(*number),
                Value::Text(text) => arguments.add(text.map(str::to_owned)),
                Value::Each(_) => Ok(()),
            };
            added.map_err(wrong)?;
        }
        Ok(arguments)
    }

    /// To be run: rows as they come.
    ///
    /// # Errors
    /// When nobody said what a name stands for.
    pub fn query<DB>(&self) -> Result<Query<'_, DB, DB::Arguments>>
    where
        DB: Database,
        DB::Arguments: IntoArguments<DB>,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        Option<String>: for<'q> Encode<'q, DB> + Type<DB>,
    {
        Ok(sqlx::query_with(AssertSqlSafe(self.text.clone()), self.arguments::<DB>()?))
    }

    /// The same, read into `O`.
    ///
    /// # Errors
    /// As [`Statement::query`].
    pub fn query_as<DB, O>(&self) -> Result<QueryAs<'_, DB, O, DB::Arguments>>
    where
        DB: Database,
        DB::Arguments: IntoArguments<DB>,
        O: for<'r> FromRow<'r, DB::Row>,
        i64: for<'q> Encode<'q, DB> + Type<DB>,
        Option<String>: for<'q> Encode<'q, DB> + Type<DB>,
    {
        Ok(sqlx::query_as_with(AssertSqlSafe(self.text.clone()), self.arguments::<DB>()?))
    }
}

/// What stands between two marks of a text, from the first to the last; nothing where one is missing.
pub(super) fn between<'t>(text: &'t str, opening: &str, closing: &str) -> &'t str {
    let behind = text.split_once(opening).map_or("", |(_, behind)| behind);
    behind.rsplit_once(closing).map_or("", |(inner, _)| inner)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_become_question_marks_and_are_bound_in_their_order() {
        let campaigns: Vec<CampaignId> = ["5", "7"].map(|id| id.parse().unwrap()).into();
        let values = Values::default()
            .with("campaign", Value::Each(&campaigns))
            .with("from", 1)
            .with("to", Timestamp(2))
            .with("banner", None)
            .with("from", 3);
        let text = "-- @nobody's, 'or is it\nSELECT '@to -- ''@to', x@from -- @to\n, /*! @to */ @@to;\n\
            FROM \"@to\" WHERE a IN (@campaign) AND b=@banner AND @from<@to\n-- the end ;\n;\n";
        let statement = Statement::of(text, &values);
        let expected = "\nSELECT '@to -- ''@to', x? \n, /*! @to */ @@to;\n\
            FROM \"@to\" WHERE a IN (?, ?) AND b=? AND ?<?\n\n";
        assert_eq!(statement.text(), expected);
        let bound: [Value<'_>; 6] = [3.into(), "5".into(), "7".into(), None.into(), 3.into(), 2.into()];
        assert_eq!(statement.bound, bound);
        assert!(statement.unknown().is_empty());
    }

    #[test]
    fn a_name_that_stands_for_nothing_is_an_error_and_is_not_asked() {
        let mut statement = Statement::of("SELECT @from, @till", &Values::default().with("from", 1));
        statement.add(" WHERE @none IN (@each)", &Values::default().with("each", Value::Each(&[])));
        assert_eq!(statement.unknown(), ["@till", "@none"]);
        assert!(statement.text().ends_with("IN (NULL)"));
        let refused = statement.query::<sqlx::Sqlite>().err().expect("no statement").to_string();
        assert!(refused.contains("@till, @none"), "{refused}");
    }

    /// The files of a folder of the statements, by name.
    fn files(folder: &str) -> Vec<(String, String)> {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("sql/figures").join(folder);
        let files = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let files = files.filter(|path| path.extension().is_some_and(|end| end == "sql"));
        files
            .map(|path| {
                (path.file_name().unwrap().to_string_lossy().into_owned(), std::fs::read_to_string(&path).unwrap())
            })
            .collect()
    }

    fn names(text: &str) -> BTreeSet<&str> {
        let name = |token| if let Token::Name(name) = token { Some(name) } else { None };
        tokens(text).filter_map(name).collect()
    }

    #[test]
    fn parameters_are_set_for_every_statement_that_runs_by_hand_and_no_others() {
        let (parameters, statements): (Vec<_>, Vec<_>) =
            files("").into_iter().partition(|(file, _)| file == "parameters.sql");
        assert_eq!((parameters.len(), statements.len()), (1, 9));
        let mut asked = BTreeSet::new();
        for (file, text) in &statements {
            assert!(text.ends_with(";\n") && !text.contains('?'), "{file} does not run by hand");
            for name in names(text) {
                let head = text.lines().find(|line| line.starts_with("-- Asked with")).unwrap_or_default();
                assert!(head.contains(&format!("@{name}")), "{file} says nothing of @{name}");
                asked.insert(name);
            }
        }
        assert_eq!(names(&parameters[0].1), asked);
        for name in asked {
            assert_eq!(parameters[0].1.matches(&format!("\nSET @{name} = ")).count(), 1, "{name}");
        }
    }

    #[test]
    fn no_part_has_question_marks_or_an_end() {
        for (file, text) in files("parts") {
            let mut lines = text.lines().filter(|line| !line.starts_with("--"));
            assert!(!lines.any(|line| line.contains(['?', ';'])), "{file}");
        }
    }

    /// Words that MySQL 8 took for itself, and MariaDB and SQLite did not.
    #[test]
    fn nothing_is_called_by_a_word_of_mysqls() {
        const WORDS: [&str; 24] = [
            "cube",
            "cume_dist",
            "dense_rank",
            "empty",
            "except",
            "first_value",
            "function",
            "grouping",
            "groups",
            "intersect",
            "json_table",
            "lag",
            "last_value",
            "lateral",
            "lead",
            "manual",
            "nth_value",
            "ntile",
            "of",
            "over",
            "percent_rank",
            "rank",
            "row_number",
            "window",
        ];
        for (file, text) in files("").into_iter().chain(files("parts")) {
            let plain: String = tokens(&text)
                .filter_map(|token| if let Token::Plain(plain) = token { Some(plain) } else { None })
                .collect();
            let words: Vec<&str> = plain
                .split(|sign: char| !sign.is_alphanumeric() && sign != '_')
                .filter(|word| !word.is_empty())
                .collect();
            for pair in words.windows(2).filter(|pair| pair[0] == "AS") {
                assert!(!WORDS.contains(&pair[1].to_lowercase().as_str()), "{file}: AS {}", pair[1]);
            }
        }
    }

    #[test]
    fn an_inner_part_is_between_its_marks() {
        assert_eq!(between("a (b (c) d) e", "(", ")"), "b (c) d");
        assert_eq!((between("a (b", "(", ")"), between("a) b", "(", ")")), ("", ""));
    }
}
