//! Two customers, one representative, real media: hold stops it both ways, and whoever is resumed has it back.

use std::time::{Duration, Instant};

use serde_json::json;

use super::{LANDING, into_the_queue, log_in};
use crate::figures::checked;
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::media::flows;
use crate::support::{Backend, Server, eventually, run, seconds};

// What is held, and who goes back to the queue, is the same on both databases, which the tests of the routes show.
#[test]
fn two_callers_take_turns() {
    run(taking_turns());
}

#[test]
fn a_closed_console_leaves_both_callers_to_another_in_order() {
    run(closed_console());
}

/// Counts the tones that a page begins to play.
const COUNT_TONES: &str = "
    window.__tones = 0;
    const start = OscillatorNode.prototype.start;
    OscillatorNode.prototype.start = function (...when) { window.__tones += 1; return start.apply(this, when); };
";

async fn tones(tab: &Tab) -> i64 {
    tab.js("return window.__tones").await.as_i64().expect("a count")
}

async fn plays(tab: &Tab, expected: bool) {
    eventually(&format!("the music says {expected}"), seconds(10), async || {
        let said = tab.js("return document.querySelector(\"[data-testid='music']\")?.dataset.playing").await;
        (said == json!(expected.to_string())).then_some(())
    })
    .await;
    if expected {
        let before = tones(tab).await;
        eventually("tones are played", seconds(10), async || (tones(tab).await > before).then_some(())).await;
    } else {
        let before = tones(tab).await;
        crate::support::time_passes(seconds(2)).await;
        assert_eq!(tones(tab).await, before, "no tone begins");
    }
}

/// Both ways between the customer and the representative's connection of this number.
async fn both_ways(customer: &Tab, rep: &Tab, connection: usize) {
    flows(&[customer.sees_over(0), rep.sees_over(connection)]).await;
}

/// Each customer by the number of the representative's connection to them: one is heard and seen both ways, nothing goes to or
/// comes from the other.
async fn one_is_heard_alone(heard: (&Tab, usize), held: (&Tab, usize), rep: &Tab) {
    flows(&[heard.0.sees_over(0), rep.sees_over(heard.1), held.0.gets_nothing_over(0), rep.gets_nothing_over(held.1)])
        .await;
}

/// The representative switches to a caller on hold; how long it takes until audio and picture are back there.
async fn switches_to(rep: &Tab, button: &str, customer: &Tab) -> Duration {
    let held = customer.received(Some(0)).await.expect("a connection");
    let started = Instant::now();
    rep.click(button).await;
    eventually("media is back", seconds(10), async || {
        let (audio, frames) = customer.received(Some(0)).await?;
        (audio > held.0 && frames > held.1).then_some(())
    })
    .await;
    started.elapsed()
}

/// From the second caller to the first, and back, and again.
async fn switch_three_times(rep: &Tab, first: &Tab, second: &Tab) {
    let mut back = Vec::new();
    for (button, (on, on_connection), (off, off_connection)) in [
        ("resume-1", (first, 0), (second, 1)),
        ("resume-2", (second, 1), (first, 0)),
        ("resume-1", (first, 0), (second, 1)),
    ] {
        back.push(switches_to(rep, button, on).await);
        off.reaches("held").await;
        on.reaches("conversation").await;
        one_is_heard_alone((on, on_connection), (off, off_connection), rep).await;
    }
    // The quickest, for a machine that does something else may hold up the others.
    assert!(back.iter().min() <= Some(&seconds(2)), "media comes back within 2 s: {back:?}");
}

async fn taking_turns() {
    let server = Server::start(Backend::Sqlite).await;
    let (of_customers, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    server.rep_for("rita", 2).await;
    let rep = of_rep.tab(&server.url("/rep")).await;
    log_in(&rep, "rita").await;

    let ada = of_customers.tab(&server.url(LANDING)).await;
    ada.js(COUNT_TONES).await;
    into_the_queue(&ada, "Ada Lovelace").await;
    plays(&ada, false).await;
    ada.click("music").await;
    plays(&ada, true).await;
    ada.pictures("customer-waiting-music").await;
    ada.click("music").await;
    plays(&ada, false).await;
    ada.js("localStorage.clear()").await;

    rep.click("next").await;
    rep.reaches("conversation").await;
    ada.reaches("conversation").await;
    both_ways(&ada, &rep, 0).await;

    // Hold by the key, and back by the button.
    rep.presses('H').await;
    rep.reaches("held").await;
    ada.reaches("held").await;
    ada.shows("on-hold", "You are on hold").await;
    flows(&[ada.gets_nothing_over(0), rep.gets_nothing_over(0)]).await;
    plays(&ada, true).await;
    ada.pictures("customer-held").await;
    rep.pictures("rep-held").await;
    ada.click("music").await;
    plays(&ada, false).await;
    rep.click("hold").await;
    ada.reaches("conversation").await;
    rep.reaches("conversation").await;
    both_ways(&ada, &rep, 0).await;

    // A second one comes: the first is on hold as soon as the second is there.
    let grace = of_customers.new_tab(&server.url(LANDING)).await;
    into_the_queue(&grace, "Grace Hopper").await;
    rep.shows("waiting-count", "1").await;
    rep.pictures("rep-another").await;
    rep.click("next").await;
    grace.reaches("conversation").await;
    ada.reaches("held").await;
    plays(&ada, false).await;
    rep.shows("caller-1", "On hold").await;
    rep.shows("caller-2", "Live").await;
    rep.shows("customer-name", "Grace Hopper").await;
    one_is_heard_alone((&grace, 1), (&ada, 0), &rep).await;
    rep.pictures("rep-two-callers").await;
    assert!(!rep.has("next").await, "no room for a third");

    // One click switches, and again, and again.
    switch_three_times(&rep, &ada, &grace).await;
    rep.shows("customer-name", "Ada Lovelace").await;

    // A page that is loaded anew while on hold is on hold, and makes no sound before it is touched.
    grace.reload().await;
    grace.reaches("held").await;
    grace.js(COUNT_TONES).await;
    plays(&grace, false).await;
    // Who is on hold ends nobody's call but their own; the other goes on.
    rep.click("end-1").await;
    ada.reaches("ended").await;
    grace.reaches("held").await;
    rep.reaches("held").await;
    rep.click("resume-1").await;
    grace.reaches("conversation").await;
    rep.reaches("conversation").await;
    both_ways(&grace, &rep, 0).await;
    // The console finds all of it again.
    rep.click("hold-1").await;
    grace.reaches("held").await;
    rep.reload().await;
    rep.reaches("held").await;
    rep.shows("caller-1", "Grace Hopper").await;
    rep.click("resume-1").await;
    grace.reaches("conversation").await;
    both_ways(&grace, &rep, 0).await;
    rep.click("hold-1").await;
    grace.reaches("held").await;
    grace.click("end").await;
    grace.reaches("ended").await;
    rep.reaches("ready").await;
    for tab in [&ada, &grace, &rep] {
        tab.is_unharmed().await;
    }
    let (figures, _) = checked(&server.admin().await, "5/3").await;
    assert_eq!((&figures["TotalOfCalls"], &figures["AnsweredCalls"]), (&json!(2), &json!(2)), "{figures}");
    of_customers.quit().await;
    of_rep.quit().await;
}

async fn closed_console() {
    let server = Server::start(Backend::Sqlite).await;
    let of_customers = Browser::launch(Devices::Fake).await;
    let (of_rita, of_otto) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    server.rep_for("rita", 2).await;
    server.rep_for("otto", 2).await;
    // Of a window with one tab there would be nothing left to close it with.
    let _first = of_rita.tab("about:blank").await;
    let rita = of_rita.new_tab(&server.url("/rep")).await;
    log_in(&rita, "rita").await;
    let otto = of_otto.tab(&server.url("/rep")).await;
    log_in(&otto, "otto").await;

    let ada = of_customers.tab(&server.url(LANDING)).await;
    into_the_queue(&ada, "Ada Lovelace").await;
    rita.click("next").await;
    rita.reaches("conversation").await;
    let grace = of_customers.new_tab(&server.url(LANDING)).await;
    into_the_queue(&grace, "Grace Hopper").await;
    rita.click("next").await;
    grace.reaches("conversation").await;
    ada.reaches("held").await;

    rita.close().await;
    for customer in [&ada, &grace] {
        customer.reaches("waiting").await;
        customer.shows("requeued", "You keep your place and will be called first").await;
    }
    otto.shows("waiting-count", "2").await;
    otto.click("next").await;
    otto.reaches("conversation").await;
    otto.shows("customer-name", "Ada Lovelace").await;
    both_ways(&ada, &otto, 0).await;
    otto.click("next").await;
    grace.reaches("conversation").await;
    otto.shows("customer-name", "Grace Hopper").await;
    one_is_heard_alone((&grace, 1), (&ada, 0), &otto).await;
    for tab in [&ada, &grace, &otto] {
        tab.is_unharmed().await;
    }
    for browser in [of_customers, of_rita, of_otto] {
        browser.quit().await;
    }
}
