//! The roller of a running server: killed in the middle, beside another one, and judged by `bannerline figures verify`.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};

use crate::figures::same_figures;
use crate::store::raw::Raw;
use crate::support::past::{self, CAMPAIGNS, Past, Question};
use crate::support::{Backend, Person, Server, eventually, scale, seconds, time_passes};

both! {
    figures_survive_kill_9_of_the_roller,
    the_command_line_finds_what_is_wrong_and_makes_it_again,
}

const LEFT: &str = "SELECT COUNT(*) FROM sessions WHERE rolled = 0 AND ended_at IS NOT NULL";

/// Waits until every session that has ended is rolled, and lets the program compare.
pub async fn all_is_rolled(server: &Server) {
    let mut raw = Raw::connect(server.database_url()).await;
    eventually("all is rolled", seconds(120), async || (raw.number(LEFT).await == 0).then_some(())).await;
    let verified = server.cli(&["figures", "verify"], "");
    let told = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert!(verified.status.success(), "{told}{}", String::from_utf8_lossy(&verified.stderr));
    assert!(told.contains("are what a recount gives"), "{told}");
}

/// What the server must tell of a campaign.
fn figures_of(sessions: &[Past], question: &Question) -> Value {
    let [total, answered, not_answered, queue_ms, talked, talk_ms] = past::recount(sessions, question);
    let decided = answered + not_answered;
    let mean = |millis: i64, count: i64| (count > 0).then(|| seconds_each(millis, count));
    json!({
        "TotalOfCalls": total, "AnsweredCalls": answered, "NotAnsweredCalls": not_answered, "WaitingCalls": total - decided,
        "AvgQueueTime": mean(queue_ms, decided),
        "AvgCallDuration": mean(talk_ms, talked),
    })
}

#[expect(clippy::cast_precision_loss)]
fn seconds_each(millis: i64, count: i64) -> f64 {
    millis as f64 / count as f64 / 1_000.0
}

async fn tells_a_recount_of_all_time(reader: &Person, sessions: &[Past]) {
    for campaign in CAMPAIGNS {
        let told = reader.api.get(&format!("/getAverageMetrics/{campaign}")).await.expect(200);
        let question = Question { campaign, banner: None, from: 0, to: i64::MAX, tests: false };
        same_figures(&told, &figures_of(sessions, &question));
    }
}

/// The same, and of a period that begins and ends within a quarter of an hour of some day.
async fn tells_a_recount(reader: &Person, sessions: &[Past]) {
    tells_a_recount_of_all_time(reader, sessions).await;
    let (from, to) = (past::BEGINNING + past::DAY / 3 + 1_234, past::BEGINNING + 3 * past::DAY + 4_321);
    let instant = |at: i64| chrono::DateTime::from_timestamp_millis(at).expect("an instant").to_rfc3339();
    let [from_text, to_text] = [from, to].map(|at| instant(at).replace('+', "%2B"));
    for campaign in CAMPAIGNS {
        let address = format!("/getAverageMetrics/{campaign}?from={from_text}&to={to_text}");
        let told = reader.api.get(&address).await.expect(200);
        same_figures(&told, &figures_of(sessions, &Question { campaign, banner: None, from, to, tests: false }));
    }
}

/// A server that is killed again and again while there is much to roll, and another one that takes its place.
async fn figures_survive_kill_9_of_the_roller(backend: Backend) {
    let mut server = Server::start(backend).await;
    let admin = server.admin().await;
    let mut raw = Raw::connect(server.database_url()).await;
    // Nobody rolls before everything has happened.
    raw.execute("UPDATE rolling SET holder = X'0000000000000000000000000000000A', held_until = 4000000000000").await;
    for statement in past::sources() {
        raw.execute(&statement).await;
    }
    let sessions = past::random(0, 20_000 * scale());
    for statement in past::statements(&sessions) {
        raw.execute(&statement).await;
    }
    tells_a_recount(&admin, &sessions).await;
    let all = raw.number(LEFT).await;
    raw.execute("UPDATE rolling SET held_until = 0").await;
    let mut kills_within = 0;
    for round in 0..6 {
        let before = raw.number(LEFT).await;
        if before == 0 {
            break;
        }
        // Begins when something was rolled, so that each kill meets a roller at work, at another moment each time.
        eventually("something is rolled", seconds(60), async || (raw.number(LEFT).await < before).then_some(())).await;
        time_passes(Duration::from_millis(53 * round % 400)).await;
        server.kill_9();
        let left = raw.number(LEFT).await;
        kills_within += usize::from(left > 0 && left < all);
        // What the dead instance holds is its for ten seconds; nobody waits for that here.
        raw.execute("UPDATE rolling SET held_until = 0").await;
        server.launch().await;
        tells_a_recount(&admin, &sessions).await;
    }
    assert!(kills_within >= 2, "the roller was killed in the middle {kills_within} times only");
    all_is_rolled(&server).await;
    tells_a_recount(&admin, &sessions).await;
}

async fn the_command_line_finds_what_is_wrong_and_makes_it_again(backend: Backend) {
    let server = Server::start(backend).await;
    let admin = server.admin().await;
    let mut raw = Raw::connect(server.database_url()).await;
    let sessions = past::random(0, 2_000);
    for statement in [past::sources(), past::statements(&sessions)].concat() {
        raw.execute(&statement).await;
    }
    all_is_rolled(&server).await;
    raw.execute(
        "UPDATE rollups SET answered = answered + 1 WHERE campaign_id = '5' AND banner_id = 'b' AND grain = 86400000",
    )
    .await;
    let verified = server.cli(&["figures", "verify"], "");
    let told = String::from_utf8_lossy(&verified.stdout).into_owned();
    assert_eq!(verified.status.code(), Some(1), "{told}");
    assert!(told.contains("campaign 5, banner b, call, day from 2026-11-1"), "{told}");
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    assert!(said.contains("bannerline figures rebuild"), "{said}");
    // Made again while more is rolled; every answer of all time is right meanwhile, for its rows were.
    let more = past::random(sessions.len(), 8_000);
    for statement in past::statements(&more) {
        raw.execute(&statement).await;
    }
    let all = [sessions, more].concat();
    let server = Arc::new(server);
    let rebuilding = tokio::task::spawn_blocking({
        let server = Arc::clone(&server);
        move || server.cli(&["figures", "rebuild"], "")
    });
    let mut answers = 0;
    while !rebuilding.is_finished() {
        tells_a_recount_of_all_time(&admin, &all).await;
        answers += 1;
    }
    // Each is one of every campaign. What is not rolled is read session by session, and a rebuild of so little is short.
    assert!(answers > 1, "{answers} rounds of answers while the roll-ups were made again");
    let rebuilt = rebuilding.await.expect("the command ends");
    let told = String::from_utf8_lossy(&rebuilt.stdout).into_owned();
    assert!(rebuilt.status.success(), "{told}{}", String::from_utf8_lossy(&rebuilt.stderr));
    assert!(told.contains("were made again from"), "{told}");
    all_is_rolled(&server).await;
    tells_a_recount(&admin, &all).await;
}
