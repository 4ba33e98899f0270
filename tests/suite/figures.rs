//! `/getAverageMetrics` and `/getFullMetrics`: seven figures that follow from ten columns.

use serde_json::{Value, json};

use crate::rolling::all_is_rolled;
use crate::support::http::{instant, segment};
use crate::support::past;
use crate::support::{Backend, Customer, Person, Server, conversation, seconds, time_passes};

both! {
    a_campaign_without_sessions_has_zeros_and_nulls,
    the_seven_follow_from_the_ten,
    the_ten_columns_tell_what_happened,
    a_period_is_half_open_by_queue_entry,
    banners_and_campaigns_are_kept_apart,
    broken_ids_and_dates_are_refused,
    test_calls_count_only_when_asked_for,
    a_session_that_never_joined_is_no_call,
    who_was_erased_counts_all_the_same,
}

/// The ten columns that are promised.
pub const COLUMNS: [&str; 10] = [
    "CampaignId",
    "BannerId",
    "QueueEntryTime",
    "ConversationStartTime",
    "SessionEndTime",
    "UserIpAddress",
    "UserAgent",
    "UserCountry",
    "RepresentativeName",
    "Sessionid",
];

/// The seven figures, from the ten columns alone (the master rule), as the contract defines them.
pub fn recomputed(calls: &[Value]) -> Value {
    let at = |call: &Value, column: &str| (!call[column].is_null()).then(|| instant(&call[column]));
    let between = |from: chrono::DateTime<chrono::Utc>, to: chrono::DateTime<chrono::Utc>| {
        f64::from(i32::try_from((to - from).num_milliseconds()).expect("less than 24 days")) / 1_000.0
    };
    let (mut answered, mut not_answered, mut waiting) = (0_u32, 0_u32, 0_u32);
    let (mut queue_times, mut durations) = (Vec::new(), Vec::new());
    for call in calls {
        let entry = instant(&call["QueueEntryTime"]);
        match (at(call, "ConversationStartTime"), at(call, "SessionEndTime")) {
            (Some(start), end) => {
                answered += 1;
                queue_times.push(between(entry, start));
                durations.extend(end.map(|end| between(start, end)));
            }
            (None, Some(end)) => {
                not_answered += 1;
                queue_times.push(between(entry, end));
            }
            (None, None) => waiting += 1,
        }
    }
    let mean = |values: &[f64]| {
        let count = u32::try_from(values.len()).expect("a test's number of calls");
        if count == 0 { Value::Null } else { json!(values.iter().sum::<f64>() / f64::from(count)) }
    };
    let decided = answered + not_answered;
    json!({
        "TotalOfCalls": calls.len(),
        "AnsweredCalls": answered,
        "NotAnsweredCalls": not_answered,
        "WaitingCalls": waiting,
        "AnsweringRate": (decided != 0).then(|| 100.0 * f64::from(answered) / f64::from(decided)),
        "AvgQueueTime": mean(&queue_times),
        "AvgCallDuration": mean(&durations),
    })
}

/// Compares two sets of figures: counts exactly, means to less than the millisecond they are promised in.
#[track_caller]
pub fn same_figures(told: &Value, recounted: &Value) {
    for (name, value) in recounted.as_object().expect("figures") {
        match (told[name].as_f64(), value.as_f64()) {
            (Some(told), Some(value)) => assert!((told - value).abs() < 0.000_51, "{name}: {told}, recounted {value}"),
            _ => assert_eq!(&told[name], value, "{name} of {told}"),
        }
    }
}

/// Both answers for a path's ids, after checking the master rule on them.
pub async fn checked(reader: &Person, ids: &str) -> (Value, Vec<Value>) {
    let (path, query) = ids.split_once('?').map_or((ids, String::new()), |(path, query)| (path, format!("?{query}")));
    let average = reader.api.get(&format!("/getAverageMetrics/{path}{query}")).await.expect(200);
    let full = reader.api.get(&format!("/getFullMetrics/{path}{query}")).await.expect(200);
    let calls = full.as_array().expect("an array").clone();
    same_figures(&average, &recomputed(&calls));
    for call in &calls {
        for column in COLUMNS {
            assert!(call.get(column).is_some(), "no {column} in {call}");
        }
    }
    let entries: Vec<_> = calls.iter().map(|call| instant(&call["QueueEntryTime"])).collect();
    assert!(entries.is_sorted(), "oldest queue entry first: {entries:?}");
    (average, calls)
}

async fn a_campaign_without_sessions_has_zeros_and_nulls(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for ids in ["5", "5/3", "never-seen", "5?from=2026-01-01T00:00:00Z&to=2026-01-02T00:00:00Z"] {
        let (average, calls) = checked(&marketer, ids).await;
        assert_eq!(average["TotalOfCalls"], 0, "{ids}");
        assert_eq!(average["AnsweringRate"], Value::Null, "{ids}");
        assert!(calls.is_empty(), "{ids}");
    }
}

/// One call of every kind, and one that still waits.
async fn a_little_history(server: &Server, rep: &Person, banner: &str) -> Vec<Customer> {
    let answered = Customer::waits(server, "5", banner).await;
    time_passes(std::time::Duration::from_millis(300)).await;
    conversation(&answered, rep).await;
    time_passes(std::time::Duration::from_millis(400)).await;
    answered.ends().await;
    let cancelled = Customer::waits(server, "5", banner).await;
    time_passes(std::time::Duration::from_millis(200)).await;
    cancelled.leaves_queue().await;
    let talking = Customer::waits(server, "5", banner).await;
    conversation(&talking, rep).await;
    let waiting = Customer::waits(server, "5", banner).await;
    vec![answered, cancelled, talking, waiting]
}

async fn the_seven_follow_from_the_ten(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let customers = a_little_history(&server, &rep, "3").await;
    let (average, calls) = checked(&marketer, "5/3").await;
    let expected = [("TotalOfCalls", 4), ("AnsweredCalls", 2), ("NotAnsweredCalls", 1), ("WaitingCalls", 1)];
    for (name, count) in expected {
        assert_eq!(average[name], count, "{average}");
    }
    let rate = average["AnsweringRate"].as_f64().expect("a rate");
    assert!((rate - 200.0 / 3.0).abs() < 1e-9, "{rate}");
    let duration = average["AvgCallDuration"].as_f64().expect("one answered call has ended");
    assert!((0.4..5.0).contains(&duration), "{duration}");
    let listed: Vec<&Value> = calls.iter().map(|call| &call["Sessionid"]).collect();
    let expected: Vec<Value> = customers.iter().map(|customer| json!(customer.session)).collect();
    assert!(listed.into_iter().eq(&expected), "oldest first: {calls:#?}");

    // The talking one ends, the waiting one leaves: the same calls, other figures, the same rule.
    rep.ends(&customers[2].session).await;
    customers[3].leaves_queue().await;
    let (average, _) = checked(&marketer, "5/3").await;
    assert_eq!((&average["WaitingCalls"], &average["AnsweringRate"]), (&json!(0), &json!(50.0)));
}

async fn the_ten_columns_tell_what_happened(backend: Backend) {
    let server = Server::with(backend, &[("GEOIP_DB", "no-such-file.mmdb")]).await;
    let (rep, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let nobody = server.nobody();
    let body = json!({"campaignId": "5", "bannerId": "3"});
    let request = nobody.request("POST", "/help/session").header("User-Agent", "Agent/1.0 <b>é</b>").json(&body);
    // Nobody configured a trusted proxy, so these are lies.
    let made = nobody
        .send(request.header("X-Forwarded-For", "203.0.113.9").header("X-Real-IP", "203.0.113.8"))
        .await
        .expect(201);
    let session = made["sessionId"].as_str().expect("an id").to_owned();
    let api = server.bearer(made["token"].as_str().expect("a token"));
    let customer = Customer { api, session, queue: String::new(), page: crate::support::people::page() };
    customer.try_join().await.expect(201);
    conversation(&customer, &rep).await;
    let ended = customer.ends().await;
    let (_, calls) = checked(&marketer, "5/3").await;
    let call = &calls[0];
    let expected = [
        ("CampaignId", json!("5")),
        ("BannerId", json!("3")),
        ("QueueEntryTime", ended["queueEntryTime"].clone()),
        ("ConversationStartTime", ended["conversationStartTime"].clone()),
        ("SessionEndTime", ended["sessionEndTime"].clone()),
        ("UserIpAddress", json!("127.0.0.1")),
        ("UserAgent", json!("Agent/1.0 <b>é</b>")),
        ("UserCountry", Value::Null),
        ("RepresentativeName", json!("rita")),
        ("Sessionid", json!(customer.session)),
    ];
    for (column, value) in expected {
        assert_eq!(call[column], value, "{column} of {call}");
    }
}

async fn a_period_is_half_open_by_queue_entry(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for _ in 0..3 {
        Customer::waits(&server, "5", "3").await;
        time_passes(std::time::Duration::from_millis(20)).await;
    }
    let (_, calls) = checked(&marketer, "5/3").await;
    let entry = |index: usize| calls[index]["QueueEntryTime"].as_str().expect("an instant").to_owned();
    let plus_two =
        instant(&calls[1]["QueueEntryTime"]).with_timezone(&chrono::FixedOffset::east_opt(7_200).expect("an offset"));
    let plus_two = segment(&plus_two.to_rfc3339_opts(chrono::SecondsFormat::Millis, false));
    let periods = [
        (format!("from={}", entry(1)), 2),
        (format!("to={}", entry(1)), 1),
        (format!("from={}&to={}", entry(0), entry(2)), 2),
        (format!("from={0}&to={0}", entry(1)), 0),
        (format!("from={plus_two}"), 2),
        ("to=2001-01-01T00:00:00Z".to_owned(), 0),
    ];
    for (period, count) in periods {
        for ids in ["5", "5/3"] {
            let (average, _) = checked(&marketer, &format!("{ids}?{period}")).await;
            assert_eq!(average["TotalOfCalls"], count, "{ids}?{period}");
        }
    }
}

async fn banners_and_campaigns_are_kept_apart(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for (campaign, banner) in [("5", "3"), ("5", "3"), ("5", "4"), ("6", "3"), ("A", "b"), ("a", "b"), ("a", "B")] {
        Customer::waits(&server, campaign, banner).await;
    }
    Customer::opens(&server, &json!({})).await.joins().await;
    for (ids, count) in
        [("5", 3), ("5/3", 2), ("5/4", 1), ("6", 1), ("6/4", 0), ("A", 1), ("a", 2), ("a/B", 1), ("direct/direct", 1)]
    {
        let (average, _) = checked(&marketer, ids).await;
        assert_eq!(average["TotalOfCalls"], count, "{ids}");
    }
}

async fn broken_ids_and_dates_are_refused(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let long = "x".repeat(101);
    let broken_ids = ["%7Bcampaignid%7D", "__CID__", "%5Bx%5D", "a%20b", "%C3%A9", &long];
    let broken_periods = ["from=yesterday", "to=2026-13-01T00:00:00Z", "from=2026-02-30", "from=", "to=1767225600"];
    for metrics in ["/getAverageMetrics", "/getFullMetrics"] {
        for id in broken_ids {
            marketer.api.get(&format!("{metrics}/{id}")).await.refused(400);
            marketer.api.get(&format!("{metrics}/5/{id}")).await.refused(400);
        }
        for period in broken_periods {
            marketer.api.get(&format!("{metrics}/5?{period}")).await.refused(400);
        }
        marketer.api.get(&format!("{metrics}/5?utm_source=x")).await.expect(200);
    }
}

async fn test_calls_count_only_when_asked_for(backend: Backend) {
    let server = Server::start(backend).await;
    let (rep, marketer) = (server.rep("rita").await, server.person("mara", "marketer").await);
    let nobody = server.nobody();
    let body = json!({"campaignId": "5", "bannerId": "3"});
    // Somebody of the staff opens the customer's page: the cookie comes along.
    let made = nobody
        .send(nobody.request("POST", "/help/session").header("Cookie", &rep.cookie).json(&body))
        .await
        .expect(201);
    let api = server.bearer(made["token"].as_str().expect("a token"));
    let session = made["sessionId"].as_str().expect("an id").to_owned();
    let test = Customer { api, session, queue: String::new(), page: crate::support::people::page() };
    test.try_join().await.expect(201);
    assert_eq!(test.view().await["test"], true);
    Customer::waits(&server, "5", "3").await;

    let (average, calls) = checked(&marketer, "5/3").await;
    assert_eq!((&average["TotalOfCalls"], calls.len()), (&json!(1), 1));
    let (average, _) = checked(&marketer, "5/3?tests=include").await;
    assert_eq!(average["TotalOfCalls"], 2);
    conversation(&test, &rep).await;
    rep.ends(&test.session).await;
}

async fn a_session_that_never_joined_is_no_call(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let customer = Customer::arrives(&server, "5", "3").await;
    let mut stream = customer.stream().await;
    stream.next("state").await;
    let (average, _) = checked(&marketer, "5/3").await;
    assert_eq!(average["TotalOfCalls"], 0);
    customer.leaves_page().await;
    drop(stream);
    crate::support::eventually("it ends by itself after the grace", seconds(30), async || {
        (customer.view().await["state"] == "ended").then_some(())
    })
    .await;
    let (average, _) = checked(&marketer, "5/3").await;
    assert_eq!(average["TotalOfCalls"], 0);
}

/// Whatever tells who somebody was is taken away from sessions that are rolled: every figure stays, and the rows say nothing of anybody.
async fn who_was_erased_counts_all_the_same(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for statement in past::sources().iter().chain(&past::statements(&past::random(1, 300))) {
        server.write(statement).await;
    }
    server
        .write("UPDATE sessions SET name = 'Ada', problem = 'mine', address = '2001:db8::1', user_agent = 'a browser'")
        .await;
    all_is_rolled(&server).await;
    let figures = async || {
        let mut told = Vec::new();
        for of in [
            "5",
            "5/b",
            "Z-9?tests=include",
            "5?groupBy=country",
            "5?groupBy=rep&to=2026-11-20",
            "5?groupBy=hourOfWeek",
            "5?within=30",
        ] {
            told.push(marketer.api.get(&format!("/getAverageMetrics/{of}")).await.expect(200));
        }
        told.push(marketer.api.get("/getFunnel/5").await.expect(200));
        told
    };
    let calls = async || marketer.api.get("/getFullMetrics/5").await.expect(200).as_array().expect("calls").clone();
    let (told, before) = (figures().await, calls().await);
    assert!(before.len() > 100 && before.iter().all(|call| call["UserIpAddress"] == "2001:db8::1"));
    server
        .write(
            "UPDATE sessions SET name = NULL, problem = NULL, email = NULL, phone = NULL, own_fields = NULL, address = NULL, \
             user_agent = NULL, visitor_id = NULL",
        )
        .await;
    assert_eq!(figures().await, told);
    let erased = |mut call: Value| {
        call["UserIpAddress"] = Value::Null;
        call["UserAgent"] = Value::Null;
        call
    };
    assert_eq!(calls().await, before.into_iter().map(erased).collect::<Vec<_>>());
    all_is_rolled(&server).await;
}
