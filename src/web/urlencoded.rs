//! Names and values as addresses and forms carry them.

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
