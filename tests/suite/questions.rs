//! What can be asked of `/getAverageMetrics` beside the seven figures, and what is refused with a sentence.

use serde_json::{Value, json};

use crate::support::{Backend, Customer, Server, conversation, seconds, time_passes};

both! {
    questions_are_answered_beside_the_seven,
    each_call_has_its_campaigns_threshold,
    a_banner_without_calls_has_zeros_and_nulls,
    what_cannot_be_understood_is_refused_with_a_sentence,
    nothing_that_is_described_is_taken_twice,
}

/// The seven fields that are promised, in their order.
pub const SEVEN: [&str; 7] = [
    "TotalOfCalls",
    "AnsweredCalls",
    "NotAnsweredCalls",
    "WaitingCalls",
    "AnsweringRate",
    "AvgQueueTime",
    "AvgCallDuration",
];

async fn questions_are_answered_beside_the_seven(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let one = Customer::waits(&server, "5", "3").await;
    conversation(&one, &rep).await;
    one.ends().await;
    Customer::waits(&server, "5", "4").await.leaves_queue().await;
    Customer::waits(&server, "5", "4").await;

    let address = "/getAverageMetrics/5";
    let text = marketer.api.get(address).await.body;
    let places: Vec<_> = SEVEN.iter().map(|name| text.find(&format!("\"{name}\"")).expect("a field")).collect();
    assert!(places.is_sorted() && places[0] < 3, "the seven come first, in their order: {text}");
    let told = marketer.api.get(address).await.expect(200);
    assert_eq!((&told["DefinitionVersion"], &told["Period"]["Tz"]), (&json!(1), &json!("UTC")));
    let qualified = &told["Figures"]["Qualified"];
    assert_eq!((&qualified["Value"], &qualified["Denominator"]), (&json!(0.0), &json!(1)), "{qualified}");
    assert_eq!(qualified["LeftOut"], json!({"NotAnswered": 1, "Waiting": 1}));
    assert!(qualified["Definition"].as_str().is_some_and(|sentence| sentence.contains("60 s")), "{qualified}");
    assert_eq!(told["Figures"]["WaitP90"]["Approximate"], json!(0.02));
    let within = marketer.api.get(&format!("{address}?within=3600")).await.expect(200);
    assert_eq!(within["Figures"]["ServiceLevel"]["Approximate"], json!(0.02));

    let grouped = async |query: &str| {
        let told = marketer.api.get(&format!("{address}?{query}")).await.expect(200);
        let group = |group: &Value| (group["Value"].clone(), group["Name"].clone(), group["TotalOfCalls"].clone());
        told["Groups"].as_array().expect("groups").iter().map(group).collect::<Vec<_>>()
    };
    let banners = [(json!("3"), Value::Null, json!(1)), (json!("4"), Value::Null, json!(2))];
    assert_eq!(grouped("groupBy=banner").await, banners);
    let reps = grouped("groupBy=rep").await;
    assert_eq!((&reps[0].0, &reps[0].2, &reps[1].1), (&json!(""), &json!(2), &json!("rita")), "{reps:?}");
    let rep_id = reps[1].0.as_str().expect("an id");
    let filtered = marketer.api.get(&format!("{address}?rep={rep_id}")).await.expect(200);
    assert_eq!(filtered["TotalOfCalls"], 1);
    let spring = json!({"name": "Spring"});
    server.admin().await.api.put("/admin/api/campaigns/5", &spring).await.expect(200);
    assert_eq!(grouped("groupBy=campaign").await, [(json!("5"), json!("Spring"), json!(3))]);
    let steps = told["Waits"]["Steps"].as_array().expect("steps");
    let of = |name: &str| steps.iter().map(|step| step[name].as_i64().expect("a number")).sum::<i64>();
    assert_eq!((of("Answered"), of("NotAnswered"), &steps[8]["UpTo"]), (1, 1, &Value::Null));
    assert_eq!(grouped("groupBy=queue").await, [(json!("1"), json!("default"), json!(3))]);
    assert_eq!(grouped("groupBy=country&queue=1").await.len(), 1);

    let day = "from=2026-03-28&to=2026-03-30&tz=Europe/Berlin";
    let told = marketer.api.get(&format!("{address}?{day}&interval=day")).await.expect(200);
    assert_eq!(told["Period"]["From"], "2026-03-27T23:00:00.000Z");
    let ends: Vec<_> = told["Intervals"].as_array().expect("days").iter().map(|day| day["To"].clone()).collect();
    assert_eq!(ends, ["2026-03-28T23:00:00.000Z", "2026-03-29T22:00:00.000Z"], "the second has 23 hours");
    assert!(told["Intervals"][0]["Figures"]["Qualified"]["Definition"].is_null(), "once is enough");
    let hours = marketer.api.get(&format!("{address}?{day}&interval=hour")).await.expect(200);
    assert_eq!(hours["Intervals"].as_array().map(Vec::len), Some(47));
}

/// Short calls of two campaigns: what qualifies stands with the call, as it was when it was asked for.
async fn each_call_has_its_campaigns_threshold(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let admin = server.admin().await;
    admin.api.put("/admin/api/campaigns/5", &json!({"qualifiedSeconds": 1})).await.expect(200);
    for campaign in ["5", "6"] {
        let customer = Customer::waits(&server, campaign, "3").await;
        if campaign == "5" {
            admin.api.put("/admin/api/campaigns/5", &json!({"qualifiedSeconds": 86_400})).await.expect(200);
        }
        conversation(&customer, &rep).await;
        time_passes(seconds(1)).await;
        rep.ends(&customer.session).await;
    }
    for (campaign, qualified) in [("5", 100.0), ("6", 0.0)] {
        let told = marketer.api.get(&format!("/getAverageMetrics/{campaign}")).await.expect(200);
        assert_eq!(told["Figures"]["Qualified"]["Value"], json!(qualified), "{told:#}");
    }
}

async fn a_banner_without_calls_has_zeros_and_nulls(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for query in ["", "?groupBy=rep", "?from=2026-01-01&to=2026-01-03&interval=day", "?country=DE&device=phone"] {
        let told = marketer.api.get(&format!("/getAverageMetrics/5/3{query}")).await.expect(200);
        assert_eq!((&told["TotalOfCalls"], &told["AnsweringRate"]), (&json!(0), &Value::Null));
        for (name, figure) in told["Figures"].as_object().expect("figures") {
            let expected = if name == "ShortAbandons" { json!(0.0) } else { Value::Null };
            assert_eq!((&figure["Value"], &figure["LeftOut"]), (&expected, &json!({})), "{name}");
        }
        assert!(told["Groups"].as_array().is_none_or(Vec::is_empty));
        for interval in told["Intervals"].as_array().into_iter().flatten() {
            assert_eq!(interval["TotalOfCalls"], 0);
        }
    }
}

async fn what_cannot_be_understood_is_refused_with_a_sentence(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let long = "from=2017-01-01&to=2027-01-01";
    for (query, sentence) in [
        ("from=2026-11-22&to=2026-11-21", "from must not be after to"),
        ("from=2026-11-31", "2026-11-21"),
        ("to=tomorrow", "2026-11-21T10:00:00Z"),
        ("tz=Berlin", "Europe/Berlin"),
        ("tz=", "Europe/Berlin"),
        ("interval=minute&from=2026-11-20&to=2026-11-21", "hour, day, week, month"),
        ("interval=day", "both from and to"),
        ("interval=day&from=2026-11-20", "both from and to"),
        ("groupBy=browser", "campaign, banner, country, device, rep, hourOfWeek, queue"),
        ("interval=day&groupBy=rep&from=2026-11-20&to=2026-11-21", "cannot be asked for together"),
        ("country=Germany", "two letters"),
        ("device=fridge", "phone, tablet, computer, other"),
        ("rep=rita", "groupBy=rep"),
        ("queue=default", "groupBy=queue"),
        ("within=soon", "from 0 to 86400"),
        ("within=-1", "from 0 to 86400"),
        ("tests=maybe", "include or exclude"),
        (&format!("interval=hour&{long}"), "at most 5000 intervals, and these would be more: interval=day fits"),
        ("interval=month&from=0000-01-01&to=9999-01-01", "a shorter period"),
        ("interval=day&from=1971-01-01&to=1971-01-03&tz=Africa/Monrovia", "odd minutes"),
        ("groupBy=hourOfWeek&from=1971-01-01&tz=Africa/Monrovia", "odd minutes"),
        ("country=DE&country=FR", "country is there more than once"),
        ("country=DE&country.0=FR", "country is there more than once"),
        ("from=2026-11-20&fro%6D=2026-11-20", "from is there more than once"),
    ] {
        for ids in ["5", "5/3"] {
            let problem = marketer.api.get(&format!("/getAverageMetrics/{ids}?{query}")).await.refused(400);
            let detail = problem["detail"].as_str().unwrap_or_default();
            assert!(detail.contains(sentence), "{query}: {problem}");
        }
    }
    // What is not known is tolerated, and ten years by day are not too much.
    marketer.api.get(&format!("/getAverageMetrics/5?{long}&interval=day&utm_source=x&utm_source=y")).await.expect(200);
}

/// The names of what the document says that a question takes in its query.
fn described(document: &Value, path: &str) -> Vec<String> {
    let parameters = document["paths"][path]["get"]["parameters"].as_array().expect("parameters");
    let of_query = parameters.iter().filter(|parameter| parameter["in"] == "query");
    of_query.map(|parameter| parameter["name"].as_str().expect("a name").to_owned()).collect()
}

async fn nothing_that_is_described_is_taken_twice(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let document = server.nobody().get("/openapi.json").await.expect(200);
    let paths = document["paths"].as_object().expect("paths").keys().filter(|path| path.starts_with("/get"));
    let paths: Vec<_> = paths.collect();
    assert_eq!(paths.len(), 7, "{paths:?}");
    for path in paths {
        let address = path.replace("{campaignId}", "5").replace("{bannerId}", "3");
        for name in described(&document, path) {
            let problem = marketer.api.get(&format!("{address}?{name}=1&{name}=2")).await.refused(400);
            assert_eq!(problem["detail"], format!("{name} is there more than once: one is understood."), "{path}");
        }
    }
}
