//! A session of the past as a file tells it: its columns, what each may hold, and what is made of what is absent.

use sha2::{Digest, Sha256};

use super::ids::{BannerId, CampaignId, SessionId};
use super::session::{Kind, Outcome};
use super::vocabulary::words;
use crate::clock::Timestamp;

words! {
    /// A column of the file. The first ten are those of `/getFullMetrics`.
    Column {
        /// The campaign.
        CampaignId = "CampaignId",
        /// The banner.
        BannerId = "BannerId",
        /// First queue entry.
        QueueEntryTime = "QueueEntryTime",
        /// First conversation start.
        ConversationStartTime = "ConversationStartTime",
        /// End.
        SessionEndTime = "SessionEndTime",
        /// The customer's address, as kept.
        UserIpAddress = "UserIpAddress",
        /// The customer's agent.
        UserAgent = "UserAgent",
        /// ISO 3166 code.
        UserCountry = "UserCountry",
        /// The first who answered, as named then.
        RepresentativeName = "RepresentativeName",
        /// The session.
        Sessionid = "Sessionid",
        /// A call or a trial.
        Kind = "Kind",
        /// How it ended.
        Outcome = "Outcome",
        /// The customer's kind of device.
        Device = "Device",
        /// The queue it was in last.
        QueueName = "QueueName",
        /// The name with which the first who answered logs in.
        RepresentativeUsername = "RepresentativeUsername",
        /// The service level's T.
        AnswerWithinSeconds = "AnswerWithinSeconds",
        /// A shorter wait does not count as abandoned.
        GoneEarlySeconds = "GoneEarlySeconds",
        /// From which duration on it counts as qualified.
        QualifiedSeconds = "QualifiedSeconds",
        /// Waited after the first queue entry was left.
        RequeueSeconds = "RequeueSeconds",
        /// With a representative, over all legs.
        HandleSeconds = "HandleSeconds",
        /// Wrapped up.
        WrapUpSeconds = "WrapUpSeconds",
        /// Whether it ended while the customer was not connected with anybody. It stands last and is never empty in what is exported,
        /// so that a line that is cut off is seen.
        DroppedAfterAnswer = "DroppedAfterAnswer",
    }
}

impl Column {
    /// How many there are.
    pub const COUNT: usize = Self::ALL.len();
    /// Those without which no line can be read.
    pub const REQUIRED: [Self; 3] = [Self::CampaignId, Self::BannerId, Self::QueueEntryTime];

    /// The column of this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|column| column.as_str() == name)
    }

    /// Whether JSON has it without quotation marks: a number, true or false.
    #[must_use]
    pub const fn is_bare(self) -> bool {
        matches!(
            self,
            Self::AnswerWithinSeconds
                | Self::GoneEarlySeconds
                | Self::QualifiedSeconds
                | Self::RequeueSeconds
                | Self::HandleSeconds
                | Self::WrapUpSeconds
                | Self::DroppedAfterAnswer
        )
    }
}

/// The values of a line, by column; empty ones are absent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Fields([Option<String>; Column::COUNT]);

impl Fields {
    /// Says what a column holds; an empty text is nothing.
    pub fn set(&mut self, column: Column, text: String) {
        self.0[column as usize] = Some(text).filter(|text| !text.is_empty());
    }

    fn take(&mut self, column: Column) -> Option<String> {
        self.0[column as usize].take()
    }
}

/// A session as a line tells it. What the line does not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Its id, made of all the rest if the line has none.
    pub id: SessionId,
    /// What it counts for.
    pub campaign_id: CampaignId,
    /// What it counts for.
    pub banner_id: BannerId,
    /// First queue entry.
    pub queued_at: Timestamp,
    /// First conversation start.
    pub started_at: Option<Timestamp>,
    /// End.
    pub ended_at: Timestamp,
    /// The customer's address, as kept.
    pub address: Option<String>,
    /// The customer's agent.
    pub user_agent: Option<String>,
    /// ISO 3166 code.
    pub country: Option<String>,
    /// The first who answered, as named then.
    pub representative_name: Option<String>,
    /// A call or a trial.
    pub kind: Option<Kind>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// The customer's kind of device.
    pub device: Option<String>,
    /// The queue's name.
    pub queue: Option<String>,
    /// The name with which the first who answered logs in.
    pub username: Option<String>,
    /// The service level's T.
    pub answer_within_ms: Option<i64>,
    /// A shorter wait does not count as abandoned.
    pub gone_early_ms: Option<i64>,
    /// From which duration on it counts as qualified.
    pub qualified_ms: Option<i64>,
    /// Waited after the first queue entry was left.
    pub requeue_ms: Option<i64>,
    /// With a representative.
    pub handled_ms: Option<i64>,
    /// Wrapped up.
    pub acw_ms: Option<i64>,
    /// Ended while the customer was not connected.
    pub dropped: Option<bool>,
}

/// Why a line cannot be used, as a sentence without its stop.
pub type Reason = String;

/// 2000-01-01: what is older is a mistake.
const EARLIEST: Timestamp = Timestamp(946_684_800_000);
/// Clocks differ a little.
const AHEAD_MILLIS: i64 = 5 * 60_000;
/// A month: nobody waits or talks for longer.
const LONGEST_MILLIS: i64 = 31 * 24 * 3_600_000;
/// The longest texts, in characters, as they are kept.
const MOST: [(Column, usize); 6] = [
    (Column::UserIpAddress, 100),
    (Column::UserAgent, 512),
    (Column::RepresentativeName, 200),
    (Column::Device, 20),
    (Column::QueueName, 100),
    (Column::RepresentativeUsername, 60),
];

impl Told {
    /// Reads a line.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn read(mut fields: Fields, now: Timestamp) -> Result<Self, Reason> {
        for (column, most) in MOST {
            check_text(&fields, column, most)?;
        }
        let digest = digest(&fields);
        let queued_at =
            time(&mut fields, Column::QueueEntryTime, now)?.ok_or_else(|| missing(Column::QueueEntryTime))?;
        let started_at = time(&mut fields, Column::ConversationStartTime, now)?;
        let ended_at = time(&mut fields, Column::SessionEndTime, now)?.ok_or_else(|| {
            "SessionEndTime is missing: only sessions that are over can be imported, and this one was under way"
                .to_owned()
        })?;
        in_order(queued_at, started_at, ended_at)?;
        let told = Self {
            id: id(&mut fields, queued_at, &digest)?,
            campaign_id: read(&mut fields, Column::CampaignId)?.ok_or_else(|| missing(Column::CampaignId))?,
            banner_id: read(&mut fields, Column::BannerId)?.ok_or_else(|| missing(Column::BannerId))?,
            queued_at,
            started_at,
            ended_at,
            address: fields.take(Column::UserIpAddress),
            user_agent: fields.take(Column::UserAgent),
            country: country(&mut fields)?,
            representative_name: fields.take(Column::RepresentativeName),
            kind: word(&mut fields, Column::Kind, &[Kind::Call, Kind::Test], Kind::as_str)?,
            outcome: word(&mut fields, Column::Outcome, Outcome::ALL, Outcome::as_str)?,
            device: word(&mut fields, Column::Device, &DEVICES, |device| device)?.map(str::to_owned),
            queue: fields.take(Column::QueueName),
            username: fields.take(Column::RepresentativeUsername),
            answer_within_ms: millis(&mut fields, Column::AnswerWithinSeconds)?,
            gone_early_ms: millis(&mut fields, Column::GoneEarlySeconds)?,
            qualified_ms: millis(&mut fields, Column::QualifiedSeconds)?,
            requeue_ms: millis(&mut fields, Column::RequeueSeconds)?,
            handled_ms: millis(&mut fields, Column::HandleSeconds)?,
            acw_ms: millis(&mut fields, Column::WrapUpSeconds)?,
            dropped: word(&mut fields, Column::DroppedAfterAnswer, &["true", "false"], |word| word)?
                .map(|word| word == "true"),
        };
        told.check()?;
        Ok(told)
    }

    /// What one value says must not contradict what another one says.
    fn check(&self) -> Result<(), Reason> {
        let lasted = self.ended_at.since(self.queued_at);
        let answered = self.started_at.is_some();
        if self.outcome.is_some_and(|outcome| (outcome == Outcome::Answered) != answered) {
            let outcome = self.outcome.map_or("", Outcome::as_str);
            let has = if answered { "is a" } else { "is no" };
            return Err(format!("Outcome is {outcome}, and there {has} ConversationStartTime"));
        }
        if self.requeue_ms.is_some_and(|millis| millis > lasted) {
            return Err("RequeueSeconds is more than the whole session took".to_owned());
        }
        let only_answered = [
            (self.acw_ms.is_some_and(|millis| millis > 0), Column::WrapUpSeconds),
            (self.dropped == Some(true), Column::DroppedAfterAnswer),
            (self.username.is_some(), Column::RepresentativeUsername),
            (self.representative_name.is_some(), Column::RepresentativeName),
        ];
        match only_answered.into_iter().find(|(said, _)| *said && !answered) {
            Some((_, column)) => {
                Err(format!("{} says that it was answered, and there is no ConversationStartTime", column.as_str()))
            }
            None => Ok(()),
        }
    }

    /// How it ended; what is not said is guessed: with a conversation answered, without one abandoned.
    #[must_use]
    pub fn outcome(&self) -> Outcome {
        let guess = if self.started_at.is_some() { Outcome::Answered } else { Outcome::Abandoned };
        self.outcome.unwrap_or(guess)
    }

    /// With a representative: as said, or from the start to the end.
    #[must_use]
    pub fn handled_ms(&self) -> i64 {
        self.handled_ms.unwrap_or_else(|| self.started_at.map_or(0, |start| self.ended_at.since(start)))
    }
}

/// The kinds of device that are told apart.
pub const DEVICES: [&str; 4] = ["phone", "tablet", "computer", "other"];

fn missing(column: Column) -> Reason {
    format!("{} is missing", column.as_str())
}

/// A value as a reason quotes it: not endless, and on one line.
fn quoted(text: &str) -> String {
    let mut shown: String = text.chars().take(40).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    format!("{shown:?}")
}

fn check_text(fields: &Fields, column: Column, most: usize) -> Result<(), Reason> {
    let Some(text) = &fields.0[column as usize] else { return Ok(()) };
    let name = column.as_str();
    if text.chars().count() > most {
        return Err(format!("{name} is longer than {most} characters"));
    }
    if text.chars().any(char::is_control) {
        return Err(format!("{name} has control characters"));
    }
    if column == Column::UserIpAddress && !text.is_ascii() {
        return Err(format!("{name} is no address: {}", quoted(text)));
    }
    Ok(())
}

fn read<T: std::str::FromStr<Err: std::fmt::Display>>(
    fields: &mut Fields,
    column: Column,
) -> Result<Option<T>, Reason> {
    let Some(text) = fields.take(column) else { return Ok(None) };
    text.parse().map(Some).map_err(|error| format!("{} {error}: {}", column.as_str(), quoted(&text)))
}

fn time(fields: &mut Fields, column: Column, now: Timestamp) -> Result<Option<Timestamp>, Reason> {
    let Some(text) = fields.take(column) else { return Ok(None) };
    let (name, shown) = (column.as_str(), quoted(&text));
    let at = Timestamp::parse_rfc3339(&text)
        .ok_or_else(|| format!("{name} is no date and time such as 2026-11-21T10:00:00.123Z: {shown}"))?;
    if at < EARLIEST {
        return Err(format!("{name} is before the year 2000: {shown}"));
    }
    if at > now.plus_millis(AHEAD_MILLIS) {
        return Err(format!("{name} lies in the future: {shown}"));
    }
    Ok(Some(at))
}

fn in_order(queued_at: Timestamp, started_at: Option<Timestamp>, ended_at: Timestamp) -> Result<(), Reason> {
    let wrong = if started_at.is_some_and(|start| start < queued_at) {
        "ConversationStartTime is before QueueEntryTime"
    } else if started_at.is_some_and(|start| ended_at < start) {
        "SessionEndTime is before ConversationStartTime"
    } else if ended_at < queued_at {
        "SessionEndTime is before QueueEntryTime"
    } else if ended_at.since(queued_at) > LONGEST_MILLIS {
        "it took longer than 31 days from QueueEntryTime to SessionEndTime"
    } else {
        return Ok(());
    };
    Err(wrong.to_owned())
}

fn country(fields: &mut Fields) -> Result<Option<String>, Reason> {
    let Some(text) = fields.take(Column::UserCountry) else { return Ok(None) };
    if text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        return Ok(Some(text));
    }
    Err(format!("UserCountry must be two capital letters: {}", quoted(&text)))
}

fn word<T: Copy>(
    fields: &mut Fields,
    column: Column,
    all: &[T],
    name: impl Fn(T) -> &'static str,
) -> Result<Option<T>, Reason> {
    let Some(text) = fields.take(column) else { return Ok(None) };
    let found = all.iter().copied().find(|one| name(*one) == text);
    let list = || all.iter().map(|one| name(*one)).collect::<Vec<_>>().join(", ");
    found.map(Some).ok_or_else(|| format!("{} must be one of {}: {}", column.as_str(), list(), quoted(&text)))
}

/// Seconds with at most three decimals, as milliseconds: exact, so not by way of a float.
fn millis(fields: &mut Fields, column: Column) -> Result<Option<i64>, Reason> {
    let Some(text) = fields.take(column) else { return Ok(None) };
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let digits = |part: &str, most: usize| part.len() <= most && part.bytes().all(|byte| byte.is_ascii_digit());
    let number = (!whole.is_empty() && digits(whole, 9) && digits(decimals, 3))
        .then(|| format!("{whole}{decimals:0<3}").parse::<i64>().ok())
        .flatten();
    match number {
        None => Err(format!(
            "{} must be a number of seconds, with three decimals at most: {}",
            column.as_str(),
            quoted(&text)
        )),
        Some(number) if number > LONGEST_MILLIS => Err(format!("{} is longer than 31 days", column.as_str())),
        number => Ok(number),
    }
}

/// What all of a line says: the same for the same values, whatever the order of their columns.
fn digest(fields: &Fields) -> [u8; 10] {
    let mut hash = Sha256::new();
    for (number, text) in fields.0.iter().enumerate() {
        if let Some(text) = text {
            hash.update(number.to_be_bytes());
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
    }
    let mut start = [0; 10];
    start.copy_from_slice(&hash.finalize()[..10]);
    start
}

fn id(fields: &mut Fields, queued_at: Timestamp, digest: &[u8; 10]) -> Result<SessionId, Reason> {
    Ok(read(fields, Column::Sessionid)?.unwrap_or_else(|| SessionId::derived(queued_at, digest)))
}

#[cfg(test)]
#[path = "archive_tests.rs"]
mod tests;
