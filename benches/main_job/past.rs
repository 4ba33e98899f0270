//! A past to measure: calls that were over long ago, brought in as anybody would bring them.

use std::io::{BufWriter, Write as _};
use std::process::{ChildStdin, Stdio};
use std::time::Instant;

use chrono::DateTime;

use super::server::{Server, command};

/// 2025-01-01T00:00:00Z: the calls begin.
pub const BEGINNING: u64 = 1_735_689_600_000;
/// Milliseconds between two of them: ten million a year. Fewer calls are a shorter past, not a sparser one, because what
/// they cost depends on how many of them share a quarter of an hour.
pub const APART: u64 = 365 * 86_400_000 / 10_000_000;
/// Campaigns, and banners of each.
pub const CAMPAIGNS: u64 = 10;
pub const BANNERS: u64 = 5;
/// Who answered.
const REPS: u64 = 20;

const AGENTS: [&str; 3] = [
    "Mozilla/5.0 (Linux; Android 16; Pixel 9) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Mobile Safari/537.36",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0.0.0 Safari/537.36",
    "Mozilla/5.0 (iPad; CPU OS 18_6 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/18.6 Mobile/15E148 Safari/604.1",
];
const HEAD: &str = "CampaignId,BannerId,QueueEntryTime,ConversationStartTime,SessionEndTime,UserIpAddress,UserAgent,\
    UserCountry,RepresentativeName,RepresentativeUsername,Sessionid";

fn instant(millis: u64) -> String {
    let at = DateTime::from_timestamp_millis(millis.cast_signed()).expect("an instant of our time");
    at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true)
}

fn write_line(out: &mut impl std::io::Write, number: u64) {
    let entry = BEGINNING + number * APART + number * 7919 % 1_000;
    let is_answered = !number.is_multiple_of(5);
    let start = if is_answered { instant(entry + number * 31 % 40_000) } else { String::new() };
    let rep = number % REPS;
    let (name, username) =
        if is_answered { (format!("Representative {rep}"), format!("rep-{rep}")) } else { Default::default() };
    writeln!(
        out,
        "c{},b{},{},{start},{},203.0.113.{},\"{}\",{},{name},{username},{:012x}7000800000000000{:04x}",
        number % CAMPAIGNS,
        number / CAMPAIGNS % BANNERS,
        instant(entry),
        instant(entry + 40_000 + number * 17 % 600_000),
        number % 256,
        AGENTS[usize::try_from(number % 3).expect("small")],
        ["DE", "NZ", "AT", "CH"][usize::try_from(number % 4).expect("small")],
        BEGINNING + number * APART,
        number % 0x1_0000,
    )
    .expect("the import reads");
}

fn write_lines(input: ChildStdin, from: u64, to: u64) {
    let mut out = BufWriter::with_capacity(256 * 1024, input);
    writeln!(out, "{HEAD}").expect("the import reads");
    (from..to).for_each(|number| write_line(&mut out, number));
    out.flush().expect("the import reads");
}

/// Imports these calls as CSV beside the server; the seconds that it took.
pub fn import(server: &Server, from: u64, to: u64) -> f64 {
    let mut importing = command(&server.folder, &server.database, server.port);
    importing.args(["session", "import", "-", "--format", "csv"]).stdin(Stdio::piped()).stdout(Stdio::null());
    let started = Instant::now();
    let mut importing = importing.stderr(Stdio::null()).spawn().expect("the program starts");
    let input = importing.stdin.take().expect("a pipe");
    let writing = std::thread::spawn(move || write_lines(input, from, to));
    assert!(importing.wait().expect("the import ends").success(), "the import brings all of it in");
    writing.join().expect("all lines were read");
    started.elapsed().as_secs_f64()
}
