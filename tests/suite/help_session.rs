//! `POST /help/session`: what a customer may say, and what is kept of it.

use base64::prelude::{BASE64_STANDARD, Engine};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha1::Sha1;

use crate::support::http::{form, segment, text};
use crate::support::{Backend, Caller, Customer, Server, conversation};

both! {
    a_session_is_made_and_belongs_to_its_banner,
    ids_are_texts_and_keep_every_byte,
    malformed_ids_are_refused_with_the_reason,
    what_people_type_is_kept_exactly,
    too_much_or_broken_is_refused,
    a_key_has_one_effect_and_one_answer,
    two_requests_at_once_with_one_key_have_one_effect,
    ice_servers_come_with_expiring_credentials,
}

fn hexadecimal(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

async fn keyed(caller: &Caller, path: &str, key: &str, body: &Value) -> crate::support::Answer {
    caller.send(caller.request("POST", path).header("Idempotency-Key", key).json(body)).await
}

async fn a_session_is_made_and_belongs_to_its_banner(backend: Backend) {
    let server = Server::start(backend).await;
    let answer = server.nobody().post("/help/session", &json!({"campaignId": "5", "bannerId": "3"})).await;
    let made = answer.expect(201);
    assert!(hexadecimal(&text(&made["sessionId"])), "{made}");
    assert!(text(&made["token"]).starts_with("blc_"), "{made}");
    assert_eq!(made["media"]["kind"], "p2p");
    assert_eq!(made["media"]["iceTransportPolicy"], "all");
    assert!(made["media"]["iceServers"].is_array(), "{made}");
    assert_eq!(answer.header("set-cookie"), None, "a customer has no cookie");

    let customer = Customer::opens(&server, &json!({"campaignId": "5", "bannerId": "3"})).await;
    assert_ne!(customer.session, text(&made["sessionId"]));
    let view = customer.view().await;
    let expected = [
        ("state", json!("created")),
        ("outcome", Value::Null),
        ("campaignId", json!("5")),
        ("bannerId", json!("3")),
        ("queueId", Value::Null),
        ("position", Value::Null),
        ("representative", Value::Null),
        ("test", json!(false)),
        ("requeued", json!(false)),
        ("sessionId", json!(customer.session)),
    ];
    for (field, value) in expected {
        assert_eq!(view[field], value, "{field} of {view}");
    }
    let direct = Customer::opens(&server, &json!({})).await.view().await;
    assert_eq!((&direct["campaignId"], &direct["bannerId"]), (&json!("direct"), &json!("direct")));
}

async fn ids_are_texts_and_keep_every_byte(backend: Backend) {
    let server = Server::start(backend).await;
    let long = "z".repeat(100);
    let ids = ["5", "05", "aB", "Ab", "120210000000000017", "!\"#$&'()*+,-./:;<=>?@^_`|~", "a\\b", "100%", &long];
    for id in ids {
        let mut customer = Customer::arrives(&server, id, id).await;
        customer.joins().await;
        let view = customer.view().await;
        assert_eq!((&view["campaignId"], &view["bannerId"]), (&json!(id), &json!(id)));
    }
    // Compared byte for byte: letters of another case, zeros in front are other campaigns.
    let admin = server.admin().await;
    for id in ids {
        for path in [format!("/getFullMetrics/{}", segment(id)), format!("/getFullMetrics/{0}/{0}", segment(id))] {
            let calls = admin.api.get(&path).await.expect(200);
            assert_eq!(calls.as_array().map(Vec::len), Some(1), "{path}: {calls}");
            assert_eq!(calls[0]["CampaignId"], json!(id));
            assert_eq!(calls[0]["BannerId"], json!(id));
        }
    }
}

async fn malformed_ids_are_refused_with_the_reason(backend: Backend) {
    let server = Server::start(backend).await;
    let long = "z".repeat(101);
    let macros = ["{campaignid}", "%7Bcampaignid%7D", "__CID__", "{{ad.id}}", "[campaign]", "%7b%7bad.id%7d%7d"];
    let others = ["", " ", "a b", " 5", "5\n", "é", "😀", "a\u{0}b", "a\u{7f}b", &long];
    for wrong in macros.iter().chain(&others) {
        for (campaign, banner, named) in [(*wrong, "3", "campaignId"), ("5", *wrong, "bannerId")] {
            let body = json!({"campaignId": campaign, "bannerId": banner});
            let problem = server.nobody().post("/help/session", &body).await.refused(400);
            assert!(text(&problem["detail"]).contains(named), "{wrong:?} as {named}: {problem}");
        }
    }
    for lonely in [json!({"campaignId": "5"}), json!({"bannerId": "3"})] {
        server.nobody().post("/help/session", &lonely).await.refused(400);
    }
    let unknown = json!({"visitId": "0123456789abcdef0123456789abcdef"});
    let refusal = server.nobody().post("/help/session", &unknown).await;
    assert!((400..500).contains(&refusal.status), "an unknown visit: {refusal:?}");
}

async fn what_people_type_is_kept_exactly(backend: Backend) {
    let server = Server::start(backend).await;
    let (emoji, problem) = ("😀".repeat(80), "ß".repeat(1_000));
    let typed = [
        (emoji.as_str(), problem.as_str()),
        ("שלום עולם", "مرحبا بالعالم‏\u{200f} abc"),
        ("<script>alert(1)</script>", "</textarea><img src=x onerror=alert(2)>"),
        ("Robert'); DROP TABLE sessions;--", "\\ ' \" ` %s {{ 7*7 }} ${x}"),
        ("e\u{301} and é are two", "two\nlines\tand a tab"),
    ];
    let rep = server.rep("rita").await;
    for (name, problem) in typed {
        let body = json!({"campaignId": "5", "bannerId": "3", "name": name, "problem": problem, "audioOnly": true});
        let mut customer = Customer::opens(&server, &body).await;
        customer.joins().await;
        let view = customer.view().await;
        assert_eq!((&view["name"], &view["problem"]), (&json!(name), &json!(problem)));
        assert_eq!(view["audioOnly"], true);
        let claim = rep.claims().await.expect("the customer waits");
        assert_eq!((&claim["name"], &claim["problem"]), (&json!(name), &json!(problem)));
        rep.ends(&customer.session).await;
    }
}

async fn too_much_or_broken_is_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let nobody = server.nobody();
    for body in [json!({"name": "😀".repeat(81)}), json!({"problem": "x".repeat(1_001)})] {
        nobody.post("/help/session", &body).await.refused(400);
    }
    for broken in ["{", "[]", "null", "7", "{\"name\": 7}", "{\"name\": \"\u{1}\"", "{\"audioOnly\": \"yes\"}"] {
        let request = nobody.request("POST", "/help/session").header("Content-Type", "application/json").body(broken);
        nobody.send(request).await.refused(400);
    }
    let invalid = nobody.request("POST", "/help/session").header("Content-Type", "application/json");
    nobody.send(invalid.body(b"{\"name\": \"\xff\xfe\"}".to_vec())).await.refused(400);
    let large = json!({"problem": "x".repeat(1_500_000)});
    nobody.post("/help/session", &large).await.refused(413);
    // A browser's form posts too.
    let fields = [("campaignId", "5"), ("bannerId", "3"), ("name", "Ada <& 😀>")];
    let made = nobody.send(form(nobody.request("POST", "/help/session"), &fields)).await.expect(201);
    let view = server.bearer(&text(&made["token"])).get(&format!("/help/session/{}", text(&made["sessionId"]))).await;
    assert_eq!(view.expect(200)["name"], "Ada <& 😀>");
}

async fn a_key_has_one_effect_and_one_answer(backend: Backend) {
    let mut server = Server::start(backend).await;
    let body = json!({"campaignId": "5", "bannerId": "3", "name": "Ada"});
    let first = keyed(&server.nobody(), "/help/session", "key-1", &body).await.expect(201);
    server.kill_9();
    server.launch().await;
    let again = keyed(&server.nobody(), "/help/session", "key-1", &body).await.expect(201);
    assert_eq!((&first["sessionId"], &first["token"]), (&again["sessionId"], &again["token"]));
    let other = json!({"campaignId": "5", "bannerId": "4", "name": "Ada"});
    keyed(&server.nobody(), "/help/session", "key-1", &other).await.refused(422);
    let second = keyed(&server.nobody(), "/help/session", "key-2", &body).await.expect(201);
    assert_ne!(first["sessionId"], second["sessionId"]);

    // The scope is the caller and the route: the same key is another one elsewhere.
    let ada = server.bearer(&text(&first["token"]));
    let bob = server.bearer(&text(&second["token"]));
    let joined = keyed(&ada, "/help/queue", "key-1", &json!({"sessionId": first["sessionId"]})).await.expect(201);
    let joined_again = keyed(&ada, "/help/queue", "key-1", &json!({"sessionId": first["sessionId"]})).await.expect(201);
    assert_eq!(joined["queueId"], joined_again["queueId"]);
    let of_bob = keyed(&bob, "/help/queue", "key-1", &json!({"sessionId": second["sessionId"]})).await.expect(201);
    assert_ne!(joined["queueId"], of_bob["queueId"]);
}

async fn two_requests_at_once_with_one_key_have_one_effect(backend: Backend) {
    let server = Server::start(backend).await;
    let body = json!({"campaignId": "5", "bannerId": "3"});
    for round in 0..10 {
        let (nobody, key) = (server.nobody(), format!("together-{round}"));
        let send = || keyed(&nobody, "/help/session", &key, &body);
        let answers = tokio::join!(send(), send(), send(), send());
        let ids = [&answers.0, &answers.1, &answers.2, &answers.3].map(|answer| text(&answer.expect(201)["sessionId"]));
        assert!(ids.iter().all(|id| *id == ids[0]), "one key made several sessions: {ids:?}");
    }
}

async fn ice_servers_come_with_expiring_credentials(backend: Backend) {
    let settings = [
        ("BANNERLINE_STUN_URLS", "stun:127.0.0.1:3478"),
        ("BANNERLINE_TURN_URLS", "turn:127.0.0.1:3478?transport=udp,turn:127.0.0.1:3478?transport=tcp"),
        ("BANNERLINE_TURN_SECRET", "north"),
        ("BANNERLINE_TURN_TTL", "600"),
    ];
    let server = Server::with(backend, &settings).await;
    let customer = Customer::waits(&server, "5", "3").await;
    let rep = server.rep("rita").await;
    let talking = conversation(&customer, &rep).await;
    let of_rep = rep.api.get(&customer.path("/media")).await.expect(200);
    for media in [customer.api.get(&customer.path("/media")).await.expect(200), of_rep, talking["media"].clone()] {
        assert_eq!((&media["kind"], &media["ttl"]), (&json!("p2p"), &json!(600)));
        let servers = media["iceServers"].as_array().expect("ICE servers");
        assert_eq!(servers[0]["urls"], json!(["stun:127.0.0.1:3478"]));
        assert_eq!(servers[1]["urls"].as_array().map(Vec::len), Some(2), "{media}");
        let (expiry, session) = text(&servers[1]["username"]).split_once(':').map(own_both).expect("expiry:session");
        assert_eq!(session, customer.session);
        let left = expiry.parse::<i64>().expect("seconds") - chrono::Utc::now().timestamp();
        assert!((590..=601).contains(&left), "{left} s are left of 600");
        let mut credential = Hmac::<Sha1>::new_from_slice(b"north").expect("any key fits");
        credential.update(text(&servers[1]["username"]).as_bytes());
        assert_eq!(text(&servers[1]["credential"]), BASE64_STANDARD.encode(credential.finalize().into_bytes()));
    }
}

fn own_both((left, right): (&str, &str)) -> (String, String) {
    (left.to_owned(), right.to_owned())
}
