//! The wrap-up in real browsers: what is typed during the call and after it is kept, whatever ends it.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::{console, into_the_queue, to_the_queue};
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::{Backend, Server, eventually, run, seconds};

// What is kept is the same on both databases, which the tests of the routes show: one walk is enough.
#[test]
fn a_call_is_wrapped_up_and_nothing_typed_is_lost() {
    run(walk());
}

const LANDING: &str = "/?campaignId=5&bannerId=3";
/// What is said to the server about a conversation is lost on the way.
const NOTHING_ARRIVES: &str = "
    const { fetch } = window;
    const lost = (url, wish) => String(url).endsWith('/wrap-up') && wish?.method === 'POST';
    window.fetch = (url, wish) => (lost(url, wish) ? new Promise(() => {}) : fetch(url, wish));
";
const NOTES: &str = "document.querySelector('[data-testid=notes]')?.value";

/// Waits until this is so on the page.
async fn becomes(tab: &Tab, script: &str, value: Value) {
    let ask = format!("return {script}");
    eventually(&format!("{script} is {value}"), seconds(15), async || (tab.js(&ask).await == value).then_some(()))
        .await;
}

/// A customer of this name rings, and is accepted.
async fn calls(server: &Server, browser: &Browser, rep: &Tab, name: &str) -> Tab {
    let customer = browser.new_tab(&server.url(LANDING)).await;
    into_the_queue(&customer, name).await;
    rep.click("accept").await;
    for tab in [&customer, rep] {
        tab.reaches("conversation").await;
    }
    customer
}

/// What was said about the calls, oldest first: by whom, what came of it, and the notes.
async fn said(server: &Server) -> Vec<(String, String)> {
    let text = "SELECT COALESCE(disposition, ''), COALESCE(notes, '') FROM wrap_ups ORDER BY session_id";
    crate::store::raw::Raw::connect(server.database_url()).await.rows(text).await
}

async fn kept(server: &Server, index: usize, disposition: &str, notes: &str) {
    let expected = (disposition.to_owned(), notes.to_owned());
    eventually(&format!("{expected:?} is kept"), seconds(10), async || {
        (said(server).await.get(index) == Some(&expected)).then_some(())
    })
    .await;
}

async fn walk() {
    let server = Server::with(Backend::Sqlite, &[("BANNERLINE_FORM", "short")]).await;
    server.sets_queue("offer_seconds = 120, wrap_up_seconds = 120").await;
    let admin = server.admin().await;
    let words = json!({"outcomes": ["Sold", "Call again next week", "Not interested"]});
    admin.api.put("/admin/api/campaigns/5", &words).await.expect(200);
    let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    let rep = console(&server, of_rep.tab(&server.url("/rep")).await, "rita").await;
    rep.chooses("activity", "available").await;

    // During the call.
    let ada = calls(&server, &of_customer, &rep, "Ada Lovelace").await;
    rep.types("notes", "Wants the blue one 😀").await;
    rep.shows("notes-status", "Saved").await;
    rep.click("disposition-2").await;
    kept(&server, 0, "Call again next week", "Wants the blue one 😀").await;
    rep.pictures_of_all("rep-call-notes").await;
    rep.reload().await;
    rep.reaches("conversation").await;
    becomes(&rep, NOTES, json!("Wants the blue one 😀")).await;
    becomes(&rep, "document.querySelector('[data-testid=disposition-2]').checked", json!(true)).await;

    // The customer hangs up while the representative types, who types on.
    rep.types("notes", "Wants the green one").await;
    ada.click("end").await;
    rep.reaches("wrapUp").await;
    becomes(&rep, NOTES, json!("Wants the green one")).await;
    rep.shows("wrap-up", "Ada Lovelace").await;
    rep.shows("wrap-up-left", "left").await;
    rep.shows("customer-name", "Ada Lovelace").await;
    assert!(rep.js("return document.title").await.as_str().is_some_and(|title| title.contains("Ada Lovelace")));
    rep.pictures_of_all("rep-wrap-up").await;
    // Left before anything was saved: the page says it as it goes.
    rep.types("notes", "Wants neither").await;
    rep.goto(&server.url("/healthz")).await;
    kept(&server, 0, "Call again next week", "Wants neither").await;
    rep.goto(&server.url("/rep")).await;
    rep.reaches("wrapUp").await;
    becomes(&rep, NOTES, json!("Wants neither")).await;
    // Loaded anew while nothing arrives: the tab remembers.
    rep.js(NOTHING_ARRIVES).await;
    rep.types("notes", "Wants both").await;
    rep.reload().await;
    rep.reaches("wrapUp").await;
    becomes(&rep, NOTES, json!("Wants both")).await;
    kept(&server, 0, "Call again next week", "Wants both").await;
    // By keyboard: another word by the arrow, what comes next, and done.
    rep.presses_on("disposition-2", Key::Up).await;
    kept(&server, 0, "Sold", "Wants both").await;
    rep.chooses("wrap-up-then", "break:lunch").await;
    becomes(&rep, "document.querySelector('[data-testid=wrap-up-then]').value", json!("break:lunch")).await;
    rep.reaches("wrapUp").await;
    rep.presses('E').await;
    rep.reaches("ready").await;
    rep.shows("activity", "lunch").await;

    // Its time is up while somebody types.
    server.sets_queue("wrap_up_seconds = 4").await;
    rep.chooses("activity", "available").await;
    let ben = calls(&server, &of_customer, &rep, "Ben").await;
    rep.click("end").await;
    ben.reaches("ended").await;
    rep.reaches("wrapUp").await;
    rep.types("notes", "to the last moment").await;
    rep.reaches("ready").await;
    becomes(&rep, "document.querySelector('[data-testid=activity-now]').dataset.activity", json!("available")).await;
    kept(&server, 1, "", "to the last moment").await;

    // Nobody waits: the wrap-up goes on, and the next customer ends it.
    server.sets_queue("wrap_up_seconds = 300").await;
    let cleo = calls(&server, &of_customer, &rep, "Cleo").await;
    rep.click("end").await;
    cleo.reaches("ended").await;
    rep.reaches("wrapUp").await;
    rep.types("notes", "until the next").await;
    rep.click("next").await;
    rep.reaches("waiting").await;
    rep.shows("wrap-up", "Cleo").await;
    rep.pictures_of_all("rep-wrap-up-waiting").await;
    let dora = of_customer.new_tab(&server.url(LANDING)).await;
    to_the_queue(&dora, "talk", "Dora").await;
    rep.reaches("conversation").await;
    rep.shows("customer-name", "Dora").await;
    becomes(&rep, NOTES, json!("")).await;
    kept(&server, 2, "", "until the next").await;
    for tab in [&ada, &ben, &cleo, &dora, &rep] {
        tab.is_unharmed().await;
    }
    in_another_language(&server, &of_customer, &rep, &dora).await;
    of_customer.quit().await;
    of_rep.quit().await;
}

/// Longer words, and an activity that is chosen instead of *done*.
async fn in_another_language(server: &Server, browser: &Browser, rep: &Tab, last: &Tab) {
    last.click("end").await;
    rep.reaches("wrapUp").await;
    rep.speaks("de").await;
    rep.reload().await;
    rep.reaches("wrapUp").await;
    rep.shows("wrap-up", "Nachbearbeitung: Dora").await;
    rep.pictures_of_all("rep-wrap-up-de").await;
    rep.chooses("activity", "available").await;
    rep.reaches("ready").await;
    let next = browser.new_tab(&server.url(LANDING)).await;
    into_the_queue(&next, "Emil").await;
    rep.shows("ringing", "Emil").await;
    rep.is_unharmed().await;
}
