//! Several instances on one database, with nothing between them but its rows.

use serde_json::{Value, json};

use crate::support::database::Database;
use crate::support::server::Folder;
use crate::support::{Backend, Customer, Server, noticed, run, seconds};

/// MariaDB only: SQLite serves one instance.
#[test]
fn what_happens_on_one_instance_is_seen_on_the_other() {
    run(async {
        let folder = Folder::new();
        let database = Database::fresh(Backend::MariaDb, &folder.0).await;
        let on_it = [("DATABASE_URL", database.url.as_str())];
        let (one, other) = (Server::with(Backend::Sqlite, &on_it).await, Server::with(Backend::Sqlite, &on_it).await);
        let rep = other.rep("rita").await;
        let mut console = rep.stream().await;
        console.next("state").await;
        assert_eq!(console.next("queue").await.data["waiting"], 0);

        let customer = Customer::waits(&one, "5", "3").await;
        let queue = console.until(seconds(8), "queue", |data| data["waiting"] == 1).await.data;
        assert_eq!(queue["entries"][0]["queueId"], json!(customer.queue), "{queue}");

        let mut page = customer.stream().await;
        assert_eq!(page.next("state").await.data["state"], "waiting");
        assert_eq!(rep.claims().await.expect("somebody waits")["sessionId"], json!(customer.session));
        page.until(seconds(8), "state", |state| state["state"] == "offered").await;
    });
}

/// The copy of the line is behind what another instance let in: nobody is overtaken for that.
#[test]
fn who_joined_another_queue_elsewhere_is_not_overtaken() {
    run(async {
        let folder = Folder::new();
        let database = Database::fresh(Backend::MariaDb, &folder.0).await;
        let on_it = [("DATABASE_URL", database.url.as_str())];
        let (one, other) = (Server::with(Backend::Sqlite, &on_it).await, Server::with(Backend::Sqlite, &on_it).await);
        let admin = one.admin().await;
        admin.api.post("/admin/api/queues", &json!({"name": "sales", "offerSeconds": 60})).await.expect(201);
        admin.api.put("/admin/api/campaigns/7", &json!({"queues": ["sales"]})).await.expect(200);
        noticed().await;
        let rep = one.rep("rita").await;
        let mut console = rep.stream().await;
        console.next("state").await;
        for _ in 0..3 {
            let older = Customer::waits(&other, "7", "1").await;
            let younger = Customer::waits(&one, "5", "1").await;
            rep.chooses("available").await;
            let rings = |data: &Value| data["offers"].as_array().is_some_and(|offers| !offers.is_empty());
            let state = console.until(seconds(8), "state", rings).await.data;
            assert_eq!(state["offers"][0]["customer"]["sessionId"], json!(older.session), "the older one rings");
            rep.chooses("offline").await;
            older.leaves_queue().await;
            younger.leaves_queue().await;
            console.until(seconds(8), "state", |data| data["offers"] == json!([])).await;
        }
    });
}
