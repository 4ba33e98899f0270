//! `bannerline floor`, `session …`, `rep …` and `queue end-waiting`: the floor, and stepping in, beside running servers.

use std::sync::Arc;
use std::time::Duration;

use super::{CommandError, Result, archive, existing_database, input, known, print, username};
use crate::app;
use crate::cli::{Floor as FloorArgs, RepCommand, SessionCommand};
use crate::clock::Timestamp;
use crate::config::Config;
use crate::desk::Desk;
use crate::desk::audit::Actor;
use crate::desk::floor::{Floor, History};
use crate::domain::ids::{RepId, SessionId};
use crate::domain::words::Reason;
use crate::store::floor::{Customer, Rep};
use crate::web::floor::view::FloorView;
use crate::web::numbers::duration;

pub(super) async fn desk(config: &Config) -> Result<Arc<Desk>> {
    Ok(app::desk_beside(existing_database(config).await?).await?)
}

/// A desk whose changes running servers notice.
async fn noticed_desk(config: &Config) -> Result<Arc<Desk>> {
    let desk = desk(config).await?;
    desk.be_noticed().await?;
    Ok(desk)
}

pub(super) fn reason_of(text: &str) -> Result<Reason> {
    text.parse().map_err(|error| input("the reason", error))
}

fn session_of(id: &str) -> Result<SessionId> {
    id.parse().map_err(|error| input("the session's id", error))
}

/// Shows what goes on now.
pub(super) async fn floor(config: &Config, FloorArgs { json }: FloorArgs) -> Result<()> {
    let desk = desk(config).await?;
    let (floor, now) = (desk.floor(Duration::ZERO).await?, desk.now());
    if json {
        let view = serde_json::to_string_pretty(&FloorView::of(&floor, now));
        return print(&view.map_err(|error| CommandError::Input(error.to_string()))?);
    }
    print(&lines_of(&floor, now).join("\n"))
}

/// The time since then, in seconds that are over.
fn since(then: Timestamp, now: Timestamp) -> String {
    duration(crate::domain::figures::seconds(now.since(then).max(0)).floor())
}

fn name_of(floor: &Floor, rep: RepId) -> &str {
    let listed = floor.reps.iter().find(|known| known.id == rep).map(|known| known.display_name.as_str());
    listed.or_else(|| floor.names.get(&rep).map(String::as_str)).unwrap_or("?")
}

/// A customer in one line.
fn line_of(customer: &Customer, rest: &str, at: Timestamp, now: Timestamp) -> String {
    let name = customer.name.as_deref().unwrap_or("(no name)");
    let from = format!("{}/{}", customer.campaign_id, customer.banner_id);
    format!("  {}  {:>11}  {name:<20}  {from:<12}  {rest}", customer.id, since(at, now))
}

fn rep_line(rep: &Rep, now: Timestamp) -> String {
    let duty = &rep.duty;
    let time = if duty.activity_since.millis() > 0 { since(duty.activity_since, now) } else { String::new() };
    let mut words = vec![format!("{} of {} callers", rep.callers, rep.capacity)];
    words.extend(duty.activity_reason.clone());
    words.extend(duty.next_activity.map(|next| format!("then {}", next.as_str())));
    words.push(if rep.is_present() { "console open" } else { "no console" }.to_owned());
    format!("  {:<20}  {:<9}  {time:>11}  {}", rep.username, duty.activity.as_str(), words.join(", "))
}

fn lines_of(floor: &Floor, now: Timestamp) -> Vec<String> {
    let mut lines = vec![format!("waiting ({})", total(floor, true))];
    for (position, customer) in &floor.waiting {
        let queue = floor.queues.iter().find(|queue| queue.id == customer.queue_id).map_or("?", |queue| &queue.name);
        let rings = floor.rings.iter().filter(|ring| ring.session_id == customer.id && ring.deadline > now);
        let rings: Vec<_> = rings.map(|ring| name_of(floor, ring.rep_id)).collect();
        let ringing = if rings.is_empty() { String::new() } else { format!(", rings at {}", rings.join(", ")) };
        lines.push(line_of(customer, &format!("{position} in {queue}{ringing}"), customer.queued_at, now));
    }
    lines.push(format!("with a representative ({})", total(floor, false)));
    for one in &floor.conversations {
        let with = one.rep_id.map_or("?", |rep| name_of(floor, rep));
        let about = one.consulted.map(|rep| format!(", who talks with {} first", name_of(floor, rep)));
        let rest = format!("{} with {with}{}", one.state.as_str(), about.unwrap_or_default());
        lines.push(line_of(&one.customer, &rest, one.changed_at, now));
    }
    lines.push(format!("representatives ({})", floor.duties.iter().map(|duty| duty.reps).sum::<i64>()));
    lines.extend(floor.reps.iter().map(|rep| rep_line(rep, now)));
    lines
}

/// How many wait, or are with a representative, listed or not.
fn total(floor: &Floor, waiting: bool) -> i64 {
    let counts = floor.counts.iter();
    let of_state = counts.filter(|count| (count.state == crate::domain::session::State::Waiting) == waiting);
    of_state.map(|count| count.sessions).sum()
}

/// Runs a command about a session.
pub(super) async fn session(config: &Config, command: SessionCommand) -> Result<()> {
    let by = Actor::command_line();
    match command {
        SessionCommand::Show { id } => {
            let history = known(desk(config).await?.history(session_of(&id)?).await, "session", &id)?;
            print(&story(&history).join("\n"))
        }
        SessionCommand::End { id, reason } => {
            let (session, reason) = (session_of(&id)?, reason_of(&reason)?);
            let ended = noticed_desk(config).await?.end_as_supervisor(session, &reason, &by).await;
            let ended = known(ended, "session", &id)?;
            print(&format!("{id} has ended: {}.", ended.life.outcome.map_or("", |outcome| outcome.as_str())))
        }
        SessionCommand::Requeue { id, reason } => {
            let (session, reason) = (session_of(&id)?, reason_of(&reason)?);
            known(noticed_desk(config).await?.take_back_as_supervisor(session, &reason, &by).await, "session", &id)?;
            print(&format!("{id} is in the queue, with the place it had."))
        }
        SessionCommand::Import(wanted) => archive::import(config, wanted).await,
        SessionCommand::Export(wanted) => archive::export(config, wanted).await,
    }
}

/// A session's life, a line for each event and each offer.
fn story(history: &History) -> Vec<String> {
    let session = &history.session;
    let outcome = session.life.outcome.map_or_else(String::new, |outcome| format!(", {}", outcome.as_str()));
    let mut lines = vec![
        format!("session  {}", session.id),
        format!("state    {}{outcome}", session.life.state.as_str()),
        format!("queue    {}", history.queue.as_deref().unwrap_or("none")),
        format!("name     {}", session.name.as_deref().unwrap_or("(no name)")),
        format!("banner   {}/{}", session.campaign_id, session.banner_id),
        "events".to_owned(),
    ];
    for event in &history.events {
        let rep = crate::desk::floor::rep_of(event).and_then(|rep| history.names.get(&rep));
        let rest = rep.map_or_else(|| event.data.clone(), |name| format!("to {name}"));
        lines.push(format!("  {:>3}  {}  {:<9}  {rest}", event.number, event.at, event.name));
    }
    lines.push("offers".to_owned());
    for offer in &history.offers {
        let decided = offer.decided_at.map_or_else(String::new, |at| format!(" at {at}"));
        lines.push(format!("  {}  {:<20}  {}{decided}", offer.made_at, offer.username, offer.state.as_str()));
    }
    lines
}

/// Runs a command about a representative.
pub(super) async fn rep(config: &Config, command: RepCommand) -> Result<()> {
    let RepCommand::Offline { username: name, reason } = command;
    let (person, reason) = (username(&name)?, reason_of(&reason)?);
    let set = noticed_desk(config).await?.set_offline(&person, &reason, &Actor::command_line()).await;
    let rep = known(set, "representative", &name)?;
    let said = if rep.callers > 0 { "is on a call, and offline after it." } else { "is offline." };
    print(&format!("{} {said}", rep.username))
}

/// Ends everybody who waits.
pub(super) async fn end_waiting(config: &Config, queue: Option<&str>, reason: &str, yes: bool) -> Result<()> {
    let reason = reason_of(reason)?;
    if !yes {
        return Err(CommandError::Input("everybody who waits would be ended: say --yes if that is meant".to_owned()));
    }
    let ended = noticed_desk(config).await?.end_waiting(queue, &reason, &Actor::command_line()).await;
    let ended = known(ended, "queue", queue.unwrap_or_default())?;
    print(&format!("{ended} ended."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_goes_on_counts_seconds_that_are_over() {
        for (millis, text) in [(-1, "0 s"), (32_700, "32 s"), (59_999, "59 s"), (60_000, "1 m 00 s")] {
            assert_eq!(since(Timestamp(0), Timestamp(millis)), text);
        }
    }
}
