//! Calls as text: a JSON array, a JSON object a line, or CSV. Each has the same ten columns in the same order.

use crate::clock::Timestamp;
use crate::store::calls::Call;

/// The ten columns of `/getFullMetrics`.
pub const COLUMNS: [&str; 10] = [
    "CampaignId",
    "BannerId",
    "QueueEntryTime",
    "ConversationStartTime",
    "SessionEndTime",
    "UserIpAddress",
    "UserAgent",
    "UserCountry",
    "RepresentativeName",
    "Sessionid",
];

/// How calls are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// One array.
    Json,
    /// An object on each line.
    Ndjson,
    /// RFC 4180, with a header line.
    Csv,
}

impl Format {
    /// All of them, the default first.
    pub const ALL: [Self; 3] = [Self::Json, Self::Ndjson, Self::Csv];

    /// The word that asks for it, and the ending of a file's name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Json => "json",
            Self::Ndjson => "ndjson",
            Self::Csv => "csv",
        }
    }

    /// What stands before the first row.
    pub fn begin(self, bytes: &mut Vec<u8>) {
        match self {
            Self::Json => bytes.push(b'['),
            Self::Ndjson => {}
            Self::Csv => {
                bytes.extend_from_slice(COLUMNS.join(",").as_bytes());
                bytes.extend_from_slice(b"\r\n");
            }
        }
    }

    /// One row.
    pub fn row(self, bytes: &mut Vec<u8>, call: &Call<'_>, is_first: bool) {
        if self == Self::Json && !is_first {
            bytes.push(b',');
        }
        let (entry, start, end) =
            (call.queued_at.rfc3339(), call.started_at.map(Timestamp::rfc3339), call.ended_at.map(Timestamp::rfc3339));
        let mut id = [0; 32];
        let row = [
            Some(call.campaign_id),
            Some(call.banner_id),
            ascii(Some(&entry)),
            ascii(start.as_ref()),
            ascii(end.as_ref()),
            call.address,
            call.user_agent,
            call.country,
            call.representative_name,
            Some(&*call.id.uuid().simple().encode_lower(&mut id)),
        ];
        match self {
            Self::Csv => csv(bytes, &row),
            Self::Json => json(bytes, quoted(row)),
            Self::Ndjson => ndjson(bytes, quoted(row)),
        }
    }

    /// What stands after the last row.
    pub fn end(self, bytes: &mut Vec<u8>) {
        if self == Self::Json {
            bytes.push(b']');
        }
    }

    /// The last words of what breaks off in the middle. The connection ends like any other, so the text says it: no parser
    /// takes it for whole. An array without its bracket says so already.
    #[must_use]
    pub const fn broken_off(self) -> &'static [u8] {
        match self {
            Self::Json => b"",
            Self::Ndjson => b"{\"",
            Self::Csv => b"\"",
        }
    }
}

fn ascii(text: Option<&[u8; 24]>) -> Option<&str> {
    text.and_then(|text| std::str::from_utf8(text).ok())
}

/// The ten columns with their names; all of them are text.
fn quoted(row: [Option<&str>; 10]) -> impl Iterator<Item = (&str, Option<&str>, bool)> {
    COLUMNS.into_iter().zip(row).map(|(name, value)| (name, value, false))
}

/// A line with one JSON object.
pub fn ndjson<'v>(bytes: &mut Vec<u8>, row: impl Iterator<Item = (&'v str, Option<&'v str>, bool)>) {
    json(bytes, row);
    bytes.push(b'\n');
}

/// A JSON object: names and values, and whether a value is written bare, as numbers are.
fn json<'v>(bytes: &mut Vec<u8>, row: impl Iterator<Item = (&'v str, Option<&'v str>, bool)>) {
    let mut before = b'{';
    for (name, value, is_bare) in row {
        bytes.extend_from_slice(&[before, b'"']);
        bytes.extend_from_slice(name.as_bytes());
        bytes.extend_from_slice(b"\":");
        before = b',';
        match value {
            Some(text) if is_bare => bytes.extend_from_slice(text.as_bytes()),
            // Text into memory: this cannot fail.
            Some(text) => drop(serde_json::to_writer(&mut *bytes, text)),
            None => bytes.extend_from_slice(b"null"),
        }
    }
    bytes.push(b'}');
}

/// A line of CSV.
pub fn csv(bytes: &mut Vec<u8>, row: &[Option<&str>]) {
    for (index, value) in row.iter().enumerate() {
        if index > 0 {
            bytes.push(b',');
        }
        csv_field(bytes, value.unwrap_or_default().as_bytes());
    }
    bytes.extend_from_slice(b"\r\n");
}

/// Whether a spreadsheet would take this for a formula, or would if apostrophes before it were taken away: so that one
/// apostrophe can be put before it, and be taken away again, whatever it is.
#[must_use]
pub fn is_formula(text: &[u8]) -> bool {
    text.iter().find(|byte| **byte != b'\'').is_some_and(|first| b"=+-@\t\r".contains(first))
}

/// A field. What a spreadsheet would take for a formula begins with an apostrophe, which makes it text there: names and
/// agents come from anybody.
pub(super) fn csv_field(bytes: &mut Vec<u8>, text: &[u8]) {
    let is_formula = is_formula(text);
    let is_quoted = text.iter().any(|byte| b",\"\r\n".contains(byte));
    if is_quoted {
        bytes.push(b'"');
    }
    if is_formula {
        bytes.push(b'\'');
    }
    if !is_quoted {
        bytes.extend_from_slice(text);
        return;
    }
    for byte in text {
        if *byte == b'"' {
            bytes.push(b'"');
        }
        bytes.push(*byte);
    }
    bytes.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(text: &str) -> String {
        let mut bytes = Vec::new();
        csv_field(&mut bytes, text.as_bytes());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn fields_are_quoted_where_they_must_be() {
        for (text, written) in [
            ("", ""),
            ("Ana", "Ana"),
            ("Ana, Bo", "\"Ana, Bo\""),
            ("the \"boss\"", "\"the \"\"boss\"\"\""),
            ("two\r\nlines", "\"two\r\nlines\""),
            ("שלום 🎈", "שלום 🎈"),
            ("'", "'"),
        ] {
            assert_eq!(field(text), written);
        }
    }

    #[test]
    fn formulas_are_text() {
        for (text, written) in [
            ("=1+1", "'=1+1"),
            ("+49", "'+49"),
            ("-5", "'-5"),
            ("@sum", "'@sum"),
            ("\t=1", "'\t=1"),
            ("\r=1", "\"'\r=1\""),
            ("=cmd|'/c calc'!A0,1", "\"'=cmd|'/c calc'!A0,1\""),
            ("=\"a\"", "\"'=\"\"a\"\"\""),
            ("1=1", "1=1"),
            ("'=1", "''=1"),
            ("''=1", "'''=1"),
        ] {
            assert_eq!(field(text), written);
        }
    }

    #[test]
    fn what_breaks_off_is_not_whole() {
        let text = String::from_utf8(Format::Ndjson.broken_off().to_vec()).unwrap();
        assert!(serde_json::from_str::<serde_json::Value>(&text).is_err());
        assert_eq!(Format::Csv.broken_off(), b"\"", "a quotation that is not closed");
    }
}
