//! Marketers who are bound to a client: what they may see, by every way that leads to figures.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::support::{Answer, Backend, Customer, Person, Server, conversation};

both! {
    who_is_bound_sees_that_client_only,
    totals_and_links_of_who_is_bound_are_of_that_client,
    clients_are_set_by_administrators,
}

#[track_caller]
fn done(server: &Server, arguments: &[&str]) -> String {
    let output = server.cli(arguments, "a password\n");
    let said = [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned()).concat();
    assert!(output.status.success(), "{arguments:?}: {said}");
    said
}

#[track_caller]
fn refused(server: &Server, arguments: &[&str], why: &str) {
    let output = server.cli(arguments, "a password\n");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.code() == Some(1) && said.contains(why), "{arguments:?}: {said}");
}

async fn page(server: &Server, person: &Person, path: &str) -> Answer {
    let nobody = server.nobody();
    nobody.send(nobody.request("GET", path).header("Cookie", &person.cookie)).await
}

async fn who_is_bound_sees_that_client_only(backend: Backend) {
    let server = Server::start(backend).await;
    for client in ["Blue", "Green"] {
        done(&server, &["client", "add", client]);
    }
    done(&server, &["campaign", "set", "5", "--client", "Blue"]);
    done(&server, &["campaign", "set", "6", "--client", "Green"]);
    for name in ["mia", "mara"] {
        server.person(name, "marketer").await;
    }
    done(&server, &["user", "set", "mia", "--client", "Blue"]);
    let password = |name: &str| format!("the password of {name}");
    let mia = Person::logs_in(&server, "mia", &password("mia")).await;
    let mara = Person::logs_in(&server, "mara", &password("mara")).await;
    let token = server.bearer(&server.api_token("figures"));
    // Two for the other client: what stands between them leads to its second call.
    Customer::waits(&server, "6", "3").await;
    for campaign in ["5", "6", "7"] {
        Customer::waits(&server, campaign, "3").await;
        server.nobody().get(&format!("/?campaignId={campaign}&bannerId=3")).await.expect_status(200);
    }
    server.nobody().get("/?campaignId=%7Bx%7D&bannerId=secret-banner").await.expect_status(200);
    // Whose campaign is asked for, and what the one who is bound gets: their own; another's; nobody's; one that nobody knows.
    let campaigns = [("5", 200), ("6", 403), ("7", 403), ("unknown", 403)];
    let mut sentences = Vec::new();
    for path in [
        "/getAverageMetrics/{}",
        "/getAverageMetrics/{}/3",
        "/getAverageMetrics/{}?groupBy=banner",
        "/getFullMetrics/{}",
        "/getFullMetrics/{}/3",
        "/getFullMetrics/{}?format=csv",
        "/getFunnel/{}",
        "/getFunnel/{}/3",
    ] {
        for (campaign, status) in campaigns {
            let path = path.replace("{}", campaign);
            let answer = mia.api.get(&path).await;
            answer.expect_status(status);
            if status == 403 {
                sentences.push(answer.refused(403)["detail"].clone());
            }
            mara.api.get(&path).await.expect_status(200);
            token.get(&path).await.expect_status(200);
        }
        mia.api.get(&path.replace("{}", "%7Bx%7D")).await.refused(400);
    }
    assert!(sentences.iter().all(|sentence| *sentence == sentences[0]), "{sentences:?}");
    exports_of_all_are_of_that_client(&mia, &mara).await;
    for (campaign, status) in campaigns {
        let path = format!("/dashboard?campaign={campaign}");
        page(&server, &mia, &path).await.expect_status(status);
        page(&server, &mara, &path).await.expect_status(200);
    }
    let shown = |answer: &Answer| {
        answer.expect_status(200);
        let shows = |campaign: &str| answer.body.contains(&format!("data-campaign=\"{campaign}\""));
        (["5", "6", "7"].map(shows), answer.body.contains("secret-banner"))
    };
    assert_eq!(shown(&page(&server, &mia, "/dashboard").await), ([true, false, false], false));
    assert_eq!(shown(&page(&server, &mara, "/dashboard").await), ([true, true, true], true));
    // At once, with the same login.
    done(&server, &["campaign", "set", "5", "--client", ""]);
    mia.api.get("/getAverageMetrics/5").await.refused(403);
    assert_eq!(shown(&page(&server, &mia, "/dashboard").await), ([false, false, false], false));
    done(&server, &["user", "set", "mia", "--client", ""]);
    mia.api.get("/getAverageMetrics/6").await.expect_status(200);
    assert_eq!(shown(&page(&server, &mia, "/dashboard").await), ([true, true, true], true));
}

/// Also where somebody brings the end of a page that they were never shown.
async fn exports_of_all_are_of_that_client(bound: &Person, other: &Person) {
    let campaigns = async |who: &Person, path: &str| {
        let calls = who.api.get(path).await.expect(200);
        let calls = calls.as_array().expect("an array").clone();
        calls.iter().map(|call| call["CampaignId"].as_str().expect("an id").to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(campaigns(bound, "/getFullMetrics").await, ["5"]);
    assert_eq!(campaigns(other, "/getFullMetrics").await, ["5", "6", "6", "7"]);
    assert_eq!(campaigns(bound, "/getFullMetrics?limit=1").await, ["5"]);
    for (read, left) in [(1, ["6", "6", "7"].as_slice()), (2, &["6", "7"]), (3, &["7"])] {
        let page = other.api.get(&format!("/getFullMetrics?limit={read}")).await;
        let link = page.header("link").expect("more");
        let (_, after) = link.trim_end_matches(">; rel=\"next\"").split_once("after=").expect("a cursor");
        let rest = format!("/getFullMetrics?after={after}");
        assert_eq!(campaigns(other, &rest).await, left);
        assert_eq!(campaigns(bound, &rest).await, [""; 0], "after {read}");
    }
    // The end of a page of all campaigns, made to look like one of their own campaign's list.
    let forged = forged_cursor("5  ", "6");
    for path in ["/getFullMetrics/5", "/getFullMetrics/5/3"] {
        bound.api.get(&format!("{path}?after={forged}")).await.refused(400);
        bound.api.get(&format!("{path}?after={}", forged_cursor("5 3 ", "6"))).await.refused(400);
    }
}

/// The beginning of this campaign, as a cursor of that list.
fn forged_cursor(list: &str, campaign: &str) -> String {
    let mut bytes = vec![1];
    bytes.extend(0_i64.to_be_bytes());
    bytes.extend(i64::MAX.to_be_bytes());
    bytes.extend(campaign.bytes());
    let digest = Sha256::new().chain_update(list).chain_update(&bytes).finalize();
    bytes.extend(&digest[..4]);
    URL_SAFE_NO_PAD.encode(bytes)
}

async fn clients_are_set_by_administrators(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    done(&server, &["client", "add", "Blue 🎈"]);
    refused(&server, &["client", "add", "Blue 🎈"], "There is a client Blue 🎈 already");
    refused(&server, &["client", "add", " "], "the name must be");
    refused(&server, &["campaign", "set", "5", "--client", "Red"], "There is no client Red");
    refused(&server, &["user", "add", "rita", "--role", "rep", "--client", "Blue 🎈"], "Only marketers");
    refused(&server, &["user", "add", "mia", "--role", "marketer", "--client", "Red"], "There is no client Red");
    done(&server, &["user", "add", "mia", "--role", "marketer", "--client", "Blue 🎈"]);
    assert!(done(&server, &["user", "list"]).contains("client Blue 🎈"));
    let put = async |client: Value| admin.api.put("/admin/api/campaigns/5", &json!({"client": client})).await;
    assert_eq!(put(json!("Blue 🎈")).await.expect(200)["client"], "Blue 🎈");
    put(json!("Red")).await.refused(400);
    assert!(done(&server, &["client", "list"]).contains("1 campaigns"));
    let listed = admin.api.get("/admin/api/campaigns").await.expect(200);
    assert_eq!((&listed["campaigns"][0]["client"], &listed["clients"]), (&json!("Blue 🎈"), &json!(["Blue 🎈"])));
    assert_eq!(put(Value::Null).await.expect(200)["client"], Value::Null);
    let path = "/admin/api/people/mia";
    let change = async |body: Value| admin.api.patch(path, &body).await;
    assert_eq!(change(json!({"displayName": "Mia"})).await.expect(200)["client"], "Blue 🎈", "what is not sent stays");
    change(json!({"client": "Red"})).await.refused(400);
    change(json!({"client": "Blue 🎈", "role": "rep"})).await.refused(400);
    // Who is no marketer any more is bound to nobody, now and later.
    assert_eq!(change(json!({"role": "supervisor"})).await.expect(200)["client"], Value::Null);
    assert_eq!(change(json!({"role": "marketer"})).await.expect(200)["client"], Value::Null);
    assert_eq!(change(json!({"client": "Blue 🎈"})).await.expect(200)["client"], "Blue 🎈");
    let new = json!({"username": "mo", "password": "a password", "role": "marketer", "client": "Blue 🎈"});
    assert_eq!(admin.api.post("/admin/api/people", &new).await.expect(201)["client"], "Blue 🎈");
    let log = admin.api.get("/admin/api/audit").await.expect(200);
    let about = |action: &str| {
        let entries = log.as_array().expect("a list").iter().filter(|entry| entry["action"] == action);
        entries.map(|entry| entry["detail"]["client"].clone()).collect::<Vec<_>>()
    };
    assert_eq!(about("campaign.set"), [Value::Null, json!("Blue 🎈")]);
    assert_eq!(about("client.add").len(), 1);
    assert_eq!(about("user.change")[..2], [json!("Blue 🎈"), Value::Null]);
}

/// What the tile of calls says on a page.
fn calls(page: &Answer) -> String {
    page.expect_status(200);
    let (_, rest) = page.body.split_once("data-tile=\"calls\"").expect("a tile");
    rest.split_once("<dd>").and_then(|(_, rest)| rest.split_once("</dd>")).expect("its number").0.to_owned()
}

async fn totals_and_links_of_who_is_bound_are_of_that_client(backend: Backend) {
    let server = Server::start(backend).await;
    for client in ["Blue", "Green"] {
        done(&server, &["client", "add", client]);
    }
    done(&server, &["campaign", "set", "5", "--client", "Blue"]);
    done(&server, &["campaign", "set", "6", "--client", "Green"]);
    done(&server, &["queue", "add", "green-only", "--title", "For Green"]);
    let rep = server.rep("rosalind").await;
    let mara = server.person("mara", "marketer").await;
    server.person("mia", "marketer").await;
    done(&server, &["user", "set", "mia", "--client", "Blue"]);
    let mia = Person::logs_in(&server, "mia", "the password of mia").await;
    for campaign in ["5", "6", "6", "7"] {
        let customer = Customer::waits(&server, campaign, "3").await;
        conversation(&customer, &rep).await;
        customer.ends().await;
    }
    let own = page(&server, &mia, "/dashboard").await;
    assert_eq!((calls(&own), calls(&page(&server, &mara, "/dashboard").await)), ("1".to_owned(), "4".to_owned()));
    let plots = crate::dashboard::figures::plots(&own.body);
    let drawn: i64 = plots["steps"].as_array().expect("steps").iter().filter_map(|step| step["calls"].as_i64()).sum();
    assert_eq!((drawn, plots["countries"][0]["answered"].as_i64()), (1, Some(1)), "{plots}");
    assert_eq!(own.body.matches("<th scope=\"row\"><time").count(), 1, "calls of the table");
    assert!(!own.body.contains("green-only"), "a queue to choose: {}", own.body);
    mia.api.get("/dashboard/events").await.refused(403);
    // What representatives did for others is nobody's business.
    let rep_of = async |person: &Person| {
        let told = person.api.get("/getAverageMetrics/5?groupBy=rep").await.expect(200);
        told["Groups"].as_array().expect("groups").iter().find(|group| group["Name"] == "rosalind").expect("her")["Rep"]
            .clone()
    };
    let (bound, free) = (rep_of(&mia).await, rep_of(&mara).await);
    assert_eq!((&bound["Handled"]["Value"], &free["Handled"]["Value"]), (&json!(1.0), &json!(1.0)), "{bound}");
    assert_eq!(bound["Occupancy"]["Value"], Value::Null);
    assert!(free["Occupancy"]["Value"].is_number(), "{free}");

    // A link shows what its maker could see then, and never more than they can see now.
    let share = async |filter: &str| mia.api.post("/dashboard/api/shares", &json!({"filter": filter})).await;
    share("campaign=6").await.refused(403);
    let link = share("").await.expect(201)["path"].as_str().expect("a path").to_owned();
    let look = async || server.nobody().get(&link).await;
    assert_eq!(calls(&look().await), "1");
    done(&server, &["user", "set", "mia", "--client", ""]);
    assert_eq!(calls(&look().await), "1", "a link grew wider");
    done(&server, &["user", "set", "mia", "--client", "Green"]);
    look().await.expect_status(404);
    done(&server, &["user", "set", "mia", "--client", "Blue"]);
    assert_eq!(calls(&look().await), "1");
    // A campaign that is given away is not shown any more: whoever has the link reads so on a page.
    let of_campaign = share("campaign=5").await.expect(201)["path"].as_str().expect("a path").to_owned();
    assert_eq!(calls(&server.nobody().get(&of_campaign).await), "1");
    done(&server, &["campaign", "set", "5", "--client", "Green"]);
    let gone = server.nobody().get(&of_campaign).await;
    gone.expect_status(403);
    assert!(gone.body.contains("<html") && gone.header("x-robots-tag") == Some("noindex"), "{}", gone.body);
    done(&server, &["user", "set", "mia", "--role", "rep"]);
    look().await.expect_status(404);
}
