//! The whole way in real browsers: two Chromiums with fake devices, from the banner's click to the figures.

mod administration;
mod callers;
mod comfort;
mod consultation;
mod dashboard;
mod floor;
mod lists;
mod offers;
mod queues;
mod transfer;
mod wrap_up;

use serde_json::{Value, json};

use crate::figures::checked;
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::media::flows;
use crate::support::server::ADMIN_PASSWORD;
use crate::support::{Backend, Customer, Server, eventually, run, seconds};
use thirtyfour::Key;

both! {
    from_the_click_to_the_figures,
}

const LANDING: &str = "/?campaignId=5&bannerId=3&utm_source=newsletter";
const HOSTILE: &str = "Ada <script>alert(1)</script> 😀 שלום";

/// A representative's console, logged in by its form.
async fn console(server: &Server, tab: Tab, name: &str) -> Tab {
    server.rep(name).await;
    log_in(&tab, name).await;
    tab
}

async fn log_in(tab: &Tab, name: &str) {
    signs_in(tab, name, "ready").await;
}

/// Fills the form of the login, which leads to this screen.
async fn signs_in(tab: &Tab, name: &str, screen: &str) {
    tab.reaches("login").await;
    tab.types("username", name).await;
    let password = if name == "admin" { ADMIN_PASSWORD.to_owned() } else { format!("the password of {name}") };
    tab.types("password", &password).await;
    tab.click("login").await;
    tab.reaches(screen).await;
}

/// A customer who goes all the way into the queue, and waits there.
async fn into_the_queue(tab: &Tab, name: &str) {
    to_the_queue(tab, "talk", name).await;
    tab.reaches("waiting").await;
}

/// The same by this button, and where somebody may take them at once.
async fn to_the_queue(tab: &Tab, button: &str, name: &str) {
    tab.reaches("invitation").await;
    tab.click(button).await;
    tab.reaches("form").await;
    tab.types("name", name).await;
    tab.click("continue").await;
    tab.reaches("devices").await;
    tab.click("request").await;
}

async fn from_the_click_to_the_figures(backend: Backend) {
    let server = Server::with(backend, &[("BANNERLINE_FORM", "full")]).await;
    let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    let pictures = backend == Backend::Sqlite;
    let picture = async |tab: &Tab, name: &str| {
        if pictures {
            tab.pictures(name).await;
        }
    };

    let rep = of_rep.tab(&server.url("/rep")).await;
    rep.reaches("login").await;
    picture(&rep, "login").await;
    let rep = console(&server, rep, "rita").await;
    picture(&rep, "rep-ready").await;

    let customer = of_customer.tab(&server.url(LANDING)).await;
    customer.reaches("invitation").await;
    picture(&customer, "customer-invitation").await;
    assert_eq!(customer.asked().await, 0, "nobody asks for the camera before a click");
    customer.click("talk").await;
    customer.reaches("form").await;
    customer.types("name", HOSTILE).await;
    customer.types("problem", "<img src=x onerror=alert(2)>").await;
    picture(&customer, "customer-form").await;
    customer.click("continue").await;
    customer.reaches("devices").await;
    picture(&customer, "customer-devices").await;
    customer.click("request").await;
    customer.reaches("waiting").await;
    customer.shows("position", "1").await;
    picture(&customer, "customer-waiting").await;
    rep.shows("waiting-count", "1").await;
    rep.shows("queue-list", HOSTILE).await;

    rep.click("next").await;
    for tab in [&customer, &rep] {
        tab.reaches("conversation").await;
    }
    rep.shows("customer-name", HOSTILE).await;
    assert_eq!((rep.reads("customer-campaign").await, rep.reads("customer-banner").await), ("5".into(), "3".into()));
    assert_eq!(customer.reads("rep-name").await, "rita");
    both_hear(&customer, &rep).await;
    picture(&customer, "customer-conversation").await;
    picture(&rep, "rep-conversation").await;

    customer.reload().await;
    customer.reaches("conversation").await;
    both_hear(&customer, &rep).await;
    rep.reload().await;
    rep.reaches("conversation").await;
    both_hear(&customer, &rep).await;

    rep.click("end").await;
    customer.reaches("ended").await;
    picture(&customer, "customer-ended").await;
    rep.reaches("ready").await;
    for tab in [&customer, &rep] {
        tab.is_unharmed().await;
    }

    let (figures, calls) = checked(&server.admin().await, "5/3").await;
    assert_eq!((&figures["TotalOfCalls"], &figures["AnsweredCalls"]), (&json!(1), &json!(1)), "{figures}");
    assert_eq!(figures["AnsweringRate"], json!(100.0));
    let call = &calls[0];
    assert_eq!(call["RepresentativeName"], "rita");
    assert!(call["UserAgent"].as_str().is_some_and(|agent| agent.contains("Chrome/")), "{call}");
    // The page that was loaded again in the call is no visit.
    let funnel = server.admin().await.api.get("/getFunnel/5/3").await.expect(200);
    assert_eq!((&funnel["Steps"][0]["Reached"], &funnel["LeftOut"]), (&json!(1), &json!({"reload": 1})), "{funnel:#}");
    dashboard_shows(&server, &of_rep, pictures).await;
    of_customer.quit().await;
    of_rep.quit().await;
}

async fn both_hear(customer: &Tab, rep: &Tab) {
    flows(&[customer.sees(), rep.sees()]).await;
}

/// The marketer's page tells the same, and lists the broken link.
async fn dashboard_shows(server: &Server, browser: &Browser, pictures: bool) {
    server.nobody().get("/?campaignId=%7Bcampaignid%7D&bannerId=3").await.expect_status(200);
    server.person("mara", "marketer").await;
    // Who asks for another role's page is led to the own one, and told so.
    let tab = browser.new_tab(&server.url("/login?next=/rep")).await;
    signs_in(&tab, "mara", "dashboard").await;
    tab.shows("led", "console").await;
    if pictures {
        tab.pictures_of_all("dashboard").await;
    }
    let page = tab.js("return document.body.innerText").await;
    let page = page.as_str().expect("the page's text");
    assert!(page.contains("100") && page.contains("{campaignid}"), "{page}");
    tab.is_unharmed().await;
}

/// The representative's page asks for the camera once, however many calls follow; waiting rings by itself; a voice
/// call works; asking again is a new session of the same visit.
#[test]
fn one_question_for_the_camera_over_three_calls() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
        let rep = console(&server, of_rep.tab(&server.url("/dashboard")).await, "rita").await;
        rep.shows("led", "dashboard").await;
        rep.pictures("rep-led").await;
        let customer = of_customer.tab(&server.url(LANDING)).await;
        rep.click("next").await;
        rep.reaches("waiting").await;
        rep.pictures("rep-waiting").await;
        rep.click("cancel").await;
        rep.reaches("ready").await;
        rep.click("next").await;

        customer.click("talk").await;
        customer.reaches("form").await;
        customer.click("voice-only").await;
        customer.click("continue").await;
        customer.reaches("devices").await;
        customer.click("request").await;
        for call in 1..=3 {
            customer.reaches("conversation").await;
            rep.reaches("conversation").await;
            flows(&[customer.hears(), rep.hears()]).await;
            if call == 1 {
                customer.pictures("customer-voice").await;
                rep.pictures("rep-voice").await;
            }
            // Both ends are as good as the other.
            if call == 2 {
                customer.click("end").await;
            } else {
                rep.click("end").await;
            }
            customer.reaches("ended").await;
            rep.reaches("ready").await;
            if call < 3 {
                rep.click("next").await;
                customer.click("again").await;
                customer.reaches("devices").await;
                customer.click("request").await;
            }
        }
        assert_eq!(rep.asked().await, 1, "three calls, one question");
        assert_eq!(rep.js("return window.__bannerline.getUserMediaCalls").await, json!(1));
        let (figures, calls) = checked(&server.admin().await, "5/3").await;
        assert_eq!((&figures["AnsweredCalls"], calls.len()), (&json!(3), 3));
        of_customer.quit().await;
        of_rep.quit().await;
    });
}

/// Two customers and a representative, all tabs of one browser: tokens and streams do not get in each other's way.
#[test]
fn three_tabs_of_one_browser() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        let browser = Browser::launch(Devices::Fake).await;
        let first = browser.tab(&server.url(LANDING)).await;
        into_the_queue(&first, "First").await;
        let second = browser.new_tab(&server.url(LANDING)).await;
        into_the_queue(&second, "Second").await;
        second.shows("position", "2").await;
        let rep = console(&server, browser.new_tab(&server.url("/rep")).await, "rita").await;
        for (customer, name) in [(&first, "First"), (&second, "Second")] {
            customer.shows("position", "1").await;
            rep.click("next").await;
            rep.reaches("conversation").await;
            rep.shows("customer-name", name).await;
            customer.reaches("conversation").await;
            both_hear(customer, &rep).await;
            rep.click("end").await;
            customer.reaches("ended").await;
            rep.reaches("ready").await;
        }
        // From here on the customer's page is opened by staff: a test call, which no figure counts.
        second.goto(&server.url(LANDING)).await;
        second.reaches("invitation").await;
        second.pictures("customer-invitation-of-staff").await;
        into_the_queue(&second, "Staff").await;
        rep.shows("waiting-count", "1").await;
        let (figures, _) = checked(&server.admin().await, "5/3").await;
        assert_eq!(figures["TotalOfCalls"], 2);
        let (figures, _) = checked(&server.admin().await, "5/3?tests=include").await;
        assert_eq!(figures["TotalOfCalls"], 3);
        second.click("leave").await;
        second.reaches("ended").await;
        second.pictures("customer-left").await;
        browser.quit().await;
    });
}

/// Every way in which there is no camera or microphone has its own help, and nobody is put into the queue.
#[test]
fn no_permission_and_no_device_show_their_help() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        for (devices, screen) in [(Devices::Denied, "help-denied"), (Devices::Missing, "help-missing")] {
            let browser = Browser::launch(devices).await;
            let tab = browser.tab(&server.url(LANDING)).await;
            tab.click("talk").await;
            tab.reaches("form").await;
            tab.click("continue").await;
            tab.reaches(screen).await;
            tab.pictures(&format!("customer-{screen}")).await;
            tab.is_unharmed().await;
            browser.quit().await;
        }
        // Without a camera it becomes a voice call, and says so.
        let browser = Browser::launch(Devices::NoCamera).await;
        let tab = browser.tab(&server.url(LANDING)).await;
        tab.click("talk").await;
        tab.click("continue").await;
        tab.reaches("devices").await;
        tab.shows("voice-fallback", "").await;
        tab.pictures("customer-no-camera").await;
        browser.quit().await;
        let availability = server.nobody().get("/help/availability").await.expect(200);
        assert_eq!(availability["waiting"], 0);
        marketers_see_where_they_were_lost(&server).await;
    });
}

/// Two of them did not get past the form, one stayed at the devices, and one at the invitation.
async fn marketers_see_where_they_were_lost(server: &Server) {
    let browser = Browser::launch(Devices::Fake).await;
    browser.tab(&server.url(LANDING)).await.reaches("invitation").await;
    let marketer = server.person("mara", "marketer").await;
    let expected = json!([{"NobodyThere": 1}, {"PermissionDenied": 1, "NoDevice": 1}, {"Left": 1}, {}, {}, {}, {}, {}]);
    eventually("each loss has its reason", seconds(10), async || {
        let funnel = marketer.api.get("/getFunnel/5/3").await.expect(200);
        let steps = funnel["Steps"].as_array()?;
        (steps.iter().map(|step| step["Reasons"].clone()).collect::<serde_json::Value>() == expected).then_some(())
    })
    .await;
    let tab = browser.new_tab(&server.url("/login?next=/dashboard")).await;
    signs_in(&tab, "mara", "dashboard").await;
    tab.shows("funnel", "camera or microphone not allowed").await;
    tab.pictures_of_all("dashboard-funnel").await;
    browser.quit().await;
}

/// The server goes away and comes back while somebody waits and two people talk: nobody notices more than a line.
#[test]
fn a_restart_interrupts_nobody() {
    run(async {
        let mut server = Server::start(Backend::Sqlite).await;
        let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
        let rep = console(&server, of_rep.tab(&server.url("/rep")).await, "rita").await;
        let talking = of_customer.tab(&server.url(LANDING)).await;
        into_the_queue(&talking, "Talking").await;
        rep.click("next").await;
        rep.reaches("conversation").await;
        let waiting = of_customer.new_tab(&server.url(LANDING)).await;
        into_the_queue(&waiting, "Waiting").await;
        server.kill_9();
        waiting.shows("keeping-place", "").await;
        waiting.pictures("customer-keeping-place").await;
        server.launch().await;
        eventually("the line is up again", seconds(30), async || {
            let up = waiting.js("return document.querySelector(\"[data-testid='line']\")?.dataset.up").await;
            (up == json!("true")).then_some(())
        })
        .await;
        waiting.shows("position", "1").await;
        both_hear(&talking, &rep).await;
        rep.click("end").await;
        talking.reaches("ended").await;
        rep.reaches("ready").await;
        let calls: Value = server.admin().await.api.get("/getFullMetrics/5/3").await.expect(200);
        assert_eq!(calls.as_array().map(Vec::len), Some(2));
        of_customer.quit().await;
        of_rep.quit().await;
    });
}

/// What somebody else typed is text and nothing else on every page.
#[test]
fn a_program_that_joins_is_shown_harmlessly() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        let browser = Browser::launch(Devices::Fake).await;
        let rep = console(&server, browser.tab(&server.url("/rep")).await, "rita").await;
        let script = "<img src=x onerror=\"window.__seen.errors.push('ran')\">";
        let body =
            json!({"campaignId": script.replace(' ', "/"), "bannerId": "\"><b>", "name": script, "problem": script});
        Customer::opens(&server, &body).await.joins().await;
        rep.shows("queue-list", script).await;
        rep.is_unharmed().await;
        rep.pictures("rep-queue").await;
        browser.quit().await;
    });
}

/// After the conversation the customer says how it was, by keyboard alone; the words arrive as they were typed, and
/// asking again is still there. Without a conversation nobody is asked.
#[test]
fn a_conversation_is_rated_by_keyboard() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
        let rep = console(&server, of_rep.tab(&server.url("/rep")).await, "rita").await;
        let customer = of_customer.tab(&server.url("/healthz")).await;
        for language in ["en", "de"] {
            customer.speaks(language).await;
            customer.goto(&server.url(LANDING)).await;
            into_the_queue(&customer, HOSTILE).await;
            customer.click("leave").await;
            customer.reaches("ended").await;
            assert_eq!(customer.js("return document.querySelector(\"[data-testid='rating']\")").await, Value::Null);
            customer.click("again").await;
            customer.reaches("devices").await;
            customer.click("request").await;
            customer.reaches("waiting").await;
            rep.click("next").await;
            customer.reaches("conversation").await;
            customer.click("end").await;
            customer.reaches("ended").await;
            customer.pictures_of_all(&format!("customer-rating-empty-{language}")).await;
            customer.presses_on("stars-1", Key::Space).await;
            for star in 1..=3 {
                customer.presses_on(&format!("stars-{star}"), Key::Right).await;
            }
            customer.shows("stars-word", if language == "en" { "4 of 5: good" } else { "4 von 5: gut" }).await;
            let names = "return [...document.querySelectorAll('.stars input')].map((star) => \
                [star.getAttribute('aria-label').slice(0, 1), star.checked, star.name])";
            let expected: Vec<_> = (1..=5).map(|star| json!([star.to_string(), star == 4, "stars"])).collect();
            assert_eq!(customer.js(names).await, json!(expected));
            customer.types("comment", HOSTILE).await;
            customer.pictures_of_all(&format!("customer-rating-{language}")).await;
            customer.presses_on("rate", Key::Enter).await;
            eventually("the thanks have the focus", seconds(10), async || {
                let focus = customer.js("return document.activeElement?.dataset.testid").await;
                (focus == json!("rated")).then_some(())
            })
            .await;
            customer.pictures_of_all(&format!("customer-rated-{language}")).await;
            customer.is_unharmed().await;
        }
        let admin = server.admin().await;
        let calls = admin.api.get("/getFullMetrics/5/3").await.expect(200);
        let mut ratings = Vec::new();
        for call in calls.as_array().expect("an array") {
            let session = call["Sessionid"].as_str().expect("an id");
            ratings.push(admin.api.get(&format!("/help/session/{session}")).await.expect(200)["rating"].clone());
        }
        let rated = json!({"stars": 4, "comment": HOSTILE});
        assert_eq!(ratings, [Value::Null, rated.clone(), Value::Null, rated]);
        customer.click("again").await;
        customer.reaches("devices").await;
        of_customer.quit().await;
        of_rep.quit().await;
    });
}
