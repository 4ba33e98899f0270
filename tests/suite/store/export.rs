//! Rows of all campaigns, in pages that are cut short because looking for them takes long: together they are the whole.

use std::time::Duration;

use bannerline::clock::Timestamp;
use bannerline::domain::rollup::Dimension;
use bannerline::domain::scope::Scope;
use bannerline::figures::cursor::{self, Place};
use bannerline::figures::export::Calls;
use bannerline::figures::format::Format;
use bannerline::store::Db;
use bannerline::store::calls::{Order, Which};
use bannerline::store::figures::Period;

use super::rollups::an_office_with_a_past;
use crate::support::{Backend, past};

both! {
    pages_that_are_cut_short_are_the_whole,
}

/// Every campaign beside those of the past: two without a call, before and behind the others.
const CAMPAIGNS: [&str; 5] = ["0", "7", "9", "A", "zz"];

/// All rows, in pages of so many that go on until something is found for as long; how many pages were cut short, and went on.
async fn read(
    db: &Db,
    which: &Which,
    order: Order,
    format: Format,
    rows: usize,
    patience: Duration,
) -> (String, usize) {
    let mut calls = Calls::new(db.clone(), which.clone(), order, format, Place::start(order), patience);
    let (mut text, mut cut) = (Vec::new(), 0);
    while calls.has_more() {
        let (page, rest) = calls.next_page(rows).await.expect("a page");
        calls = rest;
        text.extend(page);
        cut += usize::from(calls.written() < rows && calls.has_more());
        let place = cursor::read(&calls.cursor(), which, order).expect("where it ended");
        assert_eq!(cursor::written(&place, which, order), calls.cursor());
    }
    format.end(&mut text);
    (String::from_utf8(text).expect("text"), cut)
}

/// The same, each page by whoever brings the cursor of the one before; without what stands around rows.
async fn turned_over(db: &Db, which: &Which, order: Order) -> String {
    let (mut place, mut text) = (Place::start(order), Vec::new());
    loop {
        let calls = Calls::new(db.clone(), which.clone(), order, Format::Ndjson, place, Duration::ZERO);
        let (page, calls) = calls.next_page(5).await.expect("a page");
        text.extend(page);
        if !calls.has_more() {
            return String::from_utf8(text).expect("text");
        }
        place = cursor::read(&calls.cursor(), which, order).expect("where it ended");
    }
}

async fn pages_that_are_cut_short_are_the_whole(backend: Backend) {
    let office = an_office_with_a_past(backend, &past::random(0, 300)).await;
    let (db, mut raw) = (&office.desk.db, office.raw().await);
    for campaign in CAMPAIGNS {
        raw.execute(&format!("INSERT INTO campaigns (id, first_seen_at) VALUES ('{campaign}', 0)")).await;
    }
    for (number, campaign) in ["7", "9", "A"].iter().enumerate() {
        raw.execute(&format!("UPDATE sessions SET campaign_id = '{campaign}' WHERE ticket % 7 = {number}")).await;
        raw.execute(&format!("INSERT INTO banners (campaign_id, id, first_seen_at) VALUES ('{campaign}', 'b', 0)"))
            .await;
    }
    let filters = [vec![], vec![(Dimension::Country, "NZ".to_owned())], vec![(Dimension::Device, "tablet".to_owned())]];
    for (filters, banner) in filters.into_iter().flat_map(|filters| [(filters.clone(), None), (filters, Some("b"))]) {
        let period = Period { from: Timestamp(0), to: Timestamp(i64::MAX), tests: false };
        let nobody = filters.iter().any(|(_, value)| value == "tablet");
        let banner = banner.map(|id| id.parse().unwrap());
        let which = Which { campaign: None, banner, period, filters, scope: Scope::Everything };
        for order in [Order::OldestFirst, Order::NewestFirst] {
            for format in Format::ALL {
                let (whole, uncut) = read(db, &which, order, format, 10_000, Duration::MAX).await;
                let (pieces, cut) = read(db, &which, order, format, 7, Duration::ZERO).await;
                assert_eq!(pieces, whole, "{which:?} {order:?} {format:?}");
                assert!(uncut == 0 && cut >= 2, "{cut} pages were cut");
            }
            let (whole, _) = read(db, &which, order, Format::Ndjson, 10_000, Duration::MAX).await;
            assert_eq!(whole.is_empty(), nobody);
            assert_eq!(turned_over(db, &which, order).await, whole, "{which:?} {order:?}");
        }
    }
}
