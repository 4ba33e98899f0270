//! Wrap-ups by the clock of the test: when they begin, each way out of them, and what the log says of both.

use bannerline::desk::DeskError;
use bannerline::desk::wrap_up::Author;
use bannerline::domain::activity::{Activity, Choice};
use bannerline::domain::ids::{RepId, SessionId};
use bannerline::domain::presence::GRACE_MILLIS;
use bannerline::domain::wrap_up::Said;
use bannerline::store::activities::Duty;
use bannerline::store::{rollups, sessions};
use tokio::time::timeout;
use uuid::Uuid;

use super::{Office, TEN, customer, representative};
use crate::support::{Backend, eventually, seconds};

both! {
    a_wrap_up_is_over_when_its_time_is_up,
    whoever_is_done_goes_on_at_once,
    the_next_customer_ends_it,
    another_choice_ends_it_and_the_next_one_waits_for_it,
    a_closed_console_ends_it,
    two_instances_end_it_once,
    the_last_caller_is_wrapped_up_and_not_before,
    without_a_conversation_there_is_none,
    whoever_vanished_is_wrapped_up_from_when_it_is_known,
    what_an_older_version_leaves_behind_comes_to_an_end,
    what_is_said_at_the_same_moment_is_all_kept,
    a_word_that_left_the_list_may_stay,
    who_may_not_speak_of_it_waits_for_nobody,
}

const MINUTE: i64 = 60_000;

impl Office {
    /// An office whose queue gives a minute, and a representative who is available there.
    async fn with_wrap_up(backend: Backend) -> (Self, RepId) {
        let office = Self::open(backend).await;
        let rita = office.rep("rita").await;
        let mut raw = office.raw().await;
        raw.execute("UPDATE reps SET holder = X'00000000000000000000000000000001'").await;
        raw.execute("UPDATE queues SET wrap_up_seconds = 60").await;
        office.desk.choose(rita, &choice("available")).await.unwrap();
        office.clock.advance(1_000);
        (office, rita)
    }

    /// The oldest who waits talks with this representative.
    async fn talks(&self, rep: RepId) -> SessionId {
        let waiting = self.waiting().await;
        let session = self.desk.claim(rep, true).await.unwrap().expect("somebody waits").id;
        assert_eq!(session, waiting, "the only one");
        self.desk.joined(&customer(session), session, None).await.unwrap();
        self.desk.joined(&representative(rep), session, None).await.unwrap();
        session
    }

    async fn ends(&self, rep: RepId, session: SessionId) {
        self.desk.end(&representative(rep), session, None, false).await.unwrap();
    }

    /// A conversation that took 5 seconds, and its wrap-up has begun.
    async fn wraps_up(&self, rep: RepId) -> SessionId {
        let session = self.talks(rep).await;
        self.clock.advance(5_000);
        self.ends(rep, session).await;
        let duty = self.duty(rep).await;
        let now = self.desk.now();
        assert_eq!((duty.activity, duty.wrapped_up(), duty.activity_since), (Activity::WrapUp, Some(session), now));
        assert_eq!(duty.wrap_up_until, Some(now.plus_millis(MINUTE)));
        session
    }

    async fn duty(&self, rep: RepId) -> Duty {
        self.desk.duty(rep).await.unwrap()
    }

    /// Nothing of a wrap-up is left on the row.
    async fn is_over(&self, rep: RepId, activity: Activity) -> Duty {
        let duty = self.duty(rep).await;
        assert_eq!((duty.activity, duty.wrap_up_session, duty.wrap_up_until), (activity, None, None));
        duty
    }

    /// The log of activities: what, why it began, how many seconds after ten, and whether it has a session.
    async fn log(&self) -> Vec<(String, String, i64, bool)> {
        let text = format!(
            "SELECT activity, cause, (at - {}) / 1000, CASE WHEN session_id IS NULL THEN 0 ELSE 1 END \
             FROM rep_activities ORDER BY at, id",
            TEN.millis()
        );
        // What is divided is a decimal number for MySQL.
        let text = text.replace("(at", "CAST((at").replace("/ 1000", "/ 1000 AS SIGNED)");
        let rows: Vec<(String, String, i64, i64)> = self.raw().await.rows(&text).await;
        rows.into_iter().map(|(activity, cause, at, session)| (activity, cause, at, session == 1)).collect()
    }
}

fn choice(activity: &str) -> Choice {
    Choice::parse(activity, None).unwrap()
}

fn author(rep: RepId) -> Author {
    Author { user: rep, administers: false }
}

fn said(disposition: Option<&str>, notes: Option<&str>) -> Said {
    Said { disposition: disposition.map(str::to_owned), notes: notes.map(str::to_owned) }
}

fn entry(activity: &str, cause: &str, at: i64, of_session: bool) -> (String, String, i64, bool) {
    (activity.to_owned(), cause.to_owned(), at, of_session)
}

async fn a_wrap_up_is_over_when_its_time_is_up(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    office.wraps_up(rita).await;
    let waits = office.waiting().await;
    office.clock.advance(MINUTE - 1);
    office.desk.tend_offers().await.unwrap();
    assert_eq!(office.duty(rita).await.activity, Activity::WrapUp, "a millisecond is left");
    assert!(office.desk.offers_to(rita).await.unwrap().is_empty(), "nobody rings who wraps up");
    // However late somebody looks.
    office.clock.advance(30_001);
    office.desk.tend_offers().await.unwrap();
    let duty = office.is_over(rita, Activity::Available).await;
    assert_eq!((duty.activity_since, duty.next_activity), (TEN.plus_millis(66_000), None), "dated at the deadline");
    assert_eq!(office.desk.offers_to(rita).await.unwrap()[0].0.session_id, waits, "and in the same turn it rings");
    let expected = [
        entry("available", "chosen", 0, false),
        entry("onCall", "call", 1, false),
        entry("wrapUp", "callOver", 6, true),
        entry("available", "wrapUpOver", 66, false),
    ];
    assert_eq!(office.log().await, expected);
}

async fn whoever_is_done_goes_on_at_once(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    let first = office.wraps_up(rita).await;
    office.clock.advance(2_000);
    let kept = office.desk.wrap_up(author(rita), first, &said(None, Some("half")), false).await.unwrap();
    assert_eq!((kept.said.notes(), kept.until), (Some("half"), office.duty(rita).await.wrap_up_until));
    assert_eq!(office.duty(rita).await.activity, Activity::WrapUp, "to save is not to be done");
    let kept = office.desk.wrap_up(author(rita), first, &Said::default(), true).await.unwrap();
    assert_eq!((kept.said.notes(), kept.until), (Some("half"), None), "done says nothing else");
    assert_eq!(office.is_over(rita, Activity::Available).await.activity_since, office.desk.now());

    // Of another call it ends nothing.
    let second = office.wraps_up(rita).await;
    office.desk.wrap_up(author(rita), first, &said(None, Some("later")), true).await.unwrap();
    assert_eq!(office.duty(rita).await.wrapped_up(), Some(second));
    let admin = Author { user: office.rep("boss").await, administers: true };
    office.desk.wrap_up(admin, second, &Said::default(), true).await.unwrap();
    office.is_over(rita, Activity::Available).await;
    let causes = "SELECT cause FROM rep_activities WHERE activity = 'available' ORDER BY at, id";
    assert_eq!(office.raw().await.texts(causes).await, ["chosen", "wrapUpDone", "wrapUpDone"]);
}

async fn the_next_customer_ends_it(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    office.wraps_up(rita).await;
    assert!(office.desk.claim(rita, false).await.unwrap().is_none(), "nobody waits");
    assert_eq!(office.duty(rita).await.activity, Activity::WrapUp, "and so nothing changes");
    let lunch = Choice::parse("break", Some("lunch")).unwrap();
    office.desk.choose_next(rita, &lunch).await.unwrap();
    office.clock.advance(3_000);
    let next = office.waiting().await;
    assert_eq!(office.desk.claim(rita, false).await.unwrap().unwrap().id, next);
    let duty = office.is_over(rita, Activity::OnCall).await;
    let follows = (duty.next_activity, duty.next_reason.as_deref());
    assert_eq!(follows, (Some(Activity::Break), Some("lunch")), "what was to follow the wrap-up follows the call");
    office.clock.advance(MINUTE);
    office.desk.tend_offers().await.unwrap();
    office.is_over(rita, Activity::OnCall).await;
    // The connection never came about.
    office.ends(rita, next).await;
    office.is_over(rita, Activity::Break).await;
    let expected = [
        entry("available", "chosen", 0, false),
        entry("onCall", "call", 1, false),
        entry("wrapUp", "callOver", 6, true),
        entry("onCall", "call", 9, false),
        entry("break", "callOver", 69, false),
    ];
    assert_eq!(office.log().await, expected);
}

async fn another_choice_ends_it_and_the_next_one_waits_for_it(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    for activity in ["break", "offline", "available"] {
        let session = office.wraps_up(rita).await;
        let next = office.desk.choose_next(rita, &choice("break")).await.unwrap();
        assert_eq!((next.wrapped_up(), next.next_activity), (Some(session), Some(Activity::Break)));
        let duty = office.desk.choose(rita, &choice(activity)).await.unwrap();
        assert_eq!((duty.activity.as_str(), duty.next_activity), (activity, None));
        office.is_over(rita, duty.activity).await;
        // With no wrap-up to wait for, it is what they do now.
        office.desk.choose_next(rita, &choice("offline")).await.unwrap();
        office.is_over(rita, Activity::Offline).await;
    }
    let session = office.wraps_up(rita).await;
    office.desk.choose_next(rita, &choice("available")).await.unwrap();
    office.desk.wrap_up(author(rita), session, &Said::default(), true).await.unwrap();
    office.is_over(rita, Activity::Available).await;
}

async fn a_closed_console_ends_it(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    office.desk.start_jobs(None).await.expect("the jobs start");
    office.wraps_up(rita).await;
    let closed = office.desk.now().millis();
    office.raw().await.execute(&format!("UPDATE reps SET closed_at = {closed}")).await;
    // Nothing is judged before a grace has passed since the start; the deadline is far.
    office.clock.advance(GRACE_MILLIS + 1);
    eventually("the representative is offline", seconds(15), async || {
        (office.duty(rita).await.activity == Activity::Offline).then_some(())
    })
    .await;
    assert_eq!(office.is_over(rita, Activity::Offline).await.next_activity, None);
    assert_eq!(office.log().await.last().unwrap().1, "gone");
}

async fn two_instances_end_it_once(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    let other = office.second_desk().await;
    for _ in 0..8 {
        office.wraps_up(rita).await;
        office.clock.advance(MINUTE);
        let (one, two) = tokio::join!(office.desk.tend_offers(), other.tend_offers());
        one.unwrap();
        two.unwrap();
        office.is_over(rita, Activity::Available).await;
        office.clock.advance(1_000);
    }
    let over = "SELECT COUNT(*) FROM rep_activities WHERE cause = 'wrapUpOver'";
    assert_eq!(office.raw().await.number(over).await, 8, "each once");
}

async fn the_last_caller_is_wrapped_up_and_not_before(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    office.raw().await.execute("UPDATE reps SET capacity = 3").await;
    let first = office.talks(rita).await;
    let second = office.talks(rita).await;
    office.ends(rita, first).await;
    assert_eq!(office.is_over(rita, Activity::OnCall).await.next_activity, Some(Activity::Available));
    // It can be said all the same.
    let kept = office.desk.wrap_up(author(rita), first, &said(None, Some("the first")), true).await.unwrap();
    assert_eq!((kept.said.notes(), kept.until), (Some("the first"), None));
    office.is_over(rita, Activity::OnCall).await;
    office.ends(rita, second).await;
    assert_eq!(office.duty(rita).await.wrapped_up(), Some(second));
    let third = office.talks(rita).await;
    assert_eq!(office.is_over(rita, Activity::OnCall).await.next_activity, Some(Activity::Available));
    office.ends(rita, third).await;
    assert_eq!(office.duty(rita).await.wrapped_up(), Some(third));
}

async fn without_a_conversation_there_is_none(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    let missed = office.waiting().await;
    office.desk.claim(rita, false).await.unwrap().unwrap();
    let early = office.desk.wrap_up(author(rita), missed, &said(None, Some("?")), true).await;
    assert!(matches!(early, Err(DeskError::NoConversation(_))), "{early:?}");
    office.ends(rita, missed).await;
    office.is_over(rita, Activity::Available).await;
    let never = office.desk.wrap_up(author(rita), missed, &said(None, Some("?")), true).await;
    assert!(matches!(never, Err(DeskError::NoConversation(_))), "{never:?}");

    office.raw().await.execute("UPDATE queues SET wrap_up_seconds = 0").await;
    let session = office.talks(rita).await;
    office.ends(rita, session).await;
    office.is_over(rita, Activity::Available).await;
    let kept = office.desk.wrap_up(author(rita), session, &said(None, Some("all the same")), false).await.unwrap();
    assert_eq!(kept.said.notes(), Some("all the same"));
}

async fn whoever_vanished_is_wrapped_up_from_when_it_is_known(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    office.raw().await.execute("UPDATE queues SET wrap_up_seconds = 5").await;
    office.desk.start_jobs(None).await.expect("the jobs start");
    let session = office.talks(rita).await;
    let closed = office.desk.now();
    let gone = format!("UPDATE sessions SET holder = X'{}', closed_at = {}", Uuid::nil().simple(), closed.millis());
    office.raw().await.execute(&gone).await;
    office.clock.advance(GRACE_MILLIS + 1);
    let duty = eventually("the call is wrapped up", seconds(15), async || {
        Some(office.duty(rita).await).filter(|duty| duty.wrapped_up() == Some(session))
    })
    .await;
    assert_eq!(duty.activity_since, closed, "the call was over when the page went");
    assert_eq!(duty.wrap_up_until, Some(office.desk.now().plus_millis(5_000)), "its time is all there");
}

async fn what_an_older_version_leaves_behind_comes_to_an_end(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    // It takes what it finds for what follows the call, and knows of no deadline.
    office.raw().await.execute("UPDATE reps SET activity = 'wrapUp', next_activity = 'wrapUp'").await;
    office.desk.tend_offers().await.unwrap();
    office.desk.tend_offers().await.unwrap();
    office.is_over(rita, Activity::Offline).await;
}

async fn what_is_said_at_the_same_moment_is_all_kept(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    office.raw().await.execute("UPDATE campaigns SET outcomes = '[\"Sold\",\"Later\"]'").await;
    for number in 0..12 {
        let session = office.talks(rita).await;
        office.raw().await.execute("UPDATE campaigns SET outcomes = '[\"Sold\",\"Later\"]'").await;
        let notes = format!("call {number}");
        let (word, text) = (said(Some("Later"), None), said(None, Some(&notes)));
        let (one, two) = tokio::join!(
            office.desk.wrap_up(author(rita), session, &word, false),
            office.desk.wrap_up(author(rita), session, &text, false)
        );
        one.unwrap();
        two.unwrap();
        let kept = office.desk.wrapping(author(rita), session).await.unwrap();
        assert_eq!((kept.said.disposition(), kept.said.notes()), (Some("Later"), Some(notes.as_str())));
        office.ends(rita, session).await;
    }
}

async fn a_word_that_left_the_list_may_stay(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    let session = office.wraps_up(rita).await;
    let none = office.desk.wrap_up(author(rita), session, &said(Some("Sold"), None), false).await;
    assert!(matches!(none, Err(DeskError::Invalid(_))), "{none:?}");
    office.raw().await.execute("UPDATE campaigns SET outcomes = '[\"Sold\",\"Later\"]'").await;
    office.desk.wrap_up(author(rita), session, &said(Some("Sold"), None), false).await.unwrap();
    office.raw().await.execute("UPDATE campaigns SET outcomes = '[\"Later\"]'").await;
    let kept = office.desk.wrap_up(author(rita), session, &said(Some("Sold"), Some("still")), false).await.unwrap();
    assert_eq!((kept.said.disposition(), kept.said.notes()), (Some("Sold"), Some("still")));
    office.desk.wrap_up(author(rita), session, &said(Some("Later"), None), false).await.unwrap();
    let gone = office.desk.wrap_up(author(rita), session, &said(Some("Sold"), None), false).await;
    assert!(matches!(gone, Err(DeskError::Invalid(_))), "{gone:?}");
}

/// While somebody writes, and would have to be waited for.
async fn who_may_not_speak_of_it_waits_for_nobody(backend: Backend) {
    let (office, rita) = Office::with_wrap_up(backend).await;
    let session = office.wraps_up(rita).await;
    let rosa = office.rep("rosa").await;
    let mut tx = office.desk.db.begin().await.unwrap();
    rollups::lock(&mut tx).await.unwrap();
    sessions::lock(&mut tx, session).await.unwrap();
    let says = async |who: RepId| {
        let word = said(None, Some("a word"));
        timeout(seconds(2), office.desk.wrap_up(author(who), session, &word, false)).await
    };
    assert!(matches!(says(rosa).await, Ok(Err(DeskError::NotFound))));
    assert!(!matches!(says(rita).await, Ok(Ok(_))), "whoever may does wait");
    drop(tx);
    assert!(matches!(says(rita).await, Ok(Ok(_))));
}
