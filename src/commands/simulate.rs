//! `bannerline simulate`, and `bannerline demo`: a history that was made up, to look at.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};
use uuid::Uuid;

use super::{CommandError, Result, one_thread, print, runtime};
use crate::app;
use crate::cli::{CALLS_PER_DAY, Demo, History, REPS, Simulate};
use crate::clock::{Clock, Timestamp};
use crate::config::{Config, DatabaseUrl, Reports};
use crate::domain::presence::LEASE_MILLIS;
use crate::figures::roller;
use crate::simulation::intensity::DAY_MILLIS;
use crate::simulation::world::World;
use crate::simulation::{self, Period, SimulatedClock, Told, demonstration};
use crate::store::{Db, Durability, leases, sessions};

/// A history ends no earlier: 2001-01-01. Times before 1970 are none.
const EARLIEST: Timestamp = Timestamp(978_307_200_000);

/// Makes up a history in the database of the settings.
pub(super) async fn simulate(config: &Config, wanted: Simulate) -> Result<()> {
    let db = app::open_database_with(config, Durability::Process).await?;
    let clock = app::clock_of(&db).await?;
    let until = match &wanted.until {
        Some(text) => read_until(text)?,
        None => clock.now(),
    };
    if until < EARLIEST {
        return Err(CommandError::Input("--until must not be before the year 2001".to_owned()));
    }
    if until > clock.now() {
        return Err(CommandError::Input(
            "--until must not be in the future: the figures would have calls to come".to_owned(),
        ));
    }
    may_simulate(&db, wanted.into_existing, clock.now()).await?;
    // Before anything that takes long, or can fail: nobody sees it again.
    if let Some(password) = app::make_first_user(&db, config, &clock).await? {
        print(&format!("First login, shown this once: user admin, password {password}"))?;
    }
    let world = demonstration::world(wanted.calls_per_day, wanted.reps as usize);
    let told = make_up(&db, &world, wanted.history, until).await?;
    db.close().await;
    let Told { visits, calls } = told;
    let from = until.plus_millis(-length_of(wanted.history));
    print(&format!(
        "{visits} visits and {calls} calls were made up, from {from} to {until}, seed {}.",
        wanted.history.seed
    ))
}

/// Serves a history on a database of its own, until it is asked to stop.
pub(super) fn demo(mut config: Config, wanted: Demo) -> Result<()> {
    app::check_address(&config)?;
    let folder = TemporaryFolder::make()?;
    config.database = DatabaseUrl::Sqlite(folder.0.join("bannerline.db"));
    // Nobody else has anything to do with it.
    config.redis_url = None;
    // Nor are days that are made up anybody's report.
    config.reports.made = Reports::Off;
    print(&format!("Everything in this demonstration is made up. It is in {}, until it stops.", folder.0.display()))?;
    let prepared = one_thread()?.block_on(async {
        tokio::select! {
            prepared = prepare(&config, wanted.history) => prepared.map(Some),
            stopped = asked_to_stop() => Ok(stopped.map(|()| None)?),
        }
    })?;
    let Some(password) = prepared else { return Ok(()) };
    runtime()?.block_on(app::serve_announcing(config, password))?;
    Ok(())
}

/// Makes the history of a demonstration. The first password, if it was made up.
async fn prepare(config: &Config, history: History) -> Result<Option<String>> {
    let db = app::open_database_with(config, Durability::Process).await?;
    let clock = app::clock_of(&db).await?;
    let password = app::make_first_user(&db, config, &clock).await?;
    let world = demonstration::world(CALLS_PER_DAY, REPS as usize);
    make_up(&db, &world, history, clock.now()).await?;
    db.close().await;
    Ok(password)
}

/// The end of the period, as it was typed.
fn read_until(text: &str) -> Result<Timestamp> {
    let read = Timestamp::parse_rfc3339(text).or_else(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z")));
    read.ok_or_else(|| {
        let allowed = "RFC 3339, as in 2026-11-21T10:00:00Z, or a date, as in 2026-11-21";
        CommandError::Input(format!("--until must be {allowed}"))
    })
}

/// Refuses a database in which a made-up history would harm a real one.
async fn may_simulate(db: &Db, into_existing: bool, now: Timestamp) -> Result<()> {
    let mut reader = db.read().await?;
    let running = leases::any_since(reader.conn(), now.plus_millis(-LEASE_MILLIS)).await?;
    let (any, live) = sessions::any(reader.conn()).await?;
    let why = match (running, any && !into_existing, live) {
        (true, ..) => {
            "a server runs on this database, or did ten seconds ago: it would end the simulated calls as long overdue"
        }
        (_, true, _) => {
            "this database has sessions already, and nobody could tell them from simulated ones in its figures again; \
             to add to them all the same: --into-existing"
        }
        (_, _, true) => {
            "somebody in this database has not ended their session: simulated representatives would take them"
        }
        _ => return Ok(()),
    };
    Err(CommandError::Input(why.to_owned()))
}

fn length_of(history: History) -> i64 {
    i64::from(history.days) * DAY_MILLIS
}

/// Lets it happen, and rolls it up.
async fn make_up(db: &Db, world: &World, history: History, until: Timestamp) -> Result<Told> {
    let from = until.plus_millis(-length_of(history));
    let clock = Arc::new(SimulatedClock::new(from.plus_millis(-simulation::OPENING_MILLIS)));
    let time: Arc<dyn Clock> = Arc::<SimulatedClock>::clone(&clock);
    let desk = app::desk_with(db.clone(), time).await?;
    desk.enter().await?;
    let bar = bar(length_of(history), "{bar:40} {percent} % of the days, {eta} to go");
    let tell = |at: Timestamp| bar.set_position(u64::try_from(at.since(from)).unwrap_or(0));
    let told = simulation::run(&desk, &clock, world, history.seed, Period { from, until }, tell).await?;
    bar.finish_and_clear();
    roll(db, told.calls).await?;
    Ok(told)
}

/// Adds everything to the roll-ups, so that the dashboard is fast from the first look on.
async fn roll(db: &Db, calls: u64) -> Result<()> {
    let (holder, clock) = (Uuid::new_v4(), app::clock_of(db).await?);
    let bar = bar(i64::try_from(calls).unwrap_or(i64::MAX), "{bar:40} {human_pos} of {human_len} calls rolled up");
    let mut ahead = roller::Ahead::default();
    loop {
        let turn = ahead.roll(db, holder, clock.now(), roller::GROUP).await?;
        bar.inc(turn.rolled as u64);
        if !turn.more {
            break;
        }
    }
    while roller::roll_visits(db, holder, clock.now(), roller::GROUP).await?.more {}
    bar.finish_and_clear();
    Ok(())
}

/// Nothing where nobody looks.
fn bar(length: i64, template: &str) -> ProgressBar {
    let style = ProgressStyle::with_template(template).unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(u64::try_from(length).unwrap_or(0)).with_style(style)
}

/// Waits until somebody ends the program while it is not a server yet.
async fn asked_to_stop() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            _ = terminated.recv() => Ok(()),
            pressed = tokio::signal::ctrl_c() => pressed,
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

/// A folder for nobody else, gone when dropped.
struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    fn make() -> Result<Self> {
        let folder = Self(std::env::temp_dir().join(format!("bannerline-demo-{}", Uuid::new_v4().simple())));
        make_private(&folder.0)?;
        Ok(folder)
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("bannerline: {} is left behind: {error}", self.0.display());
        }
    }
}

fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::DirBuilderExt;
        builder.mode(0o700);
    }
    builder.create(folder)
}
