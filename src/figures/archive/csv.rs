//! A record of CSV, as RFC 4180 has it, taken apart.

use std::str;

/// What a text of one or more lines is.
#[derive(Debug, PartialEq, Eq)]
pub enum Split {
    /// A record: its fields.
    Fields(Vec<String>),
    /// A quotation mark is still open: the record goes on with the next line.
    Open,
    /// No record, and why.
    Bad(&'static str),
}

/// Takes a record apart. Its line end is not part of it.
#[must_use]
pub fn split(record: &[u8]) -> Split {
    let mut fields = Vec::new();
    let mut rest = record;
    loop {
        let (field, after) = match next(rest) {
            Ok(Some(next)) => next,
            Ok(None) => return Split::Open,
            Err(reason) => return Split::Bad(reason),
        };
        match String::from_utf8(field) {
            Ok(text) => fields.push(undefused(text)),
            Err(_) => return Split::Bad("it is not UTF-8"),
        }
        match after {
            Some(after) => rest = after,
            None => return Split::Fields(fields),
        }
    }
}

/// A field, and what stands behind its comma.
type Field<'r> = (Vec<u8>, Option<&'r [u8]>);

/// The next field; `None` when its quotation mark is still open.
fn next(rest: &[u8]) -> Result<Option<Field<'_>>, &'static str> {
    let Some(quoted) = rest.strip_prefix(b"\"") else {
        let end = rest.iter().position(|byte| *byte == b',').unwrap_or(rest.len());
        let (field, after) = rest.split_at(end);
        if field.contains(&b'"') {
            return Err("a quotation mark stands in a field that does not begin with one");
        }
        return Ok(Some((field.to_vec(), after.get(1..))));
    };
    let (mut field, mut rest) = (Vec::new(), quoted);
    loop {
        let Some(mark) = rest.iter().position(|byte| *byte == b'"') else { return Ok(None) };
        field.extend_from_slice(&rest[..mark]);
        match &rest[mark + 1..] {
            [] => return Ok(Some((field, None))),
            [b'"', more @ ..] => {
                field.push(b'"');
                rest = more;
            }
            [b',', after @ ..] => return Ok(Some((field, Some(after)))),
            _ => return Err("something stands between the end of a quoted field and the next comma"),
        }
    }
}

/// The field without the apostrophe that keeps spreadsheets from running it, as our own files have it.
fn undefused(text: String) -> String {
    match text.strip_prefix('\'') {
        Some(rest) if crate::figures::format::is_formula(text.as_bytes()) => rest.to_owned(),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn fields(record: &str) -> Vec<String> {
        match split(record.as_bytes()) {
            Split::Fields(fields) => fields,
            other => panic!("{record:?}: {other:?}"),
        }
    }

    #[test]
    fn records_are_taken_apart() {
        assert_eq!(fields(""), [""]);
        assert_eq!(fields("a,,c"), ["a", "", "c"]);
        assert_eq!(fields("\"a,b\",\"\",\"the \"\"boss\"\"\""), ["a,b", "", "the \"boss\""]);
        assert_eq!(fields("\"two\r\nlines\",x"), ["two\r\nlines", "x"]);
        assert_eq!(fields("'=1,'a,',''=1"), ["=1", "'a", "'", "'=1"]);
    }

    #[test]
    fn what_is_no_record_says_so() {
        assert_eq!(split(b"a,\"b"), Split::Open);
        assert_eq!(split(b"\""), Split::Open);
        assert_eq!(split(b"\"a\"\""), Split::Open);
        for text in [&b"5\" screen,x"[..], b"\"a\"b,c", b"a,\xff"] {
            assert!(matches!(split(text), Split::Bad(_)), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(texts in prop::collection::vec("[ -~\\t\\r\\n'=+@äش🎈\"]{0,12}", 1..8)) {
            let mut bytes = Vec::new();
            let row: Vec<_> = texts.iter().map(|text| Some(text.as_str())).collect();
            crate::figures::format::csv(&mut bytes, &row);
            prop_assert_eq!(bytes.split_off(bytes.len() - 2), b"\r\n");
            prop_assert_eq!(split(&bytes), Split::Fields(texts));
        }

        #[test]
        fn no_bytes_are_too_much(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let _ = split(&bytes);
        }
    }
}
