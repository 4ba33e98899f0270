//! A customer is passed on, in real browsers: a colleague is asked, accepts, and has the customer's voice and picture.

use serde_json::json;

use super::{both_hear, console, into_the_queue};
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
fn a_customer_is_passed_on() {
    run(passed_on());
}

async fn passed_on() {
    let server = Server::with(Backend::Sqlite, &[("BANNERLINE_FORM", "short")]).await;
    server.sets_queue("offer_seconds = 120").await;
    let admin = server.admin().await;
    let queue = json!({"name": "workshop", "title": "Workshop", "skills": ["repair"]});
    admin.api.post("/admin/api/queues", &queue).await.expect(201);
    let (of_customer, of_reps) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    let of_rosa = Browser::launch(Devices::Fake).await;
    let rita = of_reps.tab(&server.url("/rep")).await;
    let rita = console(&server, rita, "rita").await;
    let rosa = of_rosa.tab(&server.url("/rep")).await;
    let rosa = console(&server, rosa, "rosa").await;

    let ada = of_customer.tab(&server.url("/?campaignId=5&bannerId=3")).await;
    into_the_queue(&ada, "Ada Lovelace").await;
    rita.click("next").await;
    for tab in [&ada, &rita] {
        tab.reaches("conversation").await;
    }
    flows(&[ada.sees()]).await;

    // By the key. Rosa is there, and cannot be asked: the dialog says why, and notices when she can.
    rita.presses('X').await;
    rita.shows("transfer-dialog", "Offline").await;
    rita.shows("transfer-dialog", "Nobody serves it now").await;
    rita.pictures("rep-transfer-unfit").await;
    rosa.chooses("activity", "available").await;
    comes_true(&rita, "!document.querySelector('[data-testid=to-rep-rosa]').disabled").await;
    rita.click("to-rep-rosa").await;
    rita.types("transfer-note", "The pump leaks; she has the parts.").await;
    rita.pictures("rep-transfer-dialog").await;
    rita.click("transfer-do").await;
    ada.reaches("held").await;
    rita.reaches("held").await;
    rita.shows("asking", "rosa").await;
    rita.pictures("rep-transfer-asking").await;
    rosa.shows("ringing-passed-on", "rita").await;
    rosa.shows("ringing-passed-on", "The pump leaks").await;
    rosa.pictures("rep-transfer-ringing").await;
    rosa.click("reject").await;
    rita.shows("asked", "does not take").await;
    rita.pictures("rep-transfer-rejected").await;

    // Asked again, she takes the customer over: media goes there and nowhere else.
    rita.click("transfer").await;
    rita.click("to-rep-rosa").await;
    rita.types("transfer-note", "Only you know that pump.").await;
    rita.click("transfer-do").await;
    rosa.shows("ringing-passed-on", "Only you know").await;
    rosa.click("accept").await;
    for tab in [&ada, &rosa] {
        tab.reaches("conversation").await;
    }
    both_hear(&ada, &rosa).await;
    rita.reaches("ready").await;
    rita.shows("notice", "rosa has taken").await;
    rosa.shows("passed-on", "Only you know that pump.").await;
    rita.pictures("rep-transfer-taken").await;
    rosa.pictures("rep-transfer-has").await;

    // To a queue that nobody serves now: the customer reads it in words, and keeps waiting there.
    rosa.click("transfer").await;
    rosa.click("to-queue-workshop").await;
    rosa.click("transfer-do").await;
    ada.reaches("waiting").await;
    ada.shows("requeued", "passed you on").await;
    rosa.shows("notice", "Nobody who serves it").await;
    ada.pictures("customer-passed-on").await;
    for tab in [&ada, &rita, &rosa] {
        tab.is_unharmed().await;
    }
    of_customer.quit().await;
    of_reps.quit().await;
    of_rosa.quit().await;
}
