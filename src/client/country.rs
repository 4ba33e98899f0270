//! The country of an address, from a file that the operator brings (GeoLite2, DB-IP Lite, iptoasn).

use std::fmt;
use std::net::IpAddr;
use std::path::Path;

use maxminddb::Reader;
use serde::{Deserialize, Serialize, Serializer};
use tracing::{info, warn};

/// Two capital letters, as in ISO 3166.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CountryCode([u8; 2]);

impl CountryCode {
    /// Accepts exactly two capital letters: one database answers the word "None".
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.as_bytes() {
            &[a, b] if a.is_ascii_uppercase() && b.is_ascii_uppercase() => Some(Self([a, b])),
            _ => None,
        }
    }

    /// The two letters.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // Only capital letters get in, so this never falls back.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Display for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for CountryCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for CountryCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

/// The three shapes of record that are in use, as one.
#[derive(Deserialize)]
struct Record<'a> {
    #[serde(borrow)]
    country: Option<Named<'a>>,
    #[serde(borrow)]
    registered_country: Option<Named<'a>>,
    country_code: Option<&'a str>,
}

#[derive(Deserialize)]
struct Named<'a> {
    iso_code: Option<&'a str>,
}

/// Knows the country of an address, or nothing at all: a file is optional.
#[derive(Default)]
pub struct Countries(Option<Reader<Vec<u8>>>);

impl Countries {
    /// Reads the file into memory. One that is missing or broken is a warning, never a failed start.
    #[must_use]
    pub fn open(path: Option<&Path>) -> Self {
        let Some(path) = path else {
            return Self::default();
        };
        match Reader::open_readfile(path) {
            Ok(reader) => {
                let kind = reader.metadata().database_type.as_str();
                info!(path = %path.display(), kind, "countries of addresses are looked up");
                Self(Some(reader))
            }
            Err(error) => {
                warn!(path = %path.display(), %error, "GEOIP_DB cannot be read, so no country is known");
                Self::default()
            }
        }
    }

    /// Whether there is a file to look into.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.is_some()
    }

    /// The country of an address. What the file does not know, or cannot be asked (IPv6 in a file of IPv4), is none.
    #[must_use]
    pub fn lookup(&self, address: IpAddr) -> Option<CountryCode> {
        let result = self.0.as_ref()?.lookup(address.to_canonical()).ok()?;
        let record: Record<'_> = result.decode().ok()??;
        let named = |place: Option<Named<'_>>| place?.iso_code.and_then(CountryCode::parse);
        named(record.country)
            .or_else(|| named(record.registered_country))
            .or_else(|| record.country_code.and_then(CountryCode::parse))
    }
}

impl fmt::Debug for Countries {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let kind = self.0.as_ref().map(|reader| reader.metadata().database_type.as_str());
        f.debug_tuple("Countries").field(&kind).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::*;

    fn file(name: &str) -> PathBuf {
        Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(name)
    }

    fn country(name: &str, address: &str) -> Option<String> {
        let countries = Countries::open(Some(&file(name)));
        assert!(countries.is_known(), "{name} is missing; tests/data/make_mmdb.py makes it");
        countries.lookup(address.parse().unwrap()).map(|code| code.to_string())
    }

    #[test]
    fn the_three_shapes() {
        assert_eq!(country("country.mmdb", "192.0.2.7").as_deref(), Some("NL"));
        assert_eq!(country("country.mmdb", "2001:db8:1::7").as_deref(), Some("JP"));
        assert_eq!(country("registered.mmdb", "192.0.2.7").as_deref(), Some("NL"));
        assert_eq!(country("flat.mmdb", "192.0.2.7").as_deref(), Some("NL"));
        assert_eq!(country("flat.mmdb", "2001:db8:1::7").as_deref(), Some("JP"));
    }

    #[test]
    fn the_country_comes_before_the_registered_one() {
        assert_eq!(country("country.mmdb", "198.51.100.1").as_deref(), Some("BR"));
    }

    #[test]
    fn an_unknown_address_is_none() {
        assert_eq!(country("country.mmdb", "203.0.113.1"), None);
        assert_eq!(country("country.mmdb", "2001:db8:2::1"), None);
        assert_eq!(country("flat.mmdb", "127.0.0.1"), None);
    }

    #[test]
    fn mapped_addresses_are_asked_as_what_they_are() {
        assert_eq!(country("country.mmdb", "::ffff:192.0.2.7").as_deref(), Some("NL"));
        assert_eq!(country("v4only.mmdb", "::ffff:192.0.2.7").as_deref(), Some("NL"));
    }

    #[test]
    fn ipv6_in_a_file_of_ipv4_is_none() {
        assert_eq!(country("v4only.mmdb", "192.0.2.7").as_deref(), Some("NL"));
        assert_eq!(country("v4only.mmdb", "2001:db8:1::7"), None);
    }

    #[test]
    fn only_two_capital_letters_are_a_country() {
        assert_eq!(country("none.mmdb", "192.0.2.7"), None, "the word None");
        assert_eq!(country("none.mmdb", "198.51.100.1"), None, "a number where a text should be");
        for text in ["", "N", "nl", "Nl", "nL", "NLD", "N1", "ÄA", "Ä"] {
            assert_eq!(CountryCode::parse(text), None, "{text:?}");
        }
        assert_eq!(serde_json::to_string(&CountryCode::parse("NL")).unwrap(), "\"NL\"");
    }

    #[test]
    fn no_file_and_a_broken_file_know_nothing() {
        let address = "192.0.2.7".parse().unwrap();
        for path in [None, Some(file("no-such-file.mmdb")), Some(file("make_mmdb.py")), Some(file(""))] {
            let countries = Countries::open(path.as_deref());
            assert!(!countries.is_known(), "{path:?}");
            assert_eq!(countries.lookup(address), None);
        }
    }
}
