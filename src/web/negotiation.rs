//! What a client would like an answer to be: its format, and whether it is compressed.

use rocket::http::{Accept, MediaType};

use crate::figures::format::Format;

/// The format that an `Accept` names with the greatest weight, the first of several. A star names JSON; who names none of
/// ours gets JSON all the same.
#[must_use]
pub fn format(accept: Option<&Accept>) -> Format {
    let mut best = (Format::Json, 0.0);
    for range in accept.iter().flat_map(|accept| accept.iter()) {
        let weight = range.weight_or(1.0);
        if let Some(format) = named(range.media_type())
            && weight > best.1
        {
            best = (format, weight);
        }
    }
    best.0
}

fn named(range: &MediaType) -> Option<Format> {
    let is = |top: &str, sub: &str| range.top() == top && range.sub() == sub;
    match () {
        () if is("application", "json") || is("application", "*") || is("*", "*") => Some(Format::Json),
        () if is("application", "x-ndjson") => Some(Format::Ndjson),
        () if is("text", "csv") => Some(Format::Csv),
        () => None,
    }
}

/// Whether an `Accept-Encoding` asks for gzip: not with `q=0`, and not where it would rather have no encoding.
#[must_use]
pub fn gzip(header: &str) -> bool {
    let weight_of = |coding: &str| {
        let mut listed = header.split(',').map(|part| part.split_once(';').unwrap_or((part, "")));
        let (_, parameters) = listed.find(|(name, _)| name.trim().eq_ignore_ascii_case(coding))?;
        Some(weight(parameters))
    };
    let gzip = weight_of("gzip").or_else(|| weight_of("x-gzip")).or_else(|| weight_of("*")).unwrap_or(0.0);
    gzip > 0.0 && gzip >= weight_of("identity").unwrap_or(0.0)
}

/// `q`, 1 when absent. What cannot be read counts as a refusal: an answer as it is can be read by everybody.
fn weight(parameters: &str) -> f32 {
    let weight = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("q").then_some(value.trim())
    });
    weight.map_or(1.0, |text| text.parse().unwrap_or(0.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_format_with_the_greatest_weight_is_taken() {
        for (header, expected) in [
            ("*/*", Format::Json),
            ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", Format::Json),
            ("text/csv", Format::Csv),
            ("Text/CSV; charset=utf-8", Format::Csv),
            ("text/csv, */*;q=0.1", Format::Csv),
            ("text/csv;q=0.5, application/json", Format::Json),
            ("text/csv;q=0.5, application/x-ndjson;q=0.6", Format::Ndjson),
            ("application/x-ndjson, text/csv", Format::Ndjson),
            ("text/csv;q=0", Format::Json),
            ("text/csv;q=0, application/x-ndjson;q=0.1", Format::Ndjson),
            ("image/png", Format::Json),
        ] {
            let accept: Accept = header.parse().unwrap();
            assert_eq!(format(Some(&accept)), expected, "{header}");
        }
        assert_eq!(format(None), Format::Json);
    }

    #[test]
    fn gzip_is_for_those_who_ask() {
        for (header, asked) in [
            ("gzip", true),
            ("GZIP", true),
            ("x-gzip", true),
            ("deflate, gzip;q=1.0, *;q=0.5", true),
            ("br, gzip; q=0.001", true),
            ("*", true),
            ("", false),
            ("br", false),
            ("identity", false),
            ("gzip;q=0", false),
            ("gzip;q=0.000, *", false),
            ("*;q=0", false),
            ("identity, gzip;q=0.5", false),
            ("identity;q=0.5, gzip", true),
            ("gzip;q=much", false),
        ] {
            assert_eq!(gzip(header), asked, "{header:?}");
        }
    }
}
