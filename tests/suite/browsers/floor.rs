//! The live floor in a real browser: what a supervisor sees, and what both parties see of a supervisor who steps in.

use serde_json::Value;

use super::{console, into_the_queue, signs_in};
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::http::text;
use crate::support::{Backend, Person, Server, eventually, run, seconds};

// What is kept is the same on both databases, which the tests of the routes show: one walk is enough.
#[test]
fn a_supervisor_sees_the_floor_and_steps_in() {
    run(walk());
}

/// The id of the session of this name in this list.
async fn session_of(sam: &Person, list: &str, name: &str) -> String {
    eventually(&format!("{name} is in {list}"), seconds(10), async || {
        let floor = sam.api.get("/floor/api").await.expect(200);
        let found = floor[list].as_array().and_then(|rows| rows.iter().find(|row| row["name"] == name).cloned());
        found.map(|row: Value| text(&row["sessionId"]))
    })
    .await
}

/// Says why, and does it.
async fn confirms(floor: &Tab, why: &str, said: &str) {
    floor.types("reason", why).await;
    floor.click("dialog-save").await;
    floor.shows("said", said).await;
}

async fn walk() {
    let server = Server::with(Backend::Sqlite, &[("BANNERLINE_FORM", "short")]).await;
    server.sets_queue("offer_seconds = 120").await;
    let sam = server.person("sam", "supervisor").await;
    let (of_customers, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    let of_sam = Browser::launch(Devices::Fake).await;

    let floor = of_sam.tab(&server.url("/login")).await;
    signs_in(&floor, "sam", "floor").await;
    floor.shows("list-waiting", "Nobody is waiting").await;
    floor.shows("line", "Live").await;
    floor.pictures_of_all("floor-empty").await;

    let rep = console(&server, of_rep.tab(&server.url("/rep")).await, "rita").await;
    let ada = of_customers.tab(&server.url("/?campaignId=5&bannerId=3")).await;
    into_the_queue(&ada, "Ada").await;
    rep.click("next").await;
    for tab in [&ada, &rep] {
        tab.reaches("conversation").await;
    }
    let ben = of_customers.new_tab(&server.url("/?campaignId=spring&bannerId=12")).await;
    into_the_queue(&ben, "Ben").await;
    let uma = server.rep("uma").await;
    let _console = uma.is_available().await;
    floor.shows("list-waiting", "Rings at uma").await;
    floor.shows("list-talking", "Ada").await;
    floor.shows("list-talking", "rita").await;
    floor.shows("tile-waiting", "1").await;
    floor.shows("list-reps", "On a call").await;
    floor.pictures_of_all("floor").await;

    floor.click("offline-uma").await;
    floor.pictures("floor-offline").await;
    confirms(&floor, "She went home", "uma is offline").await;
    floor.shows("rep-uma", "Offline").await;
    floor.shows("list-waiting", "Waiting").await;

    let of_ada = session_of(&sam, "conversations", "Ada").await;
    floor.click(&format!("details-{of_ada}")).await;
    floor.shows("story", "Given to rita").await;
    floor.pictures("floor-session").await;
    floor.click("session-requeue").await;
    floor.pictures("floor-requeue").await;
    confirms(&floor, "The console hangs", "Ada is back in the queue").await;
    ada.reaches("waiting").await;
    ada.shows("requeued", "another representative").await;
    rep.reaches("ready").await;
    rep.shows("notice", "back in the queue").await;
    ada.pictures("customer-taken-back").await;
    floor.shows("list-talking", "Nobody is in conversation").await;
    floor.shows(&format!("waiting-{of_ada}"), "Back in the queue").await;

    let of_ben = session_of(&sam, "waiting", "Ben").await;
    floor.click(&format!("end-{of_ben}")).await;
    floor.pictures("floor-end").await;
    confirms(&floor, "A joke", "The session of Ben has ended").await;
    ben.reaches("ended").await;
    ben.shows("ending-text", "Our team ended it").await;
    ben.pictures("customer-ended-by-team").await;

    // In a conversation, too: both are told who ended it.
    rep.click("next").await;
    for tab in [&ada, &rep] {
        tab.reaches("conversation").await;
    }
    floor.shows(&format!("talking-{of_ada}"), "In conversation").await;
    floor.click(&format!("end-{of_ada}")).await;
    confirms(&floor, "Too long", "The session of Ada has ended").await;
    ada.reaches("ended").await;
    ada.shows("ending-text", "Our team ended the conversation").await;
    rep.reaches("ready").await;
    rep.shows("notice", "A supervisor ended the call").await;

    let again = of_customers.new_tab(&server.url("/?campaignId=5&bannerId=3")).await;
    into_the_queue(&again, "Cem").await;
    floor.click("end-all").await;
    floor.types("reason", "We close").await;
    floor.pictures("floor-end-all").await;
    floor.click("dialog-save").await;
    assert!(floor.has("steer-dialog").await, "who is not sure ends nobody");
    floor.click("sure").await;
    floor.click("dialog-save").await;
    floor.shows("said", "One customer was ended").await;
    again.reaches("ended").await;
    floor.shows("list-waiting", "Nobody is waiting").await;
    for tab in [&floor, &ada, &ben, &again, &rep] {
        tab.is_unharmed().await;
    }
    for browser in [of_customers, of_rep, of_sam] {
        browser.quit().await;
    }
}
