//! Several instances on one database, with nothing between them but its rows.

use serde_json::json;

use crate::support::database::Database;
use crate::support::server::Folder;
use crate::support::{Backend, Customer, Server, run, seconds};

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
