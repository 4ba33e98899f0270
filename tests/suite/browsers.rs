//! The whole way in real browsers: two Chromiums with fake devices, from the banner's click to the figures.

use serde_json::{Value, json};

use crate::figures::checked;
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::server::ADMIN_PASSWORD;
use crate::support::{Backend, Customer, Server, eventually, run, seconds, time_passes};

both! {
    from_the_click_to_the_figures,
    an_administrator_sets_the_house_up,
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
    tab.reaches("login").await;
    tab.types("username", name).await;
    tab.types("password", &format!("the password of {name}")).await;
    tab.click("login").await;
    tab.reaches("ready").await;
}

/// A customer who goes all the way into the queue.
async fn into_the_queue(tab: &Tab, name: &str) {
    tab.reaches("invitation").await;
    tab.click("talk").await;
    tab.reaches("form").await;
    tab.types("name", name).await;
    tab.click("continue").await;
    tab.reaches("devices").await;
    tab.click("request").await;
    tab.reaches("waiting").await;
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
    dashboard_shows(&server, &of_rep, pictures).await;
    of_customer.quit().await;
    of_rep.quit().await;
}

async fn both_hear(customer: &Tab, rep: &Tab) {
    customer.hears(true).await;
    rep.hears(true).await;
}

/// The marketer's page tells the same, and lists the broken link.
async fn dashboard_shows(server: &Server, browser: &Browser, pictures: bool) {
    server.nobody().get("/?campaignId=%7Bcampaignid%7D&bannerId=3").await.expect_status(200);
    server.person("mara", "marketer").await;
    let tab = browser.new_tab(&server.url("/login?next=/dashboard")).await;
    tab.types("username", "mara").await;
    tab.types("password", "the password of mara").await;
    tab.click("login").await;
    tab.reaches("dashboard").await;
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
        let rep = console(&server, of_rep.tab(&server.url("/rep")).await, "rita").await;
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
            customer.hears(false).await;
            rep.hears(false).await;
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
            customer.hears(true).await;
            rep.hears(true).await;
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

#[test]
fn a_second_console_supersedes_the_first() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        let browser = Browser::launch(Devices::Fake).await;
        let first = console(&server, browser.tab(&server.url("/rep")).await, "rita").await;
        let second = browser.new_tab(&server.url("/rep")).await;
        second.reaches("ready").await;
        first.reaches("superseded").await;
        first.pictures("rep-superseded").await;
        time_passes(seconds(3)).await;
        second.reaches("ready").await;
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
    });
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

/// People, a campaign and the log, typed and clicked as an administrator would; then the customer's page has the colour.
async fn an_administrator_sets_the_house_up(backend: Backend) {
    let server = Server::start(backend).await;
    let browser = Browser::launch(Devices::Fake).await;
    let pictures = backend == Backend::Sqlite;
    let picture = async |tab: &Tab, name: &str| {
        if pictures {
            tab.pictures_of_all(name).await;
        }
    };
    let tab = browser.tab(&server.url("/login?next=/admin/people")).await;
    tab.types("username", "admin").await;
    tab.types("password", ADMIN_PASSWORD).await;
    tab.click("login").await;
    tab.reaches("admin-people").await;
    tab.shows("alone", "alone").await;
    picture(&tab, "admin-people-alone").await;
    set_people_up(&tab, pictures).await;
    picture(&tab, "admin-people").await;
    tab.is_unharmed().await;

    tab.goto(&server.url("/admin/campaigns")).await;
    tab.reaches("admin-campaigns").await;
    tab.shows("empty", "No campaigns yet").await;
    picture(&tab, "admin-campaigns-empty").await;
    set_campaigns_up(&server, &tab, pictures).await;
    picture(&tab, "admin-campaigns").await;
    tab.is_unharmed().await;

    tab.goto(&server.url("/admin/audit")).await;
    tab.reaches("admin-audit").await;
    tab.shows("audit", "Spring sale").await;
    picture(&tab, "admin-audit").await;
    tab.is_unharmed().await;

    // A light colour: what is written on the button turns black, and the words elsewhere can be read.
    let customer = browser.new_tab(&server.url("/?campaignId=spring&bannerId=3")).await;
    customer.reaches("invitation").await;
    let button = customer.js("const it = getComputedStyle(document.querySelector('[data-testid=talk]')); return [it.backgroundColor, it.color]").await;
    assert_eq!(button, json!(["rgb(255, 212, 0)", "rgb(0, 0, 0)"]));
    picture(&customer, "customer-invitation-coloured").await;
    customer.is_unharmed().await;
    browser.quit().await;
}

async fn set_people_up(tab: &Tab, pictures: bool) {
    tab.click("person-add").await;
    tab.types("person-username", "ana").await;
    tab.types("person-display-name", "Ana Žitnik").await;
    tab.types("person-password", "short").await;
    tab.chooses("person-role", "rep").await;
    if pictures {
        tab.pictures("admin-person-add").await;
    }
    // The browser itself holds back what is too short; the server says what is wrong with the rest.
    tab.types("person-password", "long enough").await;
    tab.types("person-username", "admin").await;
    tab.click("dialog-save").await;
    tab.shows("dialog-error", "There is a user admin already").await;
    tab.types("person-username", "ana").await;
    tab.click("dialog-save").await;
    tab.shows("said", "Ana Žitnik can log in now").await;

    tab.click("edit-ana").await;
    tab.chooses("person-capacity", "3").await;
    tab.types("person-skills", "French, tax 税金").await;
    if pictures {
        tab.pictures("admin-person-edit").await;
    }
    tab.click("dialog-save").await;
    tab.shows("person-ana", "french").await;
    tab.shows("person-ana", "税金").await;

    tab.click("person-add").await;
    tab.types("person-username", "mia").await;
    tab.types("person-password", "long enough").await;
    tab.chooses("person-role", "marketer").await;
    tab.click("dialog-save").await;
    tab.shows("person-mia", "Marketer").await;
    tab.click("disable-mia").await;
    if pictures {
        tab.pictures("admin-person-disable").await;
    }
    tab.click("dialog-save").await;
    tab.shows("person-mia", "Disabled").await;
    tab.click("disable-admin").await;
    tab.click("dialog-save").await;
    tab.shows("dialog-error", "last administrator").await;
    tab.click("dialog-cancel").await;
    tab.reload().await;
    tab.shows("person-ana", "Ana Žitnik").await;
    tab.shows("person-mia", "Disabled").await;
}

async fn set_campaigns_up(server: &Server, tab: &Tab, pictures: bool) {
    tab.click("campaign-add").await;
    tab.types("campaign-id", "spring").await;
    tab.types("campaign-name", "Spring sale").await;
    tab.types("campaign-headline", "Questions about the spring sale?").await;
    tab.types("campaign-intro", "We are here, with a smile.").await;
    tab.types("campaign-colour", "yellow").await;
    tab.click("dialog-save").await;
    tab.shows("dialog-error", "colour must be # and six hexadecimal digits").await;
    tab.types("campaign-colour", "#ffd400").await;
    tab.chooses("campaign-form", "none").await;
    tab.types("campaign-outcomes", "Sold\nCall again\nNot interested").await;
    if pictures {
        tab.pictures("admin-campaign-edit").await;
    }
    tab.click("dialog-save").await;
    tab.shows("campaign-spring", "Not interested").await;
    tab.click("banners-spring").await;
    tab.click("banner-add-spring").await;
    tab.types("banner-id", "3").await;
    tab.types("banner-name", "Skyscraper").await;
    tab.click("dialog-save").await;
    tab.shows("said", "Skyscraper has been saved").await;
    server.nobody().get("/?campaignId=98231&bannerId=77").await.expect_status(200);
    tab.reload().await;
    tab.shows("campaign-98231", "Unregistered").await;
    tab.js("for (const fold of document.querySelectorAll('details')) fold.open = true").await;
    tab.shows("banners-spring", "Skyscraper").await;
    tab.shows("links-spring", "campaignId=spring&bannerId={{ad.id}}").await;
}
