//! The address of a client: which one is believed, how much of it is kept, and which network it counts for.

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use crate::config::AddressKept;

/// The address that a request came from.
///
/// `X-Forwarded-For` is believed only when the peer is one of `trusted`, and then from the right, where our own proxies
/// have written: the first hop that is not trusted is the client. A hop that is no address ends the reading, because what
/// stands left of it was written by somebody who cannot be believed either; the answer is then the last good one.
#[must_use]
pub fn client_ip(peer: IpAddr, x_forwarded_for: &[&str], trusted: &[IpNet]) -> IpAddr {
    let is_trusted = |address: &IpAddr| trusted.iter().any(|net| net.contains(address));
    let mut believed = peer.to_canonical();
    let mut hops = x_forwarded_for.iter().rev().flat_map(|value| value.rsplit(','));
    while is_trusted(&believed) {
        match hops.next().and_then(hop) {
            Some(address) => believed = address,
            None => break,
        }
    }
    believed
}

/// One hop; some proxies write the port as well, and brackets around IPv6.
fn hop(text: &str) -> Option<IpAddr> {
    let text = text.trim();
    let bracketed = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let address: IpAddr = match bracketed.unwrap_or(text).parse() {
        Ok(address) => address,
        Err(_) => text.parse::<SocketAddr>().ok()?.ip(),
    };
    Some(address.to_canonical())
}

/// The first `bits` of an address, as a network.
fn truncated(address: IpAddr, v4_bits: u8, v6_bits: u8) -> IpNet {
    let address = address.to_canonical();
    let bits = if address.is_ipv4() { v4_bits } else { v6_bits };
    IpNet::new(address, bits).map_or_else(|_| IpNet::from(address), |net| net.trunc())
}

/// What is stored of an address; truncated it still reads as one, with zeros at its end.
#[must_use]
pub fn kept(address: IpAddr, how_much: AddressKept) -> Option<String> {
    match how_much {
        AddressKept::Full => Some(address.to_canonical().to_string()),
        AddressKept::Truncated => Some(truncated(address, 24, 48).addr().to_string()),
        AddressKept::None => None,
    }
}

/// The network that limits count by: a /24, or a /64, which is what one household gets.
#[must_use]
pub fn network(address: IpAddr) -> IpNet {
    truncated(address, 24, 64)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn client(peer: &str, headers: &[&str]) -> String {
        let trusted: Vec<IpNet> =
            ["127.0.0.1/32", "10.0.0.0/8", "2001:db8:1::/48"].iter().map(|net| net.parse().unwrap()).collect();
        client_ip(ip(peer), headers, &trusted).to_string()
    }

    #[test]
    fn a_stranger_is_not_believed() {
        assert_eq!(client("203.0.113.9", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(client("203.0.113.9", &[]), "203.0.113.9");
        assert_eq!(client_ip(ip("127.0.0.1"), &["198.51.100.1"], &[]), ip("127.0.0.1"), "nobody is trusted by default");
    }

    #[test]
    fn the_right_most_untrusted_hop_is_the_client() {
        assert_eq!(client("127.0.0.1", &["198.51.100.1"]), "198.51.100.1");
        // What stands left of the client's own address was written by the client.
        assert_eq!(client("127.0.0.1", &["6.6.6.6, 198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &["6.6.6.6, 198.51.100.1, 10.1.2.3"]), "198.51.100.1");
        assert_eq!(client("2001:db8:1::7", &["2001:db8:2::1"]), "2001:db8:2::1");
    }

    #[test]
    fn several_headers_are_one_list() {
        assert_eq!(client("127.0.0.1", &["6.6.6.6", "198.51.100.1", "10.1.2.3"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &["198.51.100.1", "10.9.9.9, 10.1.2.3"]), "198.51.100.1");
    }

    #[test]
    fn all_trusted_means_the_left_most() {
        assert_eq!(client("127.0.0.1", &["10.0.0.5, 10.0.0.6"]), "10.0.0.5");
        assert_eq!(client("127.0.0.1", &[]), "127.0.0.1");
    }

    #[test]
    fn garbage_ends_the_reading_at_the_last_good_hop() {
        assert_eq!(client("127.0.0.1", &["198.51.100.1, unknown, 10.1.2.3"]), "10.1.2.3");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, , 10.1.2.3"]), "10.1.2.3");
        for garbage in
            ["", "unknown", "_hidden", "1.2.3", "300.1.1.1", "1.2.3.4.5", "::1::", "localhost", "\u{0}", "[1.2.3.4"]
        {
            assert_eq!(client("127.0.0.1", &[garbage]), "127.0.0.1", "{garbage:?}");
        }
    }

    #[test]
    fn ports_brackets_and_mapped_addresses() {
        assert_eq!(client("127.0.0.1", &["198.51.100.1:4711"]), "198.51.100.1");
        assert_eq!(client("127.0.0.1", &["[2001:db8:2::1]:443"]), "2001:db8:2::1");
        assert_eq!(client("127.0.0.1", &["[2001:db8:2::1]"]), "2001:db8:2::1");
        assert_eq!(client("127.0.0.1", &["::ffff:198.51.100.1"]), "198.51.100.1");
        assert_eq!(client("::ffff:127.0.0.1", &["198.51.100.1"]), "198.51.100.1", "a dual-stack socket");
        assert_eq!(client("127.0.0.1", &["198.51.100.1, ::ffff:10.1.2.3"]), "198.51.100.1");
    }

    #[test]
    fn kept_as_configured() {
        let kept = |text: &str, how_much| kept(ip(text), how_much);
        assert_eq!(kept("203.0.113.9", AddressKept::Full).as_deref(), Some("203.0.113.9"));
        assert_eq!(kept("203.0.113.9", AddressKept::Truncated).as_deref(), Some("203.0.113.0"));
        assert_eq!(kept("::ffff:203.0.113.9", AddressKept::Truncated).as_deref(), Some("203.0.113.0"));
        assert_eq!(kept("::ffff:203.0.113.9", AddressKept::Full).as_deref(), Some("203.0.113.9"));
        assert_eq!(kept("2001:db8:1:2:3:4:5:6", AddressKept::Truncated).as_deref(), Some("2001:db8:1::"));
        assert_eq!(kept("2001:db8:1:2:3:4:5:6", AddressKept::Full).as_deref(), Some("2001:db8:1:2:3:4:5:6"));
        assert_eq!(kept("203.0.113.9", AddressKept::None), None);
    }

    #[test]
    fn one_household_is_one_key() {
        assert_eq!(network(ip("203.0.113.9")), network(ip("::ffff:203.0.113.200")));
        assert_ne!(network(ip("203.0.113.9")), network(ip("203.0.114.9")));
        assert_eq!(network(ip("2001:db8:1:2:3:4:5:6")).to_string(), "2001:db8:1:2::/64");
        assert_ne!(network(ip("2001:db8:1:2::1")), network(ip("2001:db8:1:3::1")));
    }
}
