//! The administration: people, campaigns, banners, and the log that says who changed what.

mod campaigns;
mod queues;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::http::segment;
use crate::support::server::ADMIN_PASSWORD;
use crate::support::{Backend, Person, Server, seconds};

both! {
    people_are_added_and_changed,
    who_is_locked_out_is_out_at_once,
    the_last_administrator_stays,
    two_administrators_cannot_lock_each_other_out,
    names_and_words_are_kept_byte_for_byte,
    what_is_not_well_formed_changes_nothing,
    cookie_borne_changes_need_the_csrf_token,
    every_change_is_in_the_log_and_nothing_secret,
    pages_hold_whatever_is_typed,
}

const PEOPLE: &str = "/admin/api/people";
const CAMPAIGNS: &str = "/admin/api/campaigns";
/// What breaks careless programs: markup, quotes, characters of four bytes, right to left, an accent of its own.
const HOSTILE: &str = "</script><b>\"Ä\" & 😀 שלום e\u{301} 'x' \\";

fn of(name: &str) -> String {
    format!("{PEOPLE}/{}", segment(name))
}

fn campaign(id: &str) -> String {
    format!("{CAMPAIGNS}/{}", segment(id))
}

async fn person(admin: &Person, name: &str) -> Value {
    let people = admin.api.get(PEOPLE).await.expect(200);
    let found = people.as_array().expect("a list").iter().find(|person| person["username"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {people}")).clone()
}

/// The log, newest first: who, what, to what.
async fn log(admin: &Person) -> Vec<Value> {
    admin.api.get("/admin/api/audit").await.expect(200).as_array().expect("a list").clone()
}

async fn people_are_added_and_changed(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let new = json!({"username": "Rita", "password": "a password", "displayName": "Rita R.", "role": "rep"});
    let made = admin.api.post(PEOPLE, &new).await.expect(201);
    assert_eq!(
        (&made["displayName"], &made["capacity"], &made["disabled"]),
        (&json!("Rita R."), &json!(1), &json!(false))
    );
    assert_eq!(made["may"], json!({"takeCalls": true, "supervise": false, "readFigures": false, "administer": false}));
    admin.api.post(PEOPLE, &json!({"username": "rITA", "password": "a password", "role": "rep"})).await.refused(409);
    let rita = Person::logs_in(&server, "rita", "a password").await;

    let change = json!({"capacity": 3, "skills": ["Tax", "french", "tax"], "displayName": "Rita Röhl"});
    let changed = admin.api.patch(&of("rita"), &change).await.expect(200);
    assert_eq!((&changed["capacity"], &changed["skills"]), (&json!(3), &json!(["french", "tax"])));
    assert_eq!(person(&admin, "Rita").await, changed, "the list says the same");
    rita.api.post("/rep/alive", &json!({})).await.expect(204);

    // What is not sent stays; an empty list takes the skills away.
    let changed = admin.api.patch(&of("RITA"), &json!({"skills": []})).await.expect(200);
    assert_eq!((&changed["skills"], &changed["capacity"]), (&json!([]), &json!(3)));

    let marketer = admin.api.patch(&of("rita"), &json!({"role": "marketer"})).await.expect(200);
    assert_eq!((&marketer["capacity"], &marketer["may"]["readFigures"]), (&Value::Null, &json!(true)));
    rita.api.post("/rep/alive", &json!({})).await.refused(401);
    let refused = admin.api.patch(&of("rita"), &json!({"capacity": 2})).await.refused(400);
    assert!(refused["detail"].as_str().is_some_and(|detail| detail.contains("does not take calls")), "{refused}");
    // A marketer who is made a representative for the first time.
    server.person("mara", "marketer").await;
    let mara = admin.api.patch(&of("mara"), &json!({"role": "rep", "capacity": 5})).await.expect(200);
    assert_eq!((&mara["role"], &mara["capacity"]), (&json!("rep"), &json!(5)));
    let mara = Person::logs_in(&server, "mara", "the password of mara").await;
    assert!(mara.claims().await.is_none(), "she may ask for customers");
    admin.api.patch(&of("nobody"), &json!({"capacity": 2})).await.refused(404);
}

async fn who_is_locked_out_is_out_at_once(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, rita) = (server.admin().await, server.rep("rita").await);
    let mut stream = rita.stream().await;
    stream.next("state").await;
    let locked = admin.api.patch(&of("rita"), &json!({"disabled": true})).await.expect(200);
    assert!(locked["disabled"] == true && locked["disabledAt"].is_string(), "{locked}");
    rita.api.post("/rep/alive", &json!({})).await.refused(401);
    stream.closed(seconds(11)).await;
    let login = json!({"username": "rita", "password": "the password of rita"});
    server.nobody().post("/login", &login).await.refused(401);
    let open = admin.api.patch(&of("rita"), &json!({"disabled": false})).await.expect(200);
    assert_eq!(open["disabledAt"], Value::Null);
    rita.api.post("/rep/alive", &json!({})).await.refused(401);
    let rita = Person::logs_in(&server, "rita", "the password of rita").await;

    admin.api.patch(&of("rita"), &json!({"password": "short"})).await.refused(400);
    rita.api.post("/rep/alive", &json!({})).await.expect(204);
    admin.api.patch(&of("rita"), &json!({"password": "another password"})).await.expect(200);
    rita.api.post("/rep/alive", &json!({})).await.refused(401);
    server.nobody().post("/login", &login).await.refused(401);
    Person::logs_in(&server, "rita", "another password").await;
}

async fn the_last_administrator_stays(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    for change in [json!({"disabled": true}), json!({"role": "rep"}), json!({"role": "marketer", "displayName": "x"})] {
        let refused = admin.api.patch(&of("admin"), &change).await.refused(409);
        assert!(refused["detail"].as_str().is_some_and(|it| it.contains("last administrator")), "{refused}");
    }
    assert_eq!(person(&admin, "admin").await["displayName"], "admin", "nothing of it was kept");
    // Everything else about the last one can be changed.
    admin.api.patch(&of("admin"), &json!({"displayName": "Anna", "capacity": 2, "role": "admin"})).await.expect(200);
    server.person("anna", "admin").await;
    admin.api.patch(&of("admin"), &json!({"role": "rep"})).await.expect(200);
    admin.api.get(PEOPLE).await.refused(403);
    admin.api.post("/rep/alive", &json!({})).await.expect(204);
}

async fn two_administrators_cannot_lock_each_other_out(backend: Backend) {
    let server = Server::start(backend).await;
    for round in 0..4 {
        let (one, other) = (format!("one{round}"), format!("other{round}"));
        let admin = Person::logs_in(&server, "admin", ADMIN_PASSWORD).await;
        let (first, second) = (server.person(&one, "admin").await, server.person(&other, "admin").await);
        first.api.patch(&of("admin"), &json!({"disabled": true})).await.expect(200);
        let off = json!({"disabled": true});
        let (of_other, of_one) = (of(&other), of(&one));
        let answers = tokio::join!(first.api.patch(&of_other, &off), second.api.patch(&of_one, &off));
        let done = [&answers.0, &answers.1].iter().filter(|answer| answer.status == 200).count();
        assert_eq!(done, 1, "{} and {}", answers.0.body, answers.1.body);
        let left = if answers.0.status == 200 { &first } else { &second };
        left.api.patch(&of("admin"), &json!({"disabled": false})).await.expect(200);
        let _ = admin;
        let again = Person::logs_in(&server, "admin", ADMIN_PASSWORD).await;
        for name in [one, other] {
            again.api.patch(&of(&name), &off).await.expect(200);
        }
    }
}

async fn names_and_words_are_kept_byte_for_byte(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let change = json!({"name": HOSTILE, "headline": HOSTILE, "intro": format!("{HOSTILE}\n{HOSTILE}"),
        "outcomes": [HOSTILE, "E", "e", "é", "e\u{301}"]});
    let set = admin.api.put(&campaign("5"), &change).await.expect(200);
    for field in ["name", "headline", "intro", "outcomes"] {
        assert_eq!(set[field], change[field], "{field}");
    }
    let skills = json!(["e\u{301}", "ß", "é", "税金", "😀"]);
    server.rep("rita").await;
    let set = admin.api.patch(&of("rita"), &json!({"skills": skills, "displayName": HOSTILE})).await.expect(200);
    let words = |list: &Value| list.as_array().expect("words").iter().map(ToString::to_string).collect::<BTreeSet<_>>();
    assert_eq!((words(&set["skills"]), &set["displayName"]), (words(&skills), &json!(HOSTILE)));
    // The longest there is, in characters of four bytes.
    let longest = json!({"name": "😀".repeat(200), "intro": "😀".repeat(1_000),
        "outcomes": (10..30).map(|n| format!("{n}{}", "😀".repeat(58))).collect::<Vec<_>>()});
    let set = admin.api.put(&campaign("6"), &longest).await.expect(200);
    assert_eq!((&set["intro"], &set["outcomes"]), (&longest["intro"], &longest["outcomes"]));
    assert_eq!(log(&admin).await[0]["detail"]["intro"], longest["intro"], "in the log too");
    let strange = json!({"username": "ünï/c😀de%", "password": "a password", "role": "marketer"});
    admin.api.post(PEOPLE, &strange).await.expect(201);
    let changed = admin.api.patch(&of("ÜNÏ/C😀DE%"), &json!({"displayName": "U"})).await.expect(200);
    assert_eq!(changed["username"], "ünï/c😀de%");
}

async fn what_is_not_well_formed_changes_nothing(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    server.rep("rita").await;
    let (people, entries) = (admin.api.get(PEOPLE).await.expect(200), log(&admin).await.len());
    for (change, reason) in [
        (json!({"capacity": 0}), "1 to 5"),
        (json!({"capacity": 6, "displayName": "x"}), "1 to 5"),
        (json!({"capacity": "2"}), "JSON"),
        (json!({"role": "boss"}), "rep, marketer, supervisor or admin"),
        (json!({"displayName": ""}), "1 to 80"),
        (json!({"displayName": "x".repeat(81)}), "1 to 80"),
        (json!({"displayName": "a\u{0}b"}), "control"),
        (json!({"skills": ["two words"]}), "one word"),
        (json!({"skills": "french"}), "JSON"),
        (json!({"skills": (0..21).map(|n| format!("s{n}")).collect::<Vec<_>>()}), "at most 20"),
        (json!({"skill": ["french"]}), "unknown field"),
        (json!({"password": "1234567"}), "at least 8"),
    ] {
        let refused = admin.api.patch(&of("rita"), &change).await.refused(400);
        assert!(refused["detail"].as_str().is_some_and(|it| it.contains(reason)), "{change}: {refused}");
    }
    for (new, reason) in [
        (json!({"username": "a b", "password": "a password", "role": "rep"}), "without spaces"),
        (json!({"username": "ana", "password": "short", "role": "rep"}), "at least 8"),
        (json!({"username": "ana", "password": "a password", "role": "Rep"}), "rep, marketer, supervisor or admin"),
        (json!({"username": "ana", "password": "a password"}), "role"),
    ] {
        let refused = admin.api.post(PEOPLE, &new).await.refused(400);
        assert!(refused["detail"].as_str().is_some_and(|it| it.contains(reason)), "{new}: {refused}");
    }
    for (change, reason) in [
        (json!({"colour": "red"}), "hexadecimal"),
        (json!({"colour": "#fff"}), "hexadecimal"),
        (json!({"colour": "#ffffff;}"}), "hexadecimal"),
        (json!({"color": "#ffffff"}), "unknown field"),
        (json!({"form": "long", "name": "x"}), "none, short or full"),
        (json!({"name": "x".repeat(201)}), "1 to 200"),
        (json!({"intro": "x".repeat(1_001)}), "1 to 1000"),
        (json!({"outcomes": [""]}), "1 to 60"),
        (json!({"qualifiedSeconds": 0}), "1 to 86400"),
        (json!({"qualifiedSeconds": 86_401}), "1 to 86400"),
        (json!({"qualifiedSeconds": "soon"}), "expected i64"),
        (json!({"outcomes": (0..21).map(|n| n.to_string()).collect::<Vec<_>>()}), "at most 20"),
    ] {
        let refused = admin.api.put(&campaign("5"), &change).await.refused(400);
        assert!(refused["detail"].as_str().is_some_and(|it| it.contains(reason)), "{change}: {refused}");
    }
    for id in ["{campaignid}", "ä", "a b", &"x".repeat(101)] {
        admin.api.put(&campaign(id), &json!({"name": "x"})).await.refused(400);
        let path = format!("{}/banners/{}", campaign("5"), segment(id));
        admin.api.put(&path, &json!({"name": "x"})).await.refused(400);
    }
    assert_eq!(admin.api.get(PEOPLE).await.expect(200), people);
    assert_eq!(admin.api.get(CAMPAIGNS).await.expect(200)["campaigns"], json!([]), "no campaign was made");
    assert_eq!(log(&admin).await.len(), entries, "nothing happened, so nothing is told");
}

async fn cookie_borne_changes_need_the_csrf_token(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, nobody) = (server.admin().await, server.nobody());
    server.rep("rita").await;
    let person = json!({"username": "ana", "password": "a password", "role": "rep"});
    let writes = [
        ("POST", PEOPLE.to_owned(), person, 201),
        ("PATCH", of("rita"), json!({"capacity": 2}), 200),
        ("PUT", campaign("5"), json!({"name": "x"}), 200),
        ("PUT", format!("{}/banners/3", campaign("5")), json!({"name": "x"}), 200),
    ];
    let entries = log(&admin).await.len();
    for (method, path, body, _) in &writes {
        let with = |csrf: Option<&str>, origin: Option<&str>| {
            let request = nobody.request(method, path).header("Cookie", &admin.cookie).json(body);
            let request = csrf.into_iter().fold(request, |request, csrf| request.header("X-CSRF-Token", csrf));
            origin.into_iter().fold(request, |request, origin| request.header("Origin", origin))
        };
        nobody.send(with(None, None)).await.refused(403);
        nobody.send(with(Some("wrong"), None)).await.refused(403);
        nobody.send(with(Some(&admin.csrf), Some("https://example.org"))).await.refused(403);
    }
    assert_eq!(log(&admin).await.len(), entries, "nothing was changed");
    for (method, path, body, status) in &writes {
        let request = nobody.request(method, path).header("Cookie", &admin.cookie).header("X-CSRF-Token", &admin.csrf);
        nobody.send(request.json(body)).await.expect(*status);
    }
}

async fn every_change_is_in_the_log_and_nothing_secret(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let token = server.api_token("warehouse");
    let new = json!({"username": "Rita", "password": "a very secret word", "role": "rep"});
    admin.api.post(PEOPLE, &new).await.expect(201);
    admin.api.patch(&of("rita"), &json!({"role": "rep", "capacity": 1, "skills": []})).await.expect(200);
    admin.api.patch(&of("rita"), &json!({"password": "another secret word", "capacity": 4})).await.expect(200);
    admin.api.put(&campaign("5"), &json!({"name": "Spring"})).await.expect(200);
    admin.api.put(&campaign("5"), &json!({"name": "Spring"})).await.expect(200);
    admin.api.put(&format!("{}/banners/3", campaign("5")), &json!({"name": "Sky"})).await.expect(200);
    assert!(server.cli(&["user", "disable", "rita"], "").status.success());
    assert!(server.cli(&["token", "revoke", "warehouse"], "").status.success());

    let entries = log(&admin).await;
    let told: Vec<_> =
        entries.iter().map(|it| json!([it["actor"], it["action"], it["subject"], it["detail"]])).collect();
    assert_eq!(
        told,
        [
            json!(["command line", "token.revoke", "warehouse", {}]),
            json!(["command line", "user.change", "Rita", {"disabled": true}]),
            json!(["admin", "banner.set", "5 / 3", {"name": "Sky"}]),
            json!(["admin", "campaign.set", "5", {"name": "Spring"}]),
            json!(["admin", "user.change", "Rita", {"capacity": 4, "password": "new"}]),
            json!(["admin", "user.add", "Rita", {"displayName": "Rita", "role": "rep"}]),
            json!(["command line", "token.add", "warehouse", {}]),
            json!(["first start", "user.add", "admin", {"displayName": "admin", "role": "admin"}]),
        ]
    );
    assert!(entries[0]["actorId"].is_null() && entries[2]["actorId"].is_string());
    let times: Vec<_> = entries.iter().map(|it| it["at"].as_str().expect("a time").to_owned()).collect();
    assert!(times.is_sorted_by(|one, other| one >= other), "newest first: {times:?}");

    let page = server.nobody().request("GET", "/admin/audit").header("Cookie", &admin.cookie);
    let page = server.nobody().send(page).await;
    page.expect_status(200);
    for part in ["command line", "5 / 3", "Spring"] {
        assert!(page.body.contains(part), "no {part} on the page");
    }
    for language in ["en", "de"] {
        every_change_is_told_in_words(&server, &admin, language).await;
    }
    let all = format!("{}{}{}", json!(entries), page.body, server.log());
    for secret in ["secret word", "argon2", token.as_str()] {
        assert!(!all.contains(secret), "{secret} is told");
    }
    // A name that changes later does not change who it was.
    for n in 0..201 {
        admin.api.put(&campaign("5"), &json!({"name": format!("n{n}")})).await.expect(200);
    }
    let entries = log(&admin).await;
    assert_eq!((entries.len(), &entries[0]["detail"]["name"]), (200, &json!("n200")), "the latest 200");
}

/// Changes everything there is to change of a queue and of a campaign, and looks for names that have no words.
async fn every_change_is_told_in_words(server: &Server, admin: &Person, language: &str) {
    let name = format!("sales-{language}");
    let queue = json!({
        "name": name, "title": "Sales", "welcome": "Hello", "rank": 2, "skills": ["sales"], "preferredSkills": ["german"],
        "relaxAfterSeconds": 20, "mode": "list", "offerSeconds": 20, "offerTo": 2, "offerOrder": "callers",
        "afterCall": "next", "wrapUpSeconds": 30,
    });
    admin.api.post("/admin/api/queues", &queue).await.expect(201);
    admin.api.put(&campaign("5"), &json!({"queues": [name], "headline": "H", "intro": "I"})).await.expect(200);
    let page = server.nobody().request("GET", "/admin/audit").header("Cookie", &admin.cookie);
    let page = server.nobody().send(page.header("Accept-Language", language)).await;
    assert!(page.body.contains(&name), "the change is not on the page");
    for nameless in ["admin.action.", "admin.field."] {
        let found = page.body.find(nameless).map(|at| page.body[at..].chars().take(40).collect::<String>());
        assert_eq!(found, None, "without words in {language}");
    }
}

async fn pages_hold_whatever_is_typed(backend: Backend) {
    let server = Server::start(backend).await;
    let (admin, nobody) = (server.admin().await, server.nobody());
    admin.api.put(&campaign("5"), &json!({"name": HOSTILE})).await.expect(200);
    admin.api.patch(&of("admin"), &json!({"displayName": HOSTILE})).await.expect(200);
    for path in ["/admin/people", "/admin/campaigns", "/admin/audit"] {
        let page = nobody.send(nobody.request("GET", path).header("Cookie", &admin.cookie)).await;
        page.expect_status(200);
        assert!(page.body.contains("😀 שלום"), "{path} shows it");
        assert!(!page.body.contains("</script><b>"), "{path} ends its data early");
        assert!(page.header("cache-control").unwrap_or_default().contains("no-store"), "{path} is kept");
    }
    let moved = nobody.get("/admin").await;
    moved.expect_status(303);
    assert_eq!(moved.header("location"), Some("/admin/people"));
    let german = nobody.request("GET", "/admin/people").header("Cookie", &admin.cookie).header("Accept-Language", "de");
    assert!(nobody.send(german).await.body.contains("Personen"));
    assert!(!nobody.get("/").await.body.contains("js.admin."), "customers do not fetch the administration's words");
}
