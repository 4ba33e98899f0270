//! Offers in real browsers: a customer rings, and is accepted, left to ring, or left to the next.

use serde_json::json;

use super::{both_hear, console, into_the_queue};
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::{Backend, Server, eventually, run, seconds};

/// Waits until this is true on the page.
async fn comes_true(tab: &Tab, script: &str) {
    let script = format!("return !!({script})");
    eventually(&script, seconds(15), async || (tab.js(&script).await == json!(true)).then_some(())).await;
}

async fn is(rep: &Tab, activity: &str) {
    let script = format!("document.querySelector('[data-testid=activity-now]')?.dataset.activity === '{activity}'");
    comes_true(rep, &script).await;
}

// What is kept is the same on both databases, which the tests of the routes show: one walk is enough.
#[test]
fn who_is_available_is_rung() {
    run(walk(Backend::Sqlite));
}

async fn walk(backend: Backend) {
    let server = Server::with(backend, &[("BANNERLINE_FORM", "short")]).await;
    server.sets_queue("offer_seconds = 120").await;
    let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    let rep = of_rep.tab(&server.url("/rep")).await;
    let rep = console(&server, rep, "rita").await;
    rep.shows("activity-now", "Offline").await;
    assert_eq!(rep.asked().await, 0, "nobody asks for the camera before a click");
    rep.chooses("activity", "available").await;
    is(&rep, "available").await;
    assert_eq!(rep.asked().await, 1, "devices are checked before the first offer");

    let customer = of_customer.tab(&server.url("/?campaignId=5&bannerId=3")).await;
    into_the_queue(&customer, "Ada").await;
    rep.shows("ringing", "Ada").await;
    rep.shows("countdown", "s").await;
    assert!(rep.js("return document.title").await.as_str().is_some_and(|title| title.contains("Ada")));
    if backend == Backend::Sqlite {
        rep.pictures("rep-ringing").await;
    }
    customer.shows("position", "1").await;
    rep.click("accept").await;
    for tab in [&customer, &rep] {
        tab.reaches("conversation").await;
    }
    both_hear(&customer, &rep).await;
    is(&rep, "onCall").await;
    comes_true(&rep, "!document.querySelector('[data-testid=ringing]')").await;
    // What follows the call is chosen during it.
    rep.chooses("activity", "break:lunch").await;
    if backend == Backend::Sqlite {
        rep.pictures("rep-next-activity").await;
    }
    rep.click("end").await;
    rep.reaches("ready").await;
    is(&rep, "break").await;
    rep.shows("activity", "lunch").await;

    // Nobody answers: the representative is told, and says when they are back.
    server.sets_queue("offer_seconds = 3").await;
    let customer = of_customer.new_tab(&server.url("/?campaignId=5&bannerId=3")).await;
    into_the_queue(&customer, "Ben").await;
    rep.chooses("activity", "available").await;
    rep.shows("ringing", "Ben").await;
    rep.shows("missed", "available").await;
    comes_true(&rep, "!document.querySelector('[data-testid=ringing]')").await;
    if backend == Backend::Sqlite {
        rep.pictures("rep-missed").await;
    }
    customer.shows("position", "1").await;
    for tab in [&customer, &rep] {
        tab.is_unharmed().await;
    }
    of_customer.quit().await;
    of_rep.quit().await;
}
