//! `bannerline session import` and `export`: sessions of the past as files, beside running servers.

use std::fs::File;
use std::io::{self, BufRead, BufReader, BufWriter, Write, stdin, stdout};
use std::path::Path;
use std::sync::Arc;

use futures_util::StreamExt;
use futures_util::stream::FuturesOrdered;
use indicatif::{ProgressBar, ProgressStyle};
use rocket::tokio::sync::mpsc::{Receiver, Sender, channel};

use super::{CommandError, Result, existing_database, input, print, read};
use crate::app;
use crate::cli::{Export, FileFormat, Import};
use crate::clock::{Clock, Timestamp};
use crate::config::Config;
use crate::domain::archive::Told;
use crate::figures::archive::batch::{Batch, Brought};
use crate::figures::archive::export::{self, Wanted};
use crate::figures::archive::import::{BATCH, Importer, Line};
use crate::figures::archive::records::{FileError, Records};
use crate::figures::format::Format;
use crate::store::figures::Period;

/// So many lines that could not be used are shown; the others are counted.
const SHOWN: usize = 1_000;

const fn format_of(format: FileFormat) -> Format {
    match format {
        FileFormat::Csv => Format::Csv,
        FileFormat::Ndjson => Format::Ndjson,
    }
}

fn in_file(path: &Path, error: impl std::fmt::Display) -> CommandError {
    CommandError::Input(format!("{}: {error}", path.display()))
}

/// A bar for whoever looks; nothing where nobody does.
fn bar(length: Option<u64>, of: &str) -> ProgressBar {
    let (bar, text) = match length {
        Some(length) => (ProgressBar::new(length), format!("{{bar:40}} {{msg}} {of}, {{eta}} to go")),
        None => (ProgressBar::new_spinner(), format!("{{spinner}} {{msg}} {of}")),
    };
    bar.with_style(ProgressStyle::with_template(&text).unwrap_or_else(|_| ProgressStyle::default_bar()))
}

/// An instant, or a date, which is its midnight in UTC.
fn instant(name: &str, text: Option<&str>) -> Result<Option<Timestamp>> {
    let Some(text) = text else { return Ok(None) };
    let whole = if text.len() == 10 { format!("{text}T00:00:00Z") } else { text.to_owned() };
    let at = Timestamp::parse_rfc3339(&whole);
    at.map(Some).ok_or_else(|| input(name, "must be a date, or an instant such as 2026-11-21T10:00:00Z"))
}

/// Writes sessions that are over.
pub(super) async fn export(config: &Config, asked: Export) -> Result<()> {
    let period = Period {
        from: instant("--from", asked.from.as_deref())?.unwrap_or(Timestamp(0)),
        to: instant("--to", asked.to.as_deref())?.unwrap_or(Timestamp(i64::MAX)),
        tests: asked.tests,
    };
    let wanted = Wanted {
        campaign: read("the campaign's id", asked.campaign.as_deref())?,
        banner: read("the banner's id", asked.banner.as_deref())?,
        period,
    };
    let db = existing_database(config).await?;
    let (bar, format) = (bar(None, "sessions"), format_of(asked.format));
    let mut rows = 0;
    let advance = |more: usize| {
        rows += more;
        bar.set_message(rows.to_string());
        bar.tick();
    };
    let written = if let Some(path) = &asked.output {
        let mut file = BufWriter::new(File::create(path).map_err(|error| in_file(path, error))?);
        export::export(&db, &wanted, format, &mut file, advance).await
    } else {
        export::export(&db, &wanted, format, &mut stdout().lock(), advance).await
    };
    bar.finish_and_clear();
    match written {
        Ok(rows) => {
            eprintln!("{rows} sessions");
            Ok(())
        }
        Err(export::ExportError::Store(error)) => Err(error.into()),
        // Whoever reads only its beginning, such as `head`, has seen enough.
        Err(export::ExportError::Io(error)) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(export::ExportError::Io(error)) => match &asked.output {
            Some(path) => Err(in_file(path, error)),
            None => Err(CommandError::Input(format!("standard output: {error}"))),
        },
    }
}

/// The lines of a part of the file: those that can be read, the others with the reason, and how far into the file they reach.
#[derive(Default)]
struct Part {
    good: Vec<Line>,
    bad: Vec<(u64, String)>,
    bytes: u64,
}

type Input = Box<dyn BufRead + Send>;

/// Opens the file; how long it is, where that is known.
fn open(path: &Path) -> Result<(Input, Option<u64>)> {
    if path.as_os_str() == "-" {
        return Ok((Box::new(BufReader::new(stdin())), None));
    }
    let file = File::open(path).map_err(|error| in_file(path, error))?;
    let length = file.metadata().ok().filter(std::fs::Metadata::is_file).map(|data| data.len());
    Ok((Box::new(BufReader::with_capacity(256 * 1024, file)), length))
}

/// As it was asked for, as the name ends, or as the file begins.
fn guessed(asked: &Import, input: &mut Input) -> io::Result<Format> {
    let ending = asked.file.extension().and_then(|ending| ending.to_str()).map(str::to_ascii_lowercase);
    Ok(match (asked.format, ending.as_deref()) {
        (Some(format), _) => format_of(format),
        (None, Some("ndjson" | "jsonl")) => Format::Ndjson,
        (None, Some("csv")) => Format::Csv,
        (None, _) if input.fill_buf()?.first() == Some(&b'{') => Format::Ndjson,
        (None, _) => Format::Csv,
    })
}

/// Reads the whole file, a part at a time.
fn read_parts(mut records: Records<Input>, now: Timestamp, parts: &Sender<io::Result<Part>>) {
    let mut part = Part::default();
    loop {
        let record = match records.next_record() {
            Ok(record) => record,
            Err(error) => {
                let _ = parts.blocking_send(Ok(part)).and_then(|()| parts.blocking_send(Err(error)));
                return;
            }
        };
        let is_last = record.is_none();
        if let Some(record) = record {
            match record.fields.and_then(|fields| Told::read(fields, now)) {
                Ok(told) => part.good.push((record.line, told)),
                Err(reason) => part.bad.push((record.line, reason)),
            }
        }
        if is_last || part.good.len() == BATCH || part.bad.len() == BATCH {
            part.bytes = records.bytes();
            // Nobody listens any more: the import has failed, and says why.
            if parts.blocking_send(Ok(std::mem::take(&mut part))).is_err() || is_last {
                return;
            }
        }
    }
}

/// What is said of lines: on standard error, and in a file.
struct Report<'i> {
    file: &'i Path,
    shown: usize,
    refused: usize,
    repeated: usize,
    rejects: Option<(&'i Path, BufWriter<File>)>,
}

impl<'i> Report<'i> {
    fn open(asked: &'i Import) -> Result<Self> {
        let input = asked.file.canonicalize().ok();
        let is_input = |path: &Path| input.is_some() && path.canonicalize().ok() == input;
        if asked.rejects.as_deref().is_some_and(is_input) {
            return Err(CommandError::Input("--rejects must not be the file that is imported".to_owned()));
        }
        let rejects = match &asked.rejects {
            Some(path) => {
                Some((path.as_path(), BufWriter::new(File::create(path).map_err(|error| in_file(path, error))?)))
            }
            None => None,
        };
        Ok(Self { file: &asked.file, shown: 0, refused: 0, repeated: 0, rejects })
    }

    fn line(&mut self, bar: &ProgressBar, number: u64, reason: &str) -> Result<()> {
        let text = format!("{}:{number}: {reason}", self.file.display());
        if let Some((path, file)) = &mut self.rejects {
            writeln!(file, "{text}").map_err(|error| in_file(path, error))?;
        }
        if self.shown < SHOWN {
            bar.suspend(|| eprintln!("{text}"));
        } else if self.shown == SHOWN {
            bar.suspend(|| eprintln!("more lines that could not be used are counted, not shown"));
        }
        self.shown += 1;
        Ok(())
    }

    /// Says what is wrong with lines, in their order.
    fn of(&mut self, bar: &ProgressBar, bad: Vec<(u64, String)>, brought: &Brought) -> Result<()> {
        self.refused += bad.len() + brought.refused.len();
        self.repeated += brought.repeated.len();
        let again = "it is the same as an earlier line, and was passed by".to_owned();
        let again = brought.repeated.iter().map(|line| (*line, again.clone()));
        let mut lines: Vec<_> = bad.into_iter().chain(brought.refused.iter().cloned()).chain(again).collect();
        lines.sort_unstable_by_key(|(line, _)| *line);
        lines.iter().try_for_each(|(line, reason)| self.line(bar, *line, reason))
    }

    fn close(&mut self) -> Result<()> {
        match &mut self.rejects {
            Some((path, file)) => file.flush().map_err(|error| in_file(path, error)),
            None => Ok(()),
        }
    }
}

/// Brings sessions in.
pub(super) async fn import(config: &Config, asked: Import) -> Result<()> {
    let (mut input, length) = open(&asked.file)?;
    let format = guessed(&asked, &mut input).map_err(|error| in_file(&asked.file, error))?;
    let records =
        Records::open(input, format, asked.ignore_unknown).map_err(|error: FileError| in_file(&asked.file, error))?;
    let mut report = Report::open(&asked)?;
    let db = existing_database(config).await?;
    let clock = app::clock_of(&db).await?;
    let now = clock.now();
    let mut importer = Importer::new(db, Arc::new(clock)).await?;
    let bar = bar(length, "lines");
    // One part is read while another one is written.
    let (sender, parts) = channel(2);
    // A thread that nobody waits for: standard input may never end.
    std::thread::spawn(move || read_parts(records, now, &sender));
    let brought = bring_all(&mut importer, parts, &bar, &mut report).await;
    bar.finish_and_clear();
    report.close()?;
    let (new, there) = brought?;
    print(&format!(
        "{new} sessions were imported; {there} were there already, {} were in the file twice, {} lines could not be used.",
        report.repeated, report.refused
    ))?;
    if report.refused > 0 { Err(CommandError::Refused(report.refused)) } else { Ok(()) }
}

async fn bring_all(
    importer: &mut Importer,
    mut parts: Receiver<io::Result<Part>>,
    bar: &ProgressBar,
    report: &mut Report<'_>,
) -> Result<(usize, usize)> {
    let (mut new, mut there) = (0, 0);
    let mut writing = FuturesOrdered::new();
    let (mut lanes, mut is_more, mut end) = (importer.lanes(), true, Ok(()));
    while is_more || !writing.is_empty() {
        tokio::select! {
            biased;
            Some(written) = writing.next() => {
                let (brought, bad, bytes): (Brought, _, _) = written?;
                report.of(bar, bad, &brought)?;
                new += brought.imported;
                there += brought.there;
                bar.set_position(bytes);
                bar.set_message(format!("{new} imported of {}", new + there + report.refused + report.repeated));
            }
            part = parts.recv(), if is_more && writing.len() < lanes => {
                let Some(part) = part else {
                    is_more = false;
                    continue;
                };
                match next_batch(importer, report, part).await {
                    Ok((batch, bad, bytes)) => {
                        lanes = if batch.must_be_first() { 1 } else { importer.lanes() };
                        writing.push_back(async move { batch.write().await.map(|brought| (brought, bad, bytes)) });
                    }
                    // What was read before is brought in all the same, and told.
                    Err(error) => (is_more, end) = (false, Err(error)),
                }
            }
        }
    }
    end.map(|()| (new, there))
}

/// The lines of a part that can be read, ready to be written, with the others.
async fn next_batch(
    importer: &mut Importer,
    report: &Report<'_>,
    part: io::Result<Part>,
) -> Result<(Batch, Vec<(u64, String)>, u64)> {
    let Part { good, bad, bytes } = part.map_err(|error| in_file(report.file, error))?;
    Ok((importer.prepare(&good).await?, bad, bytes))
}
