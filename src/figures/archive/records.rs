//! The lines of a file, one record after another, in constant memory. What is no record costs its own line and no other one.

use std::collections::VecDeque;
use std::io::{self, BufRead};

use super::csv::{self, Split};
use crate::domain::archive::{Column, Fields, Reason};
use crate::figures::format::Format;

/// The longest record, in bytes.
const MOST_BYTES: usize = 64 * 1024;
/// The most lines of a record: a field may have line breaks.
const MOST_LINES: usize = 100;

/// Why a file cannot be read at all.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file system.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// Nothing in it.
    #[error("it is empty: not even a line that names the columns is there")]
    Empty,
    /// No header.
    #[error(
        "its first line does not name the columns: CampaignId, BannerId and QueueEntryTime have to be there, with commas \
         in between; {0} is not"
    )]
    NoHeader(&'static str),
    /// A header that is no record.
    #[error("its first line cannot be read: {0}")]
    BrokenHeader(&'static str),
    /// A column twice.
    #[error("its first line names {0} twice")]
    Twice(&'static str),
    /// A column that means nothing here.
    #[error("{0:?} is no column that can be imported. To leave out what is not known: --ignore-unknown")]
    Unknown(String),
}

/// A record, and the number of its first line.
#[derive(Debug, PartialEq, Eq)]
pub struct Record {
    /// Counted from 1, the header too.
    pub line: u64,
    /// What it holds, or why nothing can be read of it.
    pub fields: Result<Fields, Reason>,
}

/// A line with its number.
#[derive(Debug)]
struct Line {
    number: u64,
    /// With the line end, if it has one.
    bytes: Vec<u8>,
    is_too_long: bool,
}

impl Line {
    fn has_end(&self) -> bool {
        self.bytes.last() == Some(&b'\n')
    }
}

/// Reads records.
#[derive(Debug)]
pub struct Records<R> {
    input: R,
    /// `None` for NDJSON, which names the columns in each line.
    columns: Option<Vec<Option<Column>>>,
    ignores_unknown: bool,
    lines: u64,
    bytes: u64,
    /// Lines that were looked at and belong to no record yet.
    ahead: VecDeque<Line>,
}

impl<R: BufRead> Records<R> {
    /// Reads the header, if the format has one.
    ///
    /// # Errors
    /// When the file cannot be read, is empty, or does not name its columns.
    pub fn open(input: R, format: Format, ignores_unknown: bool) -> Result<Self, FileError> {
        let mut records = Self { input, columns: None, ignores_unknown, lines: 0, bytes: 0, ahead: VecDeque::new() };
        if records.input.fill_buf()?.is_empty() {
            return Err(FileError::Empty);
        }
        if format == Format::Csv {
            records.columns = Some(records.header()?);
        }
        Ok(records)
    }

    /// How many bytes were read.
    pub const fn bytes(&self) -> u64 {
        self.bytes
    }

    fn header(&mut self) -> Result<Vec<Option<Column>>, FileError> {
        let line = self.line()?.ok_or(FileError::Empty)?;
        let names = match csv::split(without_end(&line.bytes)) {
            Split::Fields(names) => names,
            Split::Open => return Err(FileError::BrokenHeader("a quotation mark is not closed")),
            Split::Bad(reason) => return Err(FileError::BrokenHeader(reason)),
        };
        let columns: Vec<_> = names.iter().map(|name| Column::named(name.trim())).collect();
        // Before what is unknown: a line of values is no header.
        if let Some(absent) = Column::REQUIRED.into_iter().find(|column| !columns.contains(&Some(*column))) {
            return Err(FileError::NoHeader(absent.as_str()));
        }
        for (number, column) in columns.iter().enumerate() {
            match column {
                Some(column) if columns[..number].contains(&Some(*column)) => {
                    return Err(FileError::Twice(column.as_str()));
                }
                None if !self.ignores_unknown => return Err(FileError::Unknown(names[number].clone())),
                _ => {}
            }
        }
        Ok(columns)
    }

    /// The next record; empty lines are none.
    ///
    /// # Errors
    /// When the file cannot be read any further.
    pub fn next_record(&mut self) -> io::Result<Option<Record>> {
        loop {
            let Some(line) = self.line()? else { return Ok(None) };
            if without_end(&line.bytes).is_empty() && !line.is_too_long {
                continue;
            }
            let number = line.number;
            let fields = if line.is_too_long {
                Err(format!("it is longer than {MOST_BYTES} bytes"))
            } else if self.columns.is_some() {
                self.csv_fields(line)?
            } else {
                self.json_fields(&line.bytes)
            };
            return Ok(Some(Record { line: number, fields }));
        }
    }

    /// Reads further lines for as long as a quotation mark is open. If that leads nowhere, they are lines of their own again.
    fn csv_fields(&mut self, first: Line) -> io::Result<Result<Fields, Reason>> {
        let mut record = first.bytes.clone();
        let (mut more, mut has_end) = (Vec::new(), first.has_end());
        let reason = loop {
            match csv::split(without_end(&record)) {
                Split::Fields(values) => return Ok(self.fields_of(values, has_end)),
                Split::Bad(reason) => break reason.to_owned(),
                Split::Open => {}
            }
            if record.len() > MOST_BYTES || more.len() > MOST_LINES {
                break "a quotation mark is not closed".to_owned();
            }
            match self.line()? {
                Some(line) if !line.is_too_long => {
                    record.extend_from_slice(&line.bytes);
                    has_end = line.has_end();
                    more.push(line);
                }
                other => {
                    let cut = if other.is_none() { ": the file may be cut off" } else { "" };
                    more.extend(other);
                    break format!("a quotation mark is not closed{cut}");
                }
            }
        };
        for line in more.into_iter().rev() {
            self.ahead.push_front(line);
        }
        Ok(Err(reason))
    }

    fn fields_of(&self, values: Vec<String>, has_end: bool) -> Result<Fields, Reason> {
        let columns = self.columns.as_deref().unwrap_or_default();
        let cut = if has_end { "" } else { ": the file may be cut off" };
        if values.len() != columns.len() {
            return Err(format!("it has {} fields, and the header names {}{cut}", values.len(), columns.len()));
        }
        if !has_end && values.last().is_some_and(String::is_empty) {
            return Err(format!("it ends without a last field and without a line end{cut}"));
        }
        let mut fields = Fields::default();
        for (column, value) in columns.iter().zip(values) {
            if let Some(column) = column {
                fields.set(*column, value);
            }
        }
        Ok(fields)
    }

    fn json_fields(&self, bytes: &[u8]) -> Result<Fields, Reason> {
        let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
        let cut = if bytes.ends_with(b"\n") { "" } else { ": the file may be cut off" };
        let object: serde_json::Map<String, serde_json::Value> =
            serde_json::from_str(text).map_err(|_| format!("it is no JSON object{cut}"))?;
        let mut fields = Fields::default();
        for (name, value) in object {
            let Some(column) = Column::named(&name) else {
                if self.ignores_unknown {
                    continue;
                }
                let shown: String = name.chars().take(40).collect();
                return Err(format!("{shown:?} is no column that can be imported; --ignore-unknown leaves it out"));
            };
            match value {
                serde_json::Value::Null => {}
                serde_json::Value::String(text) => fields.set(column, text),
                // Large ids would lose their last digits.
                serde_json::Value::Number(number) if number.is_f64() && !column.is_bare() => {
                    return Err(format!("{name} must be a text, in quotation marks"));
                }
                serde_json::Value::Number(number) => fields.set(column, number.to_string()),
                serde_json::Value::Bool(flag) => fields.set(column, flag.to_string()),
                _ => return Err(format!("{name} is a list or an object")),
            }
        }
        Ok(fields)
    }

    /// The next line. Of one that is too long only the beginning is kept.
    fn line(&mut self) -> io::Result<Option<Line>> {
        if let Some(line) = self.ahead.pop_front() {
            return Ok(Some(line));
        }
        let (mut bytes, mut is_too_long) = (Vec::new(), false);
        loop {
            let part = self.input.fill_buf()?;
            if part.is_empty() {
                break;
            }
            let end = part.iter().position(|byte| *byte == b'\n').map(|at| at + 1);
            let taken = end.unwrap_or(part.len());
            if bytes.len() + taken <= MOST_BYTES {
                bytes.extend_from_slice(&part[..taken]);
            } else {
                is_too_long = true;
            }
            self.input.consume(taken);
            self.bytes += taken as u64;
            if end.is_some() {
                break;
            }
        }
        if bytes.is_empty() && !is_too_long {
            return Ok(None);
        }
        self.lines += 1;
        if self.lines == 1
            && let Some(rest) = bytes.strip_prefix(b"\xef\xbb\xbf")
        {
            // Spreadsheets begin a file so.
            bytes = rest.to_vec();
        }
        Ok(Some(Line { number: self.lines, bytes, is_too_long }))
    }
}

fn without_end(line: &[u8]) -> &[u8] {
    let line = line.strip_suffix(b"\n").unwrap_or(line);
    line.strip_suffix(b"\r").unwrap_or(line)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str = "CampaignId,BannerId,QueueEntryTime,UserAgent\r\n";

    fn all(text: &[u8], format: Format) -> Vec<(u64, Result<String, String>)> {
        let mut records = Records::open(text, format, false).unwrap();
        let mut told = Vec::new();
        while let Some(Record { line, fields }) = records.next_record().unwrap() {
            told.push((line, fields.map(|fields| format!("{fields:?}"))));
        }
        assert_eq!(records.bytes(), text.len() as u64);
        told
    }

    fn csv(lines: &str) -> Vec<(u64, Result<String, String>)> {
        all(format!("{HEADER}{lines}").as_bytes(), Format::Csv)
    }

    /// The number of each line, and what is wrong with it.
    fn judged(lines: &str) -> Vec<(u64, String)> {
        csv(lines).into_iter().map(|(line, fields)| (line, fields.err().unwrap_or_default())).collect()
    }

    #[test]
    fn a_bad_line_costs_no_other_one() {
        let told = judged("5,3,x,\"a\r\nb\"\r\n5,3,x,5\" wide\r\n\r\n5,3,x,\"open\r\n5,3,x,y\r\n5,3,x\r\n5,3,x,z");
        let numbers: Vec<_> = told.iter().map(|(line, reason)| (*line, reason.is_empty())).collect();
        assert_eq!(numbers, [(2, true), (4, false), (6, false), (7, true), (8, false), (9, true)]);
        assert!(told[2].1.contains("not closed: the file may be cut off"), "{told:?}");
        assert_eq!(told[4].1, "it has 3 fields, and the header names 4");
    }

    #[test]
    fn a_file_that_is_cut_off_says_so() {
        for (end, said) in [("5,3", "cut off"), ("5,3,x,", "cut off"), ("5,3,x,\"ab", "cut off"), ("5,3,x,y", "")] {
            let told = judged(end);
            assert!(
                told.len() == 1 && told[0].1.ends_with(said) && told[0].1.is_empty() == said.is_empty(),
                "{told:?}"
            );
        }
        let told = all(b"{\"CampaignId\":\"5\"}\n{\"Campai", Format::Ndjson);
        assert!(told[0].1.is_ok() && told[1].1.as_ref().unwrap_err().contains("cut off"), "{told:?}");
    }

    #[test]
    fn lines_that_are_too_long_are_passed_by() {
        let long = "x".repeat(MOST_BYTES);
        let told = judged(&format!("5,3,x,{long}\r\n5,3,x,y\r\n5,3,x,\"{long}\"\r\n5,3,x,y\r\n"));
        let good: Vec<_> = told.iter().map(|(line, reason)| (*line, reason.is_empty())).collect();
        assert_eq!(good, [(2, false), (3, true), (4, false), (5, true)]);
    }

    #[test]
    fn a_header_is_what_it_must_be() {
        for (text, said) in [
            ("", "is empty"),
            ("5,3,2026-11-21T10:00:00Z\n", "CampaignId is not"),
            ("CampaignId;BannerId;QueueEntryTime\n", "CampaignId is not"),
            ("CampaignId,QueueEntryTime,Colour\n", "BannerId is not"),
            ("CampaignId,BannerId,QueueEntryTime,Colour\n", "\"Colour\" is no column"),
            ("CampaignId,BannerId,QueueEntryTime,BannerId\n", "names BannerId twice"),
            ("CampaignId,\"BannerId\n", "not closed"),
        ] {
            let error = Records::open(text.as_bytes(), Format::Csv, false).unwrap_err().to_string();
            assert!(error.contains(said), "{text:?}: {error}");
        }
        let bytes = b"\xef\xbb\xbfQueueEntryTime,Colour,BannerId,CampaignId\nx,red,3,5\n";
        let mut records = Records::open(&bytes[..], Format::Csv, true).unwrap();
        let fields = records.next_record().unwrap().unwrap().fields.unwrap();
        let mut same = Fields::default();
        for (column, text) in [(Column::QueueEntryTime, "x"), (Column::BannerId, "3"), (Column::CampaignId, "5")] {
            same.set(column, text.to_owned());
        }
        assert_eq!(fields, same);
    }

    #[test]
    fn what_is_no_object_is_no_record() {
        let told = all(b"[]\n{}\n{\"Colour\":1}\n{\"UserAgent\":[]}\n\xff\n{\"UserAgent\":null}\n", Format::Ndjson);
        let good: Vec<_> = told.iter().map(|(line, fields)| (*line, fields.is_ok())).collect();
        assert_eq!(good, [(1, false), (2, true), (3, false), (4, false), (5, false), (6, true)]);
    }
}
