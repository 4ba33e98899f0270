//! `bannerline report`: a report by hand, beside running servers.

use std::path::Path;
use std::sync::Arc;

use super::{CommandError, Result, existing_database, input};
use crate::app::{self, StartError};
use crate::cli::ReportArgs;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::edition::{Edition, Rhythm};
use crate::figures::delivery::Report;
use crate::figures::turns::Turns;
use crate::web::pages::Pages;

/// Writes or sends a report.
pub(super) async fn report(config: &Config, wanted: ReportArgs) -> Result<()> {
    let settings = &config.reports;
    let sender = app::report_sender(settings)?.filter(|_| wanted.send);
    if wanted.send && sender.is_none() {
        let line = "there is nobody to send it to: set BANNERLINE_REPORTS_WEBHOOK and BANNERLINE_REPORTS_SECRET";
        return Err(CommandError::Input(line.to_owned()));
    }
    let db = existing_database(config).await?;
    let clock = app::clock_of(&db).await?;
    let rhythm = match (wanted.daily, wanted.weekly) {
        (true, _) => Rhythm::Daily,
        (_, true) => Rhythm::Weekly,
        _ => app::rhythm_of(settings).unwrap_or(Rhythm::Daily),
    };
    let latest = Edition::latest(rhythm, settings.zone, clock.now());
    let edition = wanted.day.map_or(latest, |day| Edition::with(rhythm, day, settings.zone));
    if edition.day > latest.day {
        return Err(input(
            "the period",
            format!("of {} is not over; the latest is that of {}", edition.day, latest.day),
        ));
    }
    let pages = Arc::new(Pages::load().map_err(StartError::from)?);
    let render = app::report_page(pages, settings);
    let report = Report::make(&db, &Turns::of(&db), edition, &render, clock.now()).await?;
    let here = (!wanted.send).then(|| Path::new("."));
    if let Some(folder) = wanted.to.as_deref().or(here) {
        for file in report.write(folder)? {
            say!("{}", file.display());
        }
    }
    if let Some(sender) = sender {
        sender.send(&db, &report, clock.now()).await?;
        say!("The {edition} report was sent.");
    }
    Ok(())
}
