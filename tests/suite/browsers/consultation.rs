//! A warm transfer in real browsers: two representatives talk while the customer is on hold, and one hands them over.

use serde_json::json;

use super::{both_hear, console, into_the_queue, signs_in};
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::media::flows;
use crate::support::{Backend, Server, eventually, run, seconds};

/// Waits until this is true on the page.
async fn comes_true(tab: &Tab, script: &str) {
    let script = format!("return !!({script})");
    eventually(&script, seconds(20), async || (tab.js(&script).await == json!(true)).then_some(())).await;
}

/// What is stored differs by database, and HTTP tests ask that: once is enough here.
#[test]
fn two_talk_about_a_customer_first() {
    run(talked_about());
}

async fn talked_about() {
    let server = Server::with(Backend::Sqlite, &[("BANNERLINE_FORM", "short")]).await;
    server.sets_queue("offer_seconds = 120").await;
    let (of_customer, of_rita) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    let of_rosa = Browser::launch(Devices::Fake).await;
    let rita = console(&server, of_rita.tab(&server.url("/rep")).await, "rita").await;
    let rosa = console(&server, of_rosa.tab(&server.url("/rep")).await, "rosa").await;
    let ada = of_customer.tab(&server.url("/?campaignId=5&bannerId=3")).await;
    into_the_queue(&ada, "Ada Lovelace").await;
    rita.click("next").await;
    for tab in [&ada, &rita] {
        tab.reaches("conversation").await;
    }
    flows(&[ada.sees()]).await;
    rosa.chooses("activity", "available").await;

    asked_to_talk(&rita, "Wants a refund, and is right.").await;
    rosa.shows("ringing-passed-on", "rita wants to talk with you").await;
    rosa.shows("ringing-passed-on", "Wants a refund").await;
    rosa.shows("accept", "Talk with rita").await;
    rosa.pictures("rep-talk-ringing").await;
    rosa.click("accept").await;
    for tab in [&rita, &rosa] {
        tab.reaches("talk").await;
    }
    // Sound and picture both ways between the two, and nothing at all to or from the customer.
    flows(&[rita.sees_over(1), rosa.sees(), rita.gets_nothing_over(0), ada.gets_nothing_over(0)]).await;
    assert_eq!(ada.reads("rep-name").await, "rita");
    ada.shows("hold-text", "rita talks with a colleague").await;
    rita.shows("talk-about", "Ada Lovelace is on hold").await;
    rosa.shows("talk-about", "on hold with rita").await;
    rosa.shows("passed-on", "Wants a refund").await;
    rosa.shows("customer-name", "Ada Lovelace").await;
    rita.pictures("rep-talk-leads").await;
    rosa.pictures("rep-talk-consulted").await;
    ada.pictures("customer-talked-about").await;
    floor_names_both(&server, &of_customer).await;
    rita.presses('M').await;
    comes_true(&rosa, "document.querySelector('[data-testid=talk]').innerText.includes('muted')").await;
    rita.presses('M').await;

    // A page that is loaded anew finds the talk again, whichever of the two it is.
    for tab in [&rosa, &rita] {
        tab.reload().await;
        tab.reaches("talk").await;
        flows(&[rita.sees(), rosa.sees(), ada.gets_nothing_over(0)]).await;
    }
    rosa.click("leave-talk").await;
    rosa.reaches("ready").await;
    rita.reaches("held").await;
    rita.shows("notice", "The talk with rosa is over").await;
    ada.shows("hold-text", "rita will be back").await;
    rita.pictures("rep-talk-over").await;

    // Talked with again, and taken back: the customer is heard again. The third time handed over.
    for taken_back in [true, false] {
        asked_to_talk(&rita, "Once more.").await;
        rosa.click("accept").await;
        for tab in [&rita, &rosa] {
            tab.reaches("talk").await;
        }
        if taken_back {
            rita.presses('H').await;
            for tab in [&ada, &rita] {
                tab.reaches("conversation").await;
            }
            both_hear(&ada, &rita).await;
            rosa.reaches("ready").await;
            rosa.shows("notice", "The talk with rita is over").await;
        }
    }
    rita.click("hand-over").await;
    for tab in [&ada, &rosa] {
        tab.reaches("conversation").await;
    }
    both_hear(&ada, &rosa).await;
    rita.reaches("ready").await;
    rita.shows("notice", "Ada Lovelace is with rosa now").await;
    rosa.shows("passed-on", "rita has handed this customer over to you").await;
    assert_eq!(ada.reads("rep-name").await, "rosa");
    rita.pictures("rep-talk-given").await;
    rosa.pictures("rep-talk-has").await;
    for tab in [&ada, &rita, &rosa] {
        tab.is_unharmed().await;
    }
    of_customer.quit().await;
    of_rita.quit().await;
    of_rosa.quit().await;
}

/// A supervisor sees who talks with whom, in a browser in which nobody is logged in.
async fn floor_names_both(server: &Server, browser: &Browser) {
    server.person("sam", "supervisor").await;
    let floor = browser.new_tab(&server.url("/login")).await;
    signs_in(&floor, "sam", "floor").await;
    floor.shows("list-talking", "rita").await;
    floor.shows("consulted", "rosa").await;
    floor.pictures_of_all("floor-talk").await;
    floor.close().await;
}

/// Rita asks Rosa to talk first, by the key, and waits for the answer.
async fn asked_to_talk(rita: &Tab, note: &str) {
    rita.presses('X').await;
    rita.shows("transfer-dialog", "Pass Ada Lovelace on").await;
    comes_true(rita, "document.querySelector('[data-testid=to-rep-rosa]')?.disabled === false").await;
    rita.click("to-rep-rosa").await;
    rita.types("transfer-note", note).await;
    rita.pictures("rep-talk-dialog").await;
    rita.click("transfer-warm").await;
    rita.shows("asking", "rosa").await;
}
