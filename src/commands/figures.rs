//! `bannerline figures …`: roll-ups beside what they were made of, beside running servers.

use indicatif::{ProgressBar, ProgressStyle};

use super::{CommandError, Result, existing_database, print};
use crate::cli::FiguresCommand;
use crate::config::Config;
use crate::figures::recount::{self, Difference, Looked};
use crate::store::Db;

/// Runs a command about the figures.
pub(super) async fn figures(config: &Config, command: FiguresCommand) -> Result<()> {
    let db = existing_database(config).await?;
    match command {
        FiguresCommand::Verify => verify(&db).await,
        FiguresCommand::Rebuild => rebuild(&db).await,
    }
}

/// A bar that is as long as there are sessions and visits to count again; nothing where nobody looks.
async fn bar(db: &Db) -> Result<ProgressBar> {
    let rolled = recount::rolled(db).await?;
    let style = ProgressStyle::with_template("{bar:40} {human_pos} of {human_len} sessions and visits, {eta} to go");
    let bar = ProgressBar::new(u64::try_from(rolled).unwrap_or(0));
    Ok(bar.with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())))
}

/// Moves the bar, and adds up what was looked at.
fn advance(bar: &ProgressBar, sum: &mut Looked, looked: Looked) {
    bar.inc((looked.sessions + looked.visits) as u64);
    sum.sessions += looked.sessions;
    sum.visits += looked.visits;
    sum.rows += looked.rows;
}

async fn verify(db: &Db) -> Result<()> {
    let (bar, mut sum, mut different) = (bar(db).await?, Looked::default(), 0_usize);
    let tell = |difference: Difference| {
        different += 1;
        // On standard output, for whoever keeps it; the bar is on the other one.
        bar.suspend(|| say!("{difference}"));
    };
    recount::verify(db, tell, |looked| advance(&bar, &mut sum, looked)).await?;
    bar.finish_and_clear();
    let Looked { sessions, visits, rows } = sum;
    if different > 0 {
        return Err(CommandError::Differs(different));
    }
    print(&format!("{rows} roll-ups of {sessions} sessions and {visits} visits are what a recount gives."))
}

async fn rebuild(db: &Db) -> Result<()> {
    let (bar, mut sum) = (bar(db).await?, Looked::default());
    recount::rebuild(db, |looked| advance(&bar, &mut sum, looked)).await?;
    bar.finish_and_clear();
    let Looked { sessions, visits, rows } = sum;
    print(&format!("{rows} roll-ups were made again from {sessions} sessions and {visits} visits."))
}
