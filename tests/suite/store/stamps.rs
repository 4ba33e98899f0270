//! Stamps: entry ≤ start ≤ end whatever the clock does, and dates that people can read.

use bannerline::clock::Timestamp;
use bannerline::domain::ids::SessionId;
use bannerline::store::events;

use super::raw::Raw;
use super::{Office, TEN, customer, representative};
use crate::support::{Backend, run};

both! {
    a_clock_that_goes_back_turns_no_stamps_round,
    the_readable_view_shows_dates_in_utc,
    the_readable_view_counts_from_entry_to_start_to_end,
}

const HOUR: i64 = 3_600_000;

/// What the clock says, as milliseconds from ten o'clock, at the join, the claim, the two connections and the end.
const CLOCKS: [[i64; 5]; 7] = [
    [0, 1_000, 2_000, 3_000, 9_000],
    [0, -1, -2, -3, -4],
    [0, -HOUR, -2 * HOUR, -3 * HOUR, -4 * HOUR],
    [0, 5_000, 10_000, 20_000, 15_000],
    [0, HOUR, -HOUR, HOUR, -HOUR],
    [-HOUR, -2 * HOUR, 0, -HOUR, -3 * HOUR],
    [0, 0, 0, 0, 0],
];

async fn a_clock_that_goes_back_turns_no_stamps_round(backend: Backend) {
    let office = Office::open(backend).await;
    let rep = office.rep("rita").await;
    for clocks in CLOCKS {
        let at = clocks.map(|offset| TEN.plus_millis(offset));
        office.clock.set(TEN);
        let id = office.requested().await;
        office.clock.set(at[0]);
        office.desk.join(id, None).await.unwrap();
        office.clock.set(at[1]);
        assert_eq!(office.desk.claim(rep, false).await.unwrap().unwrap().id, id);
        office.clock.set(at[2]);
        office.desk.joined(&customer(id), id, None).await.unwrap();
        office.clock.set(at[3]);
        office.desk.joined(&representative(rep), id, None).await.unwrap();
        office.clock.set(at[4]);
        office.desk.end(&representative(rep), id, None, false).await.unwrap();

        let life = office.session(id).await.life;
        let (entry, start, end) = (life.queued_at.unwrap(), life.started_at.unwrap(), life.ended_at.unwrap());
        // Later of what the clock says and what was before: nothing else.
        assert_eq!((entry, start), (at[0], at[3].max(at[0])), "{clocks:?}");
        assert_eq!(end, at[4].max(start), "{clocks:?}");
        let mut raw = office.raw().await;
        let log = events::of_session(raw.conn(), id).await.unwrap();
        assert_eq!(events::replay(&log).unwrap(), Some(life), "{clocks:?}");
    }
    let mut raw = office.raw().await;
    let wrong = "SELECT COUNT(*) FROM calls_readable WHERE queue_seconds < 0 OR conversation_seconds < 0";
    assert_eq!(raw.number(wrong).await, 0);
    assert_eq!(raw.number("SELECT COUNT(*) FROM calls_readable").await, 7);
}

/// Without a conversation: the end comes after the entry.
#[test]
fn who_leaves_before_they_came_left_when_they_came() {
    run(async {
        let office = Office::open(Backend::Sqlite).await;
        let id = office.waiting().await;
        office.clock.set(Timestamp(TEN.0 - HOUR));
        office.desk.leave(id).await.unwrap();
        assert_eq!(office.session(id).await.life.ended_at, Some(TEN));
    });
}

/// An instant and how people write it: leap days, ends of days, and hours that exist twice or not at all in some
/// countries.
const DATES: [(i64, &str); 9] = [
    (1_795_255_200_123, "2026-11-21 10:00:00.123"),
    (1_795_255_200_000, "2026-11-21 10:00:00.000"),
    (1_709_164_799_999, "2024-02-28 23:59:59.999"),
    (1_709_251_199_001, "2024-02-29 23:59:59.001"),
    (1_774_746_000_500, "2026-03-29 01:00:00.500"),
    (1_792_893_600_007, "2026-10-25 02:00:00.007"),
    (1_798_761_599_999, "2026-12-31 23:59:59.999"),
    (4_102_444_800_000, "2100-01-01 00:00:00.000"),
    (2_147_483_648_000, "2038-01-19 03:14:08.000"),
];

async fn the_readable_view_shows_dates_in_utc(backend: Backend) {
    let office = Office::open(backend).await;
    let mut raw = office.raw().await;
    if backend == Backend::MariaDb {
        // Whoever reads it may live anywhere.
        raw.execute("SET SESSION time_zone = '+05:45'").await;
    }
    for (millis, text) in DATES {
        office.clock.set(Timestamp(millis));
        let id = office.waiting().await;
        office.desk.leave(id).await.unwrap();
        let row = readable(&mut raw, id).await;
        assert_eq!((date(row.0.as_ref()), row.1, date(row.2.as_ref())), (text.to_owned(), None, text.to_owned()));
    }
}

type Readable = (Option<String>, Option<String>, Option<String>, Option<f64>, Option<f64>);

async fn readable(raw: &mut Raw, id: SessionId) -> Readable {
    let text = format!(
        "SELECT CAST(queue_entry_time AS CHAR), CAST(conversation_start_time AS CHAR), CAST(session_end_time AS CHAR), \
         CAST(queue_seconds AS DOUBLE), CAST(conversation_seconds AS DOUBLE) FROM calls_readable WHERE session_id = '{id}'"
    );
    let mut rows: Vec<Readable> = raw.rows(&text).await;
    assert_eq!(rows.len(), 1, "one row each");
    rows.remove(0)
}

/// MariaDB shows microseconds, of which the last three must be none.
fn date(text: Option<&String>) -> String {
    let text = text.expect("a date");
    let (shown, rest) = text.split_at(23);
    assert!(rest.is_empty() || rest == "000", "{text}");
    shown.to_owned()
}

async fn the_readable_view_counts_from_entry_to_start_to_end(backend: Backend) {
    let office = Office::open(backend).await;
    let (id, rep) = (office.waiting().await, office.rep("rita").await);
    office.clock.advance(1_234);
    office.desk.claim(rep, false).await.unwrap();
    let mut raw = office.raw().await;
    let row = readable(&mut raw, id).await;
    assert_eq!((row.1, row.2, row.3, row.4), (None, None, None, None));
    office.desk.joined(&customer(id), id, None).await.unwrap();
    office.desk.joined(&representative(rep), id, None).await.unwrap();
    let row = readable(&mut raw, id).await;
    assert_eq!((date(row.1.as_ref()), row.3, row.4), ("2026-11-21 10:00:01.234".to_owned(), Some(1.234), None));
    office.clock.advance(60_001);
    office.desk.end(&customer(id), id, None, false).await.unwrap();
    let row = readable(&mut raw, id).await;
    assert_eq!((date(row.2.as_ref()), row.3, row.4), ("2026-11-21 10:01:01.235".to_owned(), Some(1.234), Some(60.001)));
}
