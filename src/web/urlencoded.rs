//! Names and values as addresses and forms carry them.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use rocket::http::RawStr;

/// The decoded pairs of a query or a form, in order, repeated names included.
#[must_use]
pub fn pairs(text: &RawStr) -> Vec<(String, String)> {
    let decoded = |part: &RawStr| part.url_decode_lossy().into_owned();
    let parts = text.split('&').filter(|part| !part.is_empty());
    parts
        .map(|part| {
            let (name, value) = part.split_at_byte(b'=');
            (decoded(name), decoded(value))
        })
        .collect()
}

/// All but letters, digits and the four signs that stand for themselves everywhere.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A name or value as it stands in an address, in a path's segment too.
#[must_use]
pub fn encoded(text: &str) -> String {
    utf8_percent_encode(text, RESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_decoded_and_kept_in_order() {
        let read = pairs(RawStr::new("a=1&b=%F0%9F%98%80+x&&a=&c"));
        let expected = [("a", "1"), ("b", "😀 x"), ("a", ""), ("c", "")];
        assert_eq!(read, expected.map(|(name, value)| (name.to_owned(), value.to_owned())));
    }
}
