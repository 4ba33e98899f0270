//! Ids and texts are kept byte for byte: `A` is not `a`, and a name is what its owner typed.

use bannerline::clock::Timestamp;
use bannerline::desk::DeskError;
use bannerline::desk::admission::Wish;
use bannerline::domain::ids::{BannerId, CampaignId};
use bannerline::domain::scope::Scope;
use bannerline::store::calls::{self, Mark, Order, Which};
use bannerline::store::figures::{self, Period};

use super::{Office, wish};
use crate::support::Backend;

both! {
    ids_that_differ_in_case_are_two_campaigns,
    ids_that_are_not_visible_ascii_are_refused,
    names_are_kept_as_typed,
}

const EVER: Period = Period { from: Timestamp(0), to: Timestamp(i64::MAX), tests: false };

/// Campaign, banner, and how many join for the pair.
const PAIRS: [(&str, &str, i64); 6] =
    [("a", "x", 1), ("A", "x", 2), ("a", "X", 3), ("ss", "x", 4), ("A~", "x", 5), ("a%", "_", 6)];

async fn ids_that_differ_in_case_are_two_campaigns(backend: Backend) {
    let office = Office::open(backend).await;
    for (campaign, banner, count) in PAIRS {
        for _ in 0..count {
            let session = office.desk.request(wish(campaign, banner), None).await.unwrap();
            office.desk.join(session.id, None).await.unwrap();
        }
    }
    let mut raw = office.raw().await;
    for (campaign, banner, count) in PAIRS {
        let (id, part): (CampaignId, BannerId) = (campaign.parse().unwrap(), banner.parse().unwrap());
        let of_banner = figures::tally(raw.conn(), &id, Some(&part), EVER).await.unwrap();
        assert_eq!(of_banner.total, count, "{campaign}/{banner}");
        let of_campaign = figures::tally(raw.conn(), &id, None, EVER).await.unwrap();
        let all: i64 = PAIRS.iter().filter(|pair| pair.0 == campaign).map(|pair| pair.2).sum();
        assert_eq!(of_campaign.total, all, "{campaign}");
        let which =
            Which { campaign: Some(id), banner: None, period: EVER, filters: Vec::new(), scope: Scope::Everything };
        let mut listed = 0;
        let each = |call: &calls::Call<'_>| {
            assert_eq!(call.campaign_id, campaign);
            listed += 1;
        };
        calls::after(raw.conn(), &which, Order::OldestFirst, Mark::start(Order::OldestFirst), 100, each).await.unwrap();
        assert_eq!(listed, all, "{campaign}");
    }
    let rows = figures::by_banner(raw.conn(), None, None, EVER).await.unwrap();
    let mut table: Vec<_> =
        rows.iter().map(|row| (row.campaign_id.as_str(), row.banner_id.as_str(), row.tally.total)).collect();
    table.sort_unstable();
    let mut expected = PAIRS.to_vec();
    expected.sort_unstable();
    assert_eq!(table, expected);
}

async fn ids_that_are_not_visible_ascii_are_refused(backend: Backend) {
    let office = Office::open(backend).await;
    for id in ["á", "a ", " a", "a\u{301}", "а", "a\u{200b}", "a\0", "", &"x".repeat(101)] {
        for wish in [wish(id, "3"), wish("5", id)] {
            let refused = office.desk.request(wish, None).await;
            assert!(matches!(refused, Err(DeskError::Invalid(_))), "{id:?}: {refused:?}");
        }
    }
    let mut raw = office.raw().await;
    for table in ["sessions", "campaigns", "banners", "events"] {
        assert_eq!(raw.number(&format!("SELECT COUNT(*) FROM {table}")).await, 0, "{table}");
    }
}

async fn names_are_kept_as_typed(backend: Backend) {
    let office = Office::open(backend).await;
    let (emoji, most) = ("👩‍🚀".chars().next().unwrap().to_string().repeat(80), "𐍈".repeat(1_000));
    let texts = [
        emoji.as_str(),
        "👨‍👩‍👧‍👦 🏳️‍🌈 e\u{301}",
        "\u{202e}שלום \u{200f}مرحبا",
        "<script>alert('\"x\"')</script>",
        "Robert'); DROP TABLE sessions;-- \\' \\0 \\n",
        "  spaces kept  ",
        "tab\tline\nreturn\r",
        "=1+1",
        "ß ẞ İ ı ﬀ",
    ];
    for text in texts {
        let wish = Wish { name: Some(text.to_owned()), problem: Some(text.to_owned()), ..wish("5", "3") };
        check_kept(&office, wish).await;
    }
    check_kept(&office, Wish { problem: Some(most), ..wish("5", "3") }).await;
    for (name, problem) in [("x".repeat(81), String::new()), (String::new(), "𐍈".repeat(1_001))] {
        let wish = Wish { name: Some(name), problem: Some(problem), ..wish("5", "3") };
        assert!(matches!(office.desk.request(wish, None).await, Err(DeskError::Invalid(_))));
    }
}

async fn check_kept(office: &Office, wish: Wish) {
    let (name, problem) = (wish.name.clone(), wish.problem.clone());
    let id = office.desk.request(wish, None).await.expect("the text is taken").id;
    let kept = office.session(id).await;
    assert_eq!((&kept.name, &kept.problem), (&name, &problem));
    // The bytes themselves, past every decoding.
    let bytes = |text: Option<String>| text.unwrap_or_default().into_bytes();
    let text = format!(
        "SELECT HEX(COALESCE(name, '')), HEX(COALESCE(problem, '')) FROM sessions WHERE HEX(id) = UPPER('{id}')"
    );
    let mut rows: Vec<(String, String)> = office.raw().await.rows(&text).await;
    let (kept_name, kept_problem) = rows.remove(0);
    assert_eq!((unhex(&kept_name), unhex(&kept_problem)), (bytes(name), bytes(problem)));
}

fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}
