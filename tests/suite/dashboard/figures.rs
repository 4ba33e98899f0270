//! The numbers on the page are those of the interface for programs, whatever is filtered.

use serde_json::{Value, json};

use crate::support::past::{self, BEGINNING, CAMPAIGNS, DAY, REPS};
use crate::support::{Backend, Person, Server};

both! {
    the_page_shows_what_the_interface_tells,
    the_export_has_the_calls_that_are_shown,
    what_is_not_understood_is_a_sentence_on_the_page,
    whoever_logs_in_first_comes_back_to_the_report,
}

/// What the plots of the page are drawn from.
pub fn plots(page: &str) -> Value {
    let (_, rest) = page.split_once("<script type=\"application/json\" id=\"plots\">").expect("the plots' numbers");
    serde_json::from_str(rest.split_once("</script>").expect("their end").0).expect("JSON")
}

/// The text of a tile.
fn tile(page: &str, name: &str) -> String {
    let (_, rest) = page.split_once(&format!("data-tile=\"{name}\"")).unwrap_or_else(|| panic!("no tile {name}"));
    let (_, rest) = rest.split_once("<dd>").expect("its number");
    rest.split_once("</dd>").expect("its end").0.to_owned()
}

async fn page(marketer: &Person, query: &str) -> String {
    let answer = marketer.api.get(&format!("/dashboard?{query}")).await;
    answer.expect_status(200);
    answer.body
}

fn date(days: i64) -> String {
    let at = chrono::DateTime::from_timestamp_millis(BEGINNING + days * DAY).expect("an instant");
    at.date_naive().to_string()
}

fn percent(value: &Value) -> String {
    value.as_f64().map_or("–".to_owned(), |share| format!("{share:.1} %"))
}

async fn the_page_shows_what_the_interface_tells(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    let sessions = past::random(1, 2_000);
    for statement in past::sources().iter().chain(&past::statements(&sessions)) {
        server.write(statement).await;
    }
    let days = format!("from={}&to={}", date(1), date(3));
    // The page's last day belongs to the period, the interface's end does not.
    let period = format!("from={}&to={}", date(1), date(4));
    for filter in ["", "&country=DE", "&device=phone", &format!("&rep={}", REPS[0]), "&queue=2", "&tests=include"] {
        for zone in ["UTC", "Europe/Berlin"] {
            let campaign = CAMPAIGNS[0];
            let asked = async |more: &str| {
                let address = format!("/getAverageMetrics/{campaign}?{period}{filter}&tz={zone}&{more}");
                marketer.api.get(&address).await.expect(200)
            };
            let page = page(&marketer, &format!("campaign={campaign}&{days}{filter}&tz={zone}&interval=day")).await;
            let (shown, told) = (plots(&page), asked("interval=day").await);
            assert_eq!(tile(&page, "calls"), told["TotalOfCalls"].to_string(), "{filter} {zone}");
            assert_eq!(tile(&page, "rate"), percent(&told["AnsweringRate"]), "{filter} {zone}");
            let level = &told["Figures"]["ServiceLevel"]["Value"];
            assert_eq!(tile(&page, "service_level"), percent(level), "{filter} {zone}");
            let intervals = told["Intervals"].as_array().expect("intervals");
            assert_eq!(shown["steps"].as_array().map(Vec::len), Some(intervals.len()), "{filter} {zone}");
            for (step, interval) in shown["steps"].as_array().expect("steps").iter().zip(intervals) {
                assert_eq!((&step["from"], &step["calls"]), (&interval["From"], &interval["TotalOfCalls"]));
                assert_eq!(
                    (&step["answered"], &step["not_answered"], &step["rate"]),
                    (&interval["AnsweredCalls"], &interval["NotAnsweredCalls"], &interval["AnsweringRate"])
                );
                assert_eq!(step["wait_p90"], interval["Figures"]["WaitP90"]["Value"], "{filter} {zone}");
                assert_eq!(step["wait_mean"], interval["AvgQueueTime"], "{filter} {zone}");
            }
            let no_halves = intervals.iter().all(|interval| interval["Figures"]["WaitP50"]["Value"].is_null());
            assert_eq!(shown["means"], no_halves, "{filter} {zone}");
            let hours = asked("groupBy=hourOfWeek").await;
            for group in hours["Groups"].as_array().expect("groups") {
                let hour: usize = group["Value"].as_str().and_then(|hour| hour.parse().ok()).expect("an hour");
                assert_eq!(shown["hours"][hour / 24][hour % 24]["calls"], group["TotalOfCalls"], "{filter} {zone}");
            }
            let countries = asked("groupBy=country").await;
            let bars = shown["countries"].as_array().expect("countries");
            for group in countries["Groups"].as_array().expect("groups") {
                let bar = bars.iter().find(|bar| bar["value"] == group["Value"]).expect("a bar");
                assert_eq!(bar["answered"], group["AnsweredCalls"], "{filter} {zone}");
            }
            assert_eq!(bars.len(), countries["Groups"].as_array().map_or(0, Vec::len));
        }
    }
    // Days of UTC keep halves; hours keep their mean, and it is said.
    for (interval, means) in [("day", false), ("hour", true)] {
        let page = page(&marketer, &format!("campaign={}&{days}&interval={interval}", CAMPAIGNS[0])).await;
        assert_eq!(plots(&page)["means"], means, "{interval}");
        assert_eq!(page.contains("The plot shows the mean of each hour"), means, "{interval}");
    }
    // All campaigns: together they are what each of them is.
    let all = plots(&page(&marketer, &format!("{days}&interval=day")).await);
    let mut sum = 0;
    for campaign in CAMPAIGNS {
        let told = marketer.api.get(&format!("/getAverageMetrics/{campaign}?{period}")).await.expect(200);
        sum += told["TotalOfCalls"].as_i64().expect("a number");
    }
    let steps = all["steps"].as_array().expect("steps");
    assert_eq!(steps.iter().filter_map(|step| step["calls"].as_i64()).sum::<i64>(), sum);

    // Compared with the days before: the change is that of the interface's numbers.
    let compared = page(&marketer, &format!("campaign=5&from={}&to={}&compare=before", date(2), date(3))).await;
    let calls = async |from, to| {
        let address = format!("/getAverageMetrics/5?from={}&to={}", date(from), date(to));
        marketer.api.get(&address).await.expect(200)["TotalOfCalls"].as_f64().expect("a number")
    };
    let (now, before) = (calls(2, 4).await, calls(0, 2).await);
    let change = 100.0 * (now - before) / before;
    let text = format!("{}{:.1} %", if change < 0.0 { "−" } else { "+" }, change.abs());
    assert!(compared.contains(&text), "{text} is not on the page");
    assert!(compared.contains(&format!("compared with {} – {}", date(0), date(1))));
}

async fn the_export_has_the_calls_that_are_shown(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for statement in past::sources().iter().chain(&past::statements(&past::random(1, 400))) {
        server.write(statement).await;
    }
    let banner = past::BANNERS[0];
    for query in [
        "campaign=5".to_owned(),
        format!("campaign=5&banner={banner}&tests=include"),
        String::new(),
        format!("from={}&to={}&country=NZ", date(1), date(3)),
        format!("banner={banner}"),
        format!("banner={banner}&device=phone"),
    ] {
        let page = page(&marketer, &query).await;
        let (before, _) = page.split_once("&amp;format=json\"").expect("an export");
        let address = before.rsplit_once("href=\"").expect("its address").1.replace("&amp;", "&");
        let exported = marketer.api.get(&address).await.expect(200);
        let calls = exported.as_array().expect("an array");
        assert_eq!(tile(&page, "calls"), calls.len().to_string(), "{query}: {address}");
        assert!(!calls.is_empty(), "{query}");
        let banner_is = |call: &Value| !query.contains("banner=") || call["BannerId"] == banner;
        assert!(calls.iter().all(banner_is), "{query}: {address}");
    }
}

async fn what_is_not_understood_is_a_sentence_on_the_page(backend: Backend) {
    let server = Server::start(backend).await;
    let marketer = server.person("mara", "marketer").await;
    for (query, sentence) in [
        ("from=2026-11-02&to=2026-11-01", "The first day must not be after the last."),
        ("from=soon", "The first day must be a date such as 2026-11-21."),
        ("tz=Europe/Atlantis", "tz must be a time zone"),
        ("device=fridge", "device must be one of"),
        ("compare=before", "To compare, choose a first and a last day."),
        ("compare=decade&from=2026-11-01&to=2026-11-01", "compare must be one of before, month, year."),
        ("from=2016-11-02&to=2026-11-01&interval=hour", "interval=day fits"),
        ("campaign=a%20b", "The campaign must be"),
        ("country=DE&country=FR", "country is there more than once"),
    ] {
        let page = page(&marketer, query).await;
        assert!(page.contains("data-testid=\"filter-error\"") && page.contains(sentence), "{query}: {page}");
        assert!(!page.contains("data-testid=\"tiles\""), "{query} shows figures");
    }
    assert_eq!(plots(&page(&marketer, "").await), json!(null), "nothing to draw");
}

async fn whoever_logs_in_first_comes_back_to_the_report(backend: Backend) {
    let server = Server::start(backend).await;
    let answer = server.nobody().get("/dashboard?campaign=a%26b&from=2026-11-01").await;
    answer.expect_status(303);
    let place = answer.header("location").expect("a place to go").to_owned();
    let login = server.nobody().get(&place).await;
    login.expect_status(200);
    assert!(login.body.contains("/dashboard?campaign=a%26b&amp;from=2026"), "{}", login.body);
}
