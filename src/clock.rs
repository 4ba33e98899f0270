//! Time as a parameter: nothing else in Bannerline asks the operating system for the hour.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};

use chrono::{DateTime, Datelike, Timelike, Utc};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The first and the last millisecond that RFC 3339 can write (years 0000 to 9999).
const WRITABLE: (i64, i64) = (-62_167_219_200_000, 253_402_300_799_999);

/// An instant: milliseconds since 1970-01-01 UTC, which is also how the databases keep it.
///
/// Written, and read, as RFC 3339 in UTC with exactly three digits of fraction.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, utoipa::ToSchema)]
#[sqlx(transparent)]
#[schema(value_type = String, format = DateTime, examples("2026-11-21T10:00:00.123Z"))]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// Milliseconds since 1970-01-01 UTC.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Whole seconds since 1970-01-01 UTC, rounded down.
    #[must_use]
    pub const fn unix_seconds(self) -> i64 {
        self.0.div_euclid(1000)
    }

    /// Milliseconds from `earlier` to this instant; negative when it is not earlier.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i64 {
        self.0.saturating_sub(earlier.0)
    }

    /// This instant moved by `millis`, which may be negative.
    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    /// Reads RFC 3339 with any offset; digits below the millisecond are dropped.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        DateTime::parse_from_rfc3339(text).ok().map(|instant| Self(instant.timestamp_millis()))
    }

    /// As RFC 3339: always 24 characters of ASCII. Lists of a million calls have three million of them, so it is written
    /// digit by digit.
    #[must_use]
    pub fn rfc3339(self) -> [u8; 24] {
        // Out of range can only be a broken row; a clamped answer is better than none at all.
        let millis = self.0.clamp(WRITABLE.0, WRITABLE.1);
        let instant = DateTime::<Utc>::from_timestamp_millis(millis).unwrap_or_default();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        put_digits(&mut text[..4], instant.year().unsigned_abs());
        put_digits(&mut text[5..7], instant.month());
        put_digits(&mut text[8..10], instant.day());
        put_digits(&mut text[11..13], instant.hour());
        put_digits(&mut text[14..16], instant.minute());
        put_digits(&mut text[17..19], instant.second());
        put_digits(&mut text[20..23], instant.timestamp_subsec_millis());
        text
    }
}

/// Writes the last digits of a number, as many as there is room for.
fn put_digits(room: &mut [u8], mut number: u32) {
    for digit in room.iter_mut().rev() {
        *digit = b"0123456789"[(number % 10) as usize];
        number /= 10;
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(std::str::from_utf8(&self.rfc3339()).unwrap_or_default())
    }
}

impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse_rfc3339(&text).ok_or_else(|| {
            de::Error::invalid_value(
                de::Unexpected::Str(&text),
                &"an RFC 3339 date and time such as 2026-11-21T10:00:00.123Z",
            )
        })
    }
}

/// Tells the hour.
pub trait Clock: Send + Sync {
    /// The present instant.
    fn now(&self) -> Timestamp;
}

/// The clock of a running server: this machine's, moved to the database's, never going back.
///
/// Several instances share one database, so its time is the one they can agree on.
#[derive(Debug)]
pub struct SystemClock {
    offset_millis: AtomicI64,
    last_millis: AtomicI64,
}

impl SystemClock {
    /// A clock that follows this machine until an offset is set.
    #[must_use]
    pub const fn new() -> Self {
        Self { offset_millis: AtomicI64::new(0), last_millis: AtomicI64::new(i64::MIN) }
    }

    /// Database time minus this machine's time, as last sampled.
    ///
    /// A smaller offset than before makes the clock stand still until it has caught up.
    pub fn set_offset_millis(&self, offset: i64) {
        self.offset_millis.store(offset, Ordering::Relaxed);
    }

    /// The offset in use.
    #[must_use]
    pub fn offset_millis(&self) -> i64 {
        self.offset_millis.load(Ordering::Relaxed)
    }

    /// This machine's own time, which an offset is measured against.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the one place where the operating system is asked")]
    pub fn machine_now() -> Timestamp {
        Timestamp(Utc::now().timestamp_millis())
    }

    fn at(&self, machine: Timestamp) -> Timestamp {
        let shown = machine.plus_millis(self.offset_millis()).millis();
        let before = self.last_millis.fetch_max(shown, Ordering::AcqRel);
        Timestamp(shown.max(before))
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        self.at(Self::machine_now())
    }
}

/// A clock for tests: it stands until it is told to move.
#[derive(Debug)]
pub struct FixedClock(AtomicI64);

impl FixedClock {
    /// A clock that stands at `now`.
    #[must_use]
    pub const fn new(now: Timestamp) -> Self {
        Self(AtomicI64::new(now.0))
    }

    /// Moves to `now`, backwards too.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.0, Ordering::SeqCst);
    }

    /// Moves on by `millis` and answers the new instant.
    pub fn advance(&self, millis: i64) -> Timestamp {
        Timestamp(self.0.fetch_add(millis, Ordering::SeqCst) + millis)
    }
}

impl Clock for FixedClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_in_utc_with_exactly_three_digits() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (1_795_255_200_123, "2026-11-21T10:00:00.123Z"),
            (1_795_255_200_100, "2026-11-21T10:00:00.100Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
        ] {
            assert_eq!(Timestamp(millis).to_string(), text);
            assert_eq!(Timestamp::parse_rfc3339(text), Some(Timestamp(millis)));
            let json = serde_json::to_string(&Timestamp(millis)).unwrap();
            assert_eq!(json, format!("\"{text}\""));
            assert_eq!(serde_json::from_str::<Timestamp>(&json).unwrap(), Timestamp(millis));
        }
    }

    #[test]
    fn written_as_the_library_writes_it() {
        let step = (WRITABLE.1 - WRITABLE.0) / 9_973;
        for millis in (WRITABLE.0..=WRITABLE.1).step_by(usize::try_from(step).unwrap()) {
            let library = DateTime::<Utc>::from_timestamp_millis(millis).unwrap();
            let library = library.to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(Timestamp(millis).to_string(), library);
        }
    }

    #[test]
    fn offsets_are_understood_and_finer_digits_dropped() {
        let ten = Timestamp::parse_rfc3339("2026-11-21T10:00:00Z");
        assert!(ten.is_some());
        assert_eq!(Timestamp::parse_rfc3339("2026-11-21T15:30:00+05:30"), ten);
        assert_eq!(Timestamp::parse_rfc3339("2026-11-21T10:00:00.000999Z"), ten);
        // Before 1970 the finer digits are dropped downwards as well.
        assert_eq!(Timestamp::parse_rfc3339("1969-12-31T23:59:59.9995Z"), Some(Timestamp(-1)));
    }

    #[test]
    fn what_is_not_rfc_3339_is_nothing() {
        for text in [
            "",
            "2026-11-21",
            "2026-11-21T10:00:00",
            "21.11.2026 10:00",
            "1795255200123",
            "2026-02-30T10:00:00Z",
            "2026-11-21T25:00:00Z",
            "2026-11-21T10:00:00Zx",
        ] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text}");
        }
        assert!(serde_json::from_str::<Timestamp>("1795255200123").is_err());
    }

    #[test]
    fn the_edges_are_clamped_and_do_not_panic() {
        assert_eq!(Timestamp(WRITABLE.0).to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(i64::MIN).to_string(), "0000-01-01T00:00:00.000Z");
        assert_eq!(Timestamp(WRITABLE.1).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(i64::MAX).to_string(), "9999-12-31T23:59:59.999Z");
        assert_eq!(Timestamp(i64::MAX).plus_millis(1), Timestamp(i64::MAX));
        assert_eq!(Timestamp(i64::MIN).since(Timestamp(1)), i64::MIN);
    }

    #[test]
    fn differences_have_a_sign() {
        let (a, b) = (Timestamp(1_000), Timestamp(2_500));
        assert_eq!((b.since(a), a.since(b)), (1_500, -1_500));
        assert_eq!(a.plus_millis(1_500), b);
        assert_eq!((b.unix_seconds(), Timestamp(-1).unix_seconds()), (2, -1));
    }

    #[test]
    fn the_system_clock_follows_the_offset_and_never_goes_back() {
        let clock = SystemClock::new();
        assert_eq!(clock.at(Timestamp(10_000)), Timestamp(10_000));
        clock.set_offset_millis(500);
        assert_eq!(clock.at(Timestamp(10_000)), Timestamp(10_500));
        clock.set_offset_millis(-5_000);
        assert_eq!(clock.at(Timestamp(10_100)), Timestamp(10_500), "it stands still");
        assert_eq!(clock.at(Timestamp(15_499)), Timestamp(10_500), "until it has caught up");
        assert_eq!(clock.at(Timestamp(15_501)), Timestamp(10_501));
    }

    #[test]
    fn the_system_clock_is_todays() {
        let now = SystemClock::default().now();
        assert!(now > Timestamp(1_700_000_000_000) && now < Timestamp(WRITABLE.1), "{now}");
    }

    #[test]
    fn the_fixed_clock_moves_when_told() {
        let clock = FixedClock::new(Timestamp(5));
        assert_eq!(clock.now(), Timestamp(5));
        assert_eq!(clock.advance(10), Timestamp(15));
        assert_eq!(clock.now(), Timestamp(15));
        clock.set(Timestamp(1));
        assert_eq!(clock.now(), Timestamp(1));
    }
}
