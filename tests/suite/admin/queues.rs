//! How the queue is set, and that running servers notice.

use serde_json::{Value, json};

use super::log;
use crate::support::{Backend, Customer, Server, noticed, seconds, time_passes};

both! {
    queues_are_set_and_servers_notice,
}

async fn queues_are_set_and_servers_notice(backend: Backend) {
    const QUEUE: &str = "/admin/api/queues/default";
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let first = json!({"name": "default", "title": null, "welcome": null, "rank": 0, "skills": [], "preferredSkills": [],
        "relaxAfterSeconds": 60, "servedBy": 1, "warning": null, "mode": "offer", "offerSeconds": 10, "offerTo": 1,
        "offerOrder": "idle", "afterCall": "available", "wrapUpSeconds": 0});
    assert_eq!(admin.api.get("/admin/api/queues").await.expect(200), json!([first]));
    let wrong = [
        (json!({"offerSeconds": 2}), "offerSeconds must be 3 to 120."),
        (json!({"offerTo": 6}), "offerTo must be 1 to 5."),
        (json!({"wrapUpSeconds": 3_601}), "wrapUpSeconds must be 0 to 3600."),
        (json!({"mode": "loud"}), "one of `pull`, `offer`, `list`"),
        (json!({"colour": "red"}), "colour"),
        (json!({"rank": 101}), "rank must be -100 to 100."),
        (json!({"relaxAfterSeconds": -1}), "relaxAfterSeconds must be 0 to 3600."),
        (json!({"skills": ["two words"]}), "skills: each must be one word"),
        (json!({"preferredSkills": vec!["x"; 21]}), "at most 20 skills"),
        (json!({"name": "renamed"}), "A queue keeps its name"),
    ];
    for (body, said) in wrong {
        let refused = admin.api.patch(QUEUE, &body).await.refused(400);
        assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains(said)), "{refused}");
    }
    admin.api.patch("/admin/api/queues/other", &json!({"offerTo": 2})).await.refused(404);
    assert_eq!(log(&admin).await.iter().filter(|entry| entry["action"] == "queue.change").count(), 0);

    let pull = admin.api.patch(QUEUE, &json!({"mode": "pull", "offerTo": 1})).await.expect(200);
    assert_eq!((&pull["mode"], &pull["offerSeconds"]), (&json!("pull"), &json!(10)), "what is absent stays");
    let entry = log(&admin).await.remove(0);
    assert_eq!((&entry["action"], &entry["subject"]), (&json!("queue.change"), &json!("default")));
    assert_eq!(entry["detail"], json!({"mode": "pull"}), "only what is different");
    let rita = server.rep("rita").await;
    let mut console = rita.is_available().await;
    noticed().await;
    let waits = Customer::waits(&server, "5", "3").await;
    time_passes(seconds(2)).await;
    let told = console.take_arrived().iter().any(|event| event.name == "state" && event.data["offers"] != json!([]));
    assert!(!told, "nobody rings in a queue that is asked");

    let set = server.cli(&["queue", "set", "default", "--mode", "offer", "--offer-seconds", "30"], "");
    assert!(set.status.success(), "{set:?}");
    let line = String::from_utf8_lossy(&set.stdout).into_owned();
    assert!(line.contains("rings 30 s at 1 at once"), "{line}");
    let rings = |data: &Value| data["offers"][0]["customer"]["sessionId"] == json!(waits.session);
    console.until(seconds(8), "state", rings).await;
    let set = server.cli(&["queue", "set", "default", "--wrap-up-seconds", "90"], "");
    assert!(String::from_utf8_lossy(&set.stdout).contains("90 s to wrap a call up"), "{set:?}");
    assert_eq!(log(&admin).await.remove(0)["detail"], json!({"wrapUpSeconds": 90}));
    let set = server.cli(&["queue", "set", "default", "--mode", "list"], "");
    assert!(String::from_utf8_lossy(&set.stdout).contains("picked from a list"), "{set:?}");
    assert_eq!(admin.api.get("/admin/api/queues").await.expect(200)[0]["mode"], "list");
    let refused = server.cli(&["queue", "set", "default", "--wrap-up-seconds", "-1"], "");
    assert!(!refused.status.success());
    let refused = server.cli(&["queue", "set", "default", "--offer-to", "9"], "");
    assert!(!refused.status.success() && String::from_utf8_lossy(&refused.stderr).contains("must be 1 to 5"));
}
