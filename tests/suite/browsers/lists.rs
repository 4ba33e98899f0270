//! *Waiting for you* in a real browser: the second on the list is taken, and the first stays.

use serde_json::json;

use super::{LANDING, both_hear, console, into_the_queue};
use crate::support::browser::{Browser, Devices};
use crate::support::{Backend, Customer, Server, run};

#[test]
fn the_second_on_the_list_is_taken() {
    run(async {
        let server = Server::start(Backend::Sqlite).await;
        server.sets_queue("mode = 'list'").await;
        let browser = Browser::launch(Devices::Fake).await;
        let problem = "The parcel came without the screws, and the shop is closed until Monday";
        let wish = json!({"campaignId": "5", "bannerId": "3", "name": "Ada", "problem": problem});
        let mut first = Customer::opens(&server, &wish).await;
        first.joins().await;
        let customer = browser.tab(&server.url(LANDING)).await;
        into_the_queue(&customer, "Ben").await;
        let wish = json!({"campaignId": "5", "bannerId": "3", "name": "<b>محمد & Zoë</b>", "audioOnly": true});
        let mut third = Customer::opens(&server, &wish).await;
        third.joins().await;

        let rep = console(&server, browser.new_tab(&server.url("/rep")).await, "rita").await;
        assert!(!rep.has("own-list").await, "nobody is dealt to who takes no calls");
        rep.chooses("activity", "available").await;
        rep.shows("listed-1", "Ada").await;
        rep.shows("listed-2", "Ben").await;
        rep.shows("listed-3", "<b>محمد & Zoë</b>").await;
        rep.pictures("rep-list").await;
        rep.click("take-2").await;
        rep.reaches("conversation").await;
        customer.reaches("conversation").await;
        both_hear(&customer, &rep).await;
        rep.shows("customer-name", "Ben").await;
        rep.shows("listed-2", "<b>محمد & Zoë</b>").await;
        rep.pictures("rep-list-call").await;
        assert_eq!(rep.js("return document.querySelector(\"[data-testid='take-1']\").disabled").await, true);
        rep.is_unharmed().await;
        browser.quit().await;
    });
}
