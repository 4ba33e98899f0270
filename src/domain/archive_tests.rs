//! Lines that are good, and what is wrong with those that are not.

use proptest::prelude::*;

use super::*;

fn now() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-21T12:00:00Z").unwrap()
}

const GOOD: [(&str, &str); 5] = [
    ("CampaignId", "5"),
    ("BannerId", "3"),
    ("QueueEntryTime", "2026-11-21T10:00:00.500Z"),
    ("ConversationStartTime", "2026-11-21T11:00:03+01:00"),
    ("SessionEndTime", "2026-11-21T10:01:00Z"),
];

/// The good line with other values in it.
fn line(changed: &[(&str, &str)]) -> Result<Told, Reason> {
    let mut fields = Fields::default();
    for (name, text) in GOOD.iter().chain(changed) {
        fields.set(Column::named(name).unwrap(), (*text).to_owned());
    }
    Told::read(fields, now())
}

#[test]
fn what_is_absent_is_derived() {
    let told = line(&[]).unwrap();
    assert_eq!((told.outcome(), told.handled_ms()), (Outcome::Answered, 57_000));
    let gone = line(&[("ConversationStartTime", "")]).unwrap();
    assert_eq!((gone.outcome(), gone.handled_ms()), (Outcome::Abandoned, 0));
}

#[test]
fn an_id_is_made_of_what_the_line_says() {
    let one = line(&[]).unwrap().id;
    assert_eq!(line(&[("UserAgent", "")]).unwrap().id, one);
    assert_ne!(line(&[("UserAgent", "x")]).unwrap().id, one);
    assert_ne!(line(&[("RepresentativeName", "x")]).unwrap().id, line(&[("UserAgent", "x")]).unwrap().id);
    assert!(one >= SessionId::earliest(line(&[]).unwrap().queued_at));
    let own = "0".repeat(31) + "a";
    assert_eq!(line(&[("Sessionid", &own)]).unwrap().id.to_string(), own);
}

#[test]
fn seconds_are_exact() {
    for (text, millis) in [("0", 0), ("3", 3_000), ("3.2", 3_200), ("3.25", 3_250), ("0.001", 1), ("12.", 12_000)] {
        assert_eq!(line(&[("AnswerWithinSeconds", text)]).unwrap().answer_within_ms, Some(millis), "{text}");
    }
}

#[test]
fn each_mistake_has_a_sentence() {
    let (long, month) = ("x".repeat(513), "2026-10-01T00:00:00Z");
    for (name, text, said) in [
        ("CampaignId", "", "CampaignId is missing"),
        ("BannerId", "", "BannerId is missing"),
        ("QueueEntryTime", "", "QueueEntryTime is missing"),
        ("SessionEndTime", "", "was under way"),
        ("CampaignId", "ä", "CampaignId must be 1 to 100 visible ASCII characters"),
        ("BannerId", "{bannerid}", "BannerId is an ad server's macro"),
        ("QueueEntryTime", "21.11.2026", "QueueEntryTime is no date and time"),
        ("QueueEntryTime", "1999-12-31T23:59:59Z", "QueueEntryTime is before the year 2000"),
        ("QueueEntryTime", "1969-12-31T23:59:59Z", "QueueEntryTime is before the year 2000"),
        ("SessionEndTime", "2026-11-21T12:06:00Z", "SessionEndTime lies in the future"),
        ("ConversationStartTime", "2026-11-21T10:00:00.499Z", "ConversationStartTime is before QueueEntryTime"),
        ("SessionEndTime", "2026-11-21T10:00:02Z", "SessionEndTime is before ConversationStartTime"),
        ("QueueEntryTime", month, "longer than 31 days"),
        ("UserAgent", &long, "UserAgent is longer than 512 characters"),
        ("UserAgent", "a\nb", "UserAgent has control characters"),
        ("UserIpAddress", "straße", "UserIpAddress is no address"),
        ("UserCountry", "Germany", "UserCountry must be two capital letters"),
        ("Sessionid", "12", "Sessionid must be 32 hexadecimal digits"),
        ("Kind", "callback", "Kind must be one of call, test"),
        ("Outcome", "won", "Outcome must be one of answered, cancelled, abandoned, missed, failed, message"),
        ("Outcome", "missed", "Outcome is missed, and there is a ConversationStartTime"),
        ("Device", "fridge", "Device must be one of phone, tablet, computer, other"),
        ("QualifiedSeconds", "-1", "QualifiedSeconds must be a number of seconds"),
        ("QualifiedSeconds", "1e3", "QualifiedSeconds must be a number of seconds"),
        ("QualifiedSeconds", "0.0001", "QualifiedSeconds must be a number of seconds"),
        ("QualifiedSeconds", "999999999", "QualifiedSeconds is longer than 31 days"),
        ("RequeueSeconds", "60", "RequeueSeconds is more than the whole session took"),
        ("DroppedAfterAnswer", "tru", "DroppedAfterAnswer must be one of true, false"),
    ] {
        let reason = line(&[(name, text)]).unwrap_err();
        assert!(reason.contains(said), "{name} {text:?}: {reason}");
    }
    for (name, text) in [("RepresentativeName", "Ana"), ("WrapUpSeconds", "3"), ("Outcome", "answered")] {
        let reason = line(&[("ConversationStartTime", ""), (name, text)]).unwrap_err();
        assert!(reason.contains("there is no ConversationStartTime"), "{name}: {reason}");
    }
}

proptest! {
    #[test]
    fn no_text_is_too_much(texts in prop::collection::vec((0..Column::COUNT, ".{0,60}"), 0..6)) {
        let mut fields = Fields::default();
        for (name, text) in GOOD {
            fields.set(Column::named(name).unwrap(), text.to_owned());
        }
        for (column, text) in texts {
            fields.set(Column::ALL[column], text);
        }
        if let Err(reason) = Told::read(fields, now()) {
            prop_assert!(!reason.contains('\n') && reason.chars().count() < 600, "{}", reason);
        }
    }
}
