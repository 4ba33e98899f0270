//! Queues in real browsers: an administrator makes them, the customer chooses, and the representative sees which.

use super::{console, signs_in, to_the_queue};
use crate::support::browser::{Browser, Devices};
use crate::support::{Backend, Server, noticed, run};

// What is kept is the same on both databases, which the tests of the routes show: one walk is enough.
#[test]
fn sales_or_support() {
    run(walk());
}

async fn walk() {
    let server = Server::with(Backend::Sqlite, &[("BANNERLINE_FORM", "short")]).await;
    let of_admin = Browser::launch(Devices::Fake).await;
    let admin = of_admin.tab(&server.url("/login?next=/admin/queues")).await;
    signs_in(&admin, "admin", "admin-queues").await;
    for (name, title) in [("sales", "I would like to buy"), ("support", "I need help")] {
        admin.click("queue-add").await;
        admin.types("queue-name", name).await;
        admin.types("queue-title", title).await;
        admin.types("queue-welcome", "Please have your order number ready.\nIt is on the bill.").await;
        admin.types("queue-skills", name).await;
        admin.types("queue-preferred", "french").await;
        admin.types("queue-relax", "0").await;
        if name == "sales" {
            admin.pictures_of_all("admin-queue-add").await;
        }
        admin.click("dialog-save").await;
        admin.shows(&format!("warning-{name}"), "Nobody can serve this queue").await;
    }
    admin.pictures_of_all("admin-queues-several").await;
    admin.is_unharmed().await;

    admin.goto(&server.url("/admin/campaigns")).await;
    admin.click("campaign-add").await;
    admin.types("campaign-id", "5").await;
    admin.types("campaign-name", "Autumn").await;
    admin.click("leads-support").await;
    admin.click("leads-sales").await;
    admin.pictures_of_all("admin-campaign-queues").await;
    admin.click("dialog-save").await;
    admin.shows("campaign-5", "I need help").await;
    admin.is_unharmed().await;

    of_admin.quit().await;

    let (of_customer, of_rep) = (Browser::launch(Devices::Fake).await, Browser::launch(Devices::Fake).await);
    let rep = of_rep.tab(&server.url("/rep")).await;
    let rep = console(&server, rep, "rita").await;
    let set = server.cli(&["user", "set", "rita", "--skill", "sales"], "");
    assert!(set.status.success(), "{set:?}");
    rep.chooses("activity", "available").await;
    noticed().await;
    let customer = of_customer.tab(&server.url("/?campaignId=5&bannerId=3")).await;
    customer.reaches("invitation").await;
    customer.shows("choice", "I would like to buy").await;
    customer.shows("choice", "Somebody is here").await;
    customer.pictures("customer-choice").await;
    let other = of_customer.new_tab(&server.url("/?campaignId=5&bannerId=3")).await;
    to_the_queue(&other, "talk-support", "Ben").await;
    other.reaches("waiting").await;
    other.shows("welcome", "Please have your order number ready.").await;
    other.shows("queue", "I need help").await;
    other.pictures("customer-waiting-welcome").await;
    to_the_queue(&customer, "talk-sales", "Ada").await;
    rep.shows("ringing", "Ada").await;
    rep.shows("ringing-queue", "I would like to buy").await;
    rep.pictures("rep-ringing-queue").await;
    rep.click("accept").await;
    rep.reaches("conversation").await;
    rep.shows("customer-queue", "I would like to buy").await;
    for tab in [&customer, &other, &rep] {
        tab.is_unharmed().await;
    }
    of_customer.quit().await;
    of_rep.quit().await;
}
