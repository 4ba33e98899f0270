//! The administration in a real browser: what is typed and clicked, what it looks like, and what customers see of it.

use serde_json::json;

use super::signs_in;
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::{Backend, Server, run};

// What is kept is the same on both databases, which the tests of the routes show: one walk is enough.
#[test]
fn an_administrator_sets_the_house_up() {
    run(walk(Backend::Sqlite));
}

/// People, a campaign and the log, typed and clicked as an administrator would; then the customer's page has the colour.
async fn walk(backend: Backend) {
    let server = Server::start(backend).await;
    let browser = Browser::launch(Devices::Fake).await;
    let pictures = backend == Backend::Sqlite;
    let picture = async |tab: &Tab, name: &str| {
        if pictures {
            tab.pictures_of_all(name).await;
        }
    };
    let tab = browser.tab(&server.url("/login?next=/admin/people")).await;
    signs_in(&tab, "admin", "admin-people").await;
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

    tab.goto(&server.url("/admin/queues")).await;
    tab.reaches("admin-queues").await;
    tab.click("edit-default").await;
    tab.types("queue-to", "9").await;
    tab.click("dialog-save").await;
    assert!(tab.has("queue-dialog").await, "nine are too many");
    tab.types("queue-to", "2").await;
    tab.types("queue-wrap-up", "90").await;
    if pictures {
        tab.pictures("admin-queue-edit").await;
    }
    tab.click("dialog-save").await;
    tab.shows("queue-default", "2 at once").await;
    tab.shows("queue-default", "1 m 30 s at most").await;
    picture(&tab, "admin-queues").await;
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
