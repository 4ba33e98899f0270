//! A marketer looks at days of calls: filters, plots, comparison, the table of calls, views, and a link for somebody else.

use bannerline::web::numbers;
use chrono::{TimeDelta, Utc};
use serde_json::{Value, json};

use super::signs_in;
use crate::store::raw::Raw;
use crate::support::browser::{Browser, Devices, Tab};
use crate::support::{Backend, Customer, Person, Server, eventually, past, run, seconds};

#[test]
fn a_marketer_looks_at_days_of_calls() {
    run(walk());
}

/// How many plots have something drawn on them: pixels that are not empty.
async fn drawn(tab: &Tab) -> Value {
    tab.js(
        "return [...document.querySelectorAll('.plot canvas')].filter((canvas) =>
            canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data.some((byte) => byte > 0)).length",
    )
    .await
}

async fn text(tab: &Tab, testid: &str) -> String {
    let text = tab.js(&format!("return document.querySelector('[data-testid=\"{testid}\"]')?.innerText ?? ''")).await;
    text.as_str().unwrap_or_default().to_owned()
}

/// Chooses in the filter's form and applies it.
async fn filters(tab: &Tab, fields: &[(&str, &str)]) {
    for (name, value) in fields {
        tab.js(&format!("document.querySelector('#filter [name={name}]').value = '{value}'")).await;
    }
    tab.js("window.__before = true").await;
    tab.click("filter-apply").await;
    eventually("another page", seconds(10), async || {
        let gone = tab.js("return window.__before === undefined && document.readyState === 'complete'").await;
        (gone == json!(true)).then_some(())
    })
    .await;
}

/// Somebody who can be chosen, as the filter names them.
async fn rita(server: &Server) -> String {
    server.person("rita", "rep").await;
    let mut ids = Raw::connect(server.database_url()).await;
    ids.texts("SELECT LOWER(HEX(id)) FROM users WHERE username = 'rita'").await.remove(0)
}

/// One call in three days of hours: nothing before it and nothing after it makes a line, and it is seen all the same.
async fn a_lone_value_is_seen(server: &Server, tab: &Tab) {
    Customer::waits(server, "alone", "1").await.leaves_queue().await;
    let day = |back: i64| (Utc::now() - TimeDelta::days(back)).format("%F").to_string();
    let (from, to) = (day(2), day(0));
    filters(tab, &[("from", &from), ("to", &to), ("tz", "UTC"), ("interval", "hour")]).await;
    let script =
        "const [, ...rgb] = getComputedStyle(document.documentElement).getPropertyValue('--bl-answered').trim()
            .match(/^#(..)(..)(..)$/).map((hex) => parseInt(hex, 16));
        const canvas = document.querySelector('[data-plot=waits] canvas');
        const pixels = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height).data;
        return rgb.length === 3 && Array.from({ length: pixels.length / 4 }, (_, at) => at * 4)
            .filter((at) => pixels[at + 3] > 128 && rgb.every((byte, n) => Math.abs(pixels[at + n] - byte) < 16)).length";
    let pixels = tab.js(script).await.as_i64().expect("a number");
    assert!(pixels > 8, "{pixels} pixels");
    filters(tab, &[("from", ""), ("to", ""), ("tz", ""), ("interval", "")]).await;
}

/// Scripts write durations as the server does; what goes on is not rounded up, and a beginning is not nothing.
async fn durations_read_as_the_server_writes_them(tab: &Tab) {
    let script = "return import('/public/js/format.js').then(({ duration, elapsed, minutes }) =>
        [duration(32.7), duration(59.6), elapsed(32.7), minutes(0), minutes(32.7), minutes(119.9)])";
    let written: Vec<_> = [32.7, 59.6, 32.0].into_iter().map(numbers::duration).collect();
    assert_eq!(written, ["33 s", "1 m 00 s", "32 s"]);
    let scripted = tab.js(script).await;
    assert_eq!(scripted, json!([written[0], written[1], written[2], "0 m", "< 1 m", "1 m"]));
}

/// Each by itself, of campaign 5; and none of them again.
async fn each_filter_shows_what_the_interface_tells(tab: &Tab, marketer: &Person, rep: &str) {
    let country = past::COUNTRIES[0].expect("a country");
    let days = "from=2026-11-18&to=2026-11-20&tz=Europe/Berlin";
    for (fields, told) in [
        ([("banner", "b")].as_slice(), "5/b".to_owned()),
        (&[("country", country)], format!("5?country={country}")),
        (&[("device", "phone")], "5?device=phone".to_owned()),
        (&[("rep", rep)], format!("5?rep={rep}")),
        (&[("queue", "2")], "5?queue=2".to_owned()),
        (
            &[("from", "2026-11-18"), ("to", "2026-11-19"), ("tz", "Europe/Berlin"), ("interval", "hour")],
            format!("5?{days}"),
        ),
    ] {
        let empty: Vec<_> = fields.iter().map(|(name, _)| (*name, "")).collect();
        filters(tab, fields).await;
        let told = marketer.api.get(&format!("/getAverageMetrics/{told}")).await.expect(200);
        let shown = tab.js("return document.querySelector('[data-tile=calls] dd').innerText.replace(',', '')").await;
        assert_eq!(shown, json!(told["TotalOfCalls"].to_string()), "{fields:?}");
        let steps = tab
            .js("return JSON.parse(document.querySelector('#plots').textContent).steps.map((step) => step.calls)")
            .await;
        let steps: i64 = steps.as_array().expect("steps").iter().filter_map(Value::as_i64).sum();
        assert_eq!(json!(steps), told["TotalOfCalls"], "{fields:?}");
        filters(tab, &empty).await;
    }
}

async fn walk() {
    let server = Server::start(Backend::Sqlite).await;
    let marketer = server.person("mara", "marketer").await;
    let browser = Browser::launch(Devices::Fake).await;
    let tab = browser.tab(&server.url("/login?next=/dashboard")).await;
    signs_in(&tab, "mara", "dashboard").await;
    tab.pictures_of_all("dashboard-empty").await;
    a_lone_value_is_seen(&server, &tab).await;
    durations_read_as_the_server_writes_them(&tab).await;

    let sessions = past::random(1, 3_000);
    let rita = rita(&server).await;
    let added = server.cli(&["queue", "add", "support", "--title", "Support"], "");
    assert!(added.status.success(), "the second queue can be chosen");
    for statement in past::sources().iter().chain(&past::statements(&sessions)) {
        server.write(&statement.replace(past::REPS[0], &rita)).await;
    }
    filters(&tab, &[("campaign", "5")]).await;
    assert_eq!(drawn(&tab).await, json!(3));
    let told = marketer.api.get("/getAverageMetrics/5").await.expect(200);
    let calls = told["TotalOfCalls"].as_i64().expect("a number");
    let shown = format!("{},{:03}", calls / 1_000, calls % 1_000);
    assert!(text(&tab, "tiles").await.contains(&shown), "{shown} is not in {}", text(&tab, "tiles").await);
    tab.pictures_of_all("dashboard-days").await;
    each_filter_shows_what_the_interface_tells(&tab, &marketer, &rita).await;

    // The strip moves by itself.
    eventually("the strip is there", seconds(10), async || text(&tab, "live").await.contains("Waiting").then_some(()))
        .await;
    let before = text(&tab, "live").await;
    Customer::waits(&server, "6", "3").await;
    eventually("the strip moves", seconds(10), async || (text(&tab, "live").await != before).then_some(())).await;

    filters(&tab, &[("device", "phone"), ("from", "2026-11-18"), ("to", "2026-11-19"), ("compare", "before")]).await;
    let address = "/getAverageMetrics/5?device=phone&from=2026-11-18&to=2026-11-20";
    let told = marketer.api.get(address).await.expect(200)["TotalOfCalls"].to_string();
    assert!(text(&tab, "tiles").await.contains(&told), "{told} is not in {}", text(&tab, "tiles").await);
    assert!(text(&tab, "compared").await.contains("2026-11-16 – 2026-11-17"));
    tab.pictures_of_all("dashboard-compared").await;

    // The table of calls is sorted and turned by the server.
    let durations = async || {
        let script = "return [...document.querySelectorAll('[data-testid=calls] tbody tr')].map((row) => row.cells[1].innerText)";
        tab.js(script).await
    };
    let newest = durations().await;
    assert_eq!(newest.as_array().map(Vec::len), Some(25));
    tab.js("document.querySelector('[data-sort=wait]').click()").await;
    eventually("the longest waits first", seconds(10), async || {
        let sorted = tab.js("return document.querySelector('th[aria-sort=descending] a')?.dataset.sort").await;
        (sorted == json!("wait") && durations().await != newest).then_some(())
    })
    .await;
    let longest = durations().await;
    tab.click("calls-next").await;
    eventually("the next page", seconds(10), async || (durations().await != longest).then_some(())).await;
    let export = tab.js("return document.querySelector('[data-testid=export-csv]').getAttribute('href')").await;
    let rows = marketer.api.get(export.as_str().expect("an address")).await;
    rows.expect_status(200);
    assert_eq!(
        rows.body.trim_end().lines().count().to_string(),
        (told.parse::<usize>().expect("a number") + 1).to_string()
    );

    tab.click("save-view").await;
    tab.types("view-name", "Phones").await;
    tab.pictures("dashboard-save-view").await;
    tab.click("dialog-save").await;
    eventually("the view is kept", seconds(10), async || text(&tab, "views").await.contains("(1)").then_some(())).await;

    tab.click("share").await;
    tab.types("share-title", "Phones of the week").await;
    tab.click("dialog-save").await;
    eventually("a link", seconds(10), async || (!text(&tab, "share-link").await.is_empty()).then_some(())).await;
    tab.pictures("dashboard-share").await;
    let link = text(&tab, "share-link").await;
    tab.is_unharmed().await;

    // Somebody else, in a browser that knows nobody.
    let other = Browser::launch(Devices::Fake).await;
    let report = other.tab(&link).await;
    report.reaches("shared").await;
    assert_eq!(drawn(&report).await, json!(3));
    assert!(text(&report, "tiles").await.contains(&told));
    report.pictures_of_all("shared-report").await;
    report.is_unharmed().await;
    other.quit().await;
    browser.quit().await;
}
