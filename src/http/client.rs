//! The address that a request comes from, as far as it can be believed.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use crate::config::Network;

/// What a request says of the way it has come: the values of its `Forwarded` (RFC 7239) and `X-Forwarded-For` fields.
#[derive(Debug, Default)]
pub struct Forwarded<'a> {
    /// `for=192.0.2.1;proto=https, for="[2001:db8::1]:4711"`
    pub forwarded: Vec<&'a str>,
    /// `192.0.2.1, 2001:db8::1`
    pub x_forwarded: Vec<&'a str>,
}

/// Who a request comes from: its sender, or, when that is a proxy of ours, whom the proxy names. A proxy of ours writes one
/// of the fields, or both alike, and lets the other through as it came, so that fields of two minds are not believed.
#[must_use]
pub fn client_address(sender: IpAddr, said: &Forwarded<'_>, trusted: &[Network]) -> IpAddr {
    let sender = sender.to_canonical();
    let forwarded = walk(sender, &said.forwarded, forwarded_for, trusted);
    let x_forwarded = walk(sender, &said.x_forwarded, node, trusted);
    match (said.forwarded.is_empty(), said.x_forwarded.is_empty()) {
        (true, _) => x_forwarded,
        (false, true) => forwarded,
        (false, false) if forwarded == x_forwarded => forwarded,
        (false, false) => sender,
    }
}

/// Goes from the sender back along those who are named, as far as each is a proxy of ours. What stands before the first
/// stranger from the end, or before what names no address, anyone may have written.
fn walk(sender: IpAddr, fields: &[&str], read: fn(&str) -> Option<IpAddr>, trusted: &[Network]) -> IpAddr {
    let is_ours = |address: &IpAddr| trusted.iter().any(|network| network.contains(*address));
    let mut address = sender;
    for element in fields.iter().flat_map(|field| field.split(',')).rev() {
        match read(element.trim()).filter(|_| is_ours(&address)) {
            Some(named) => address = named.to_canonical(),
            None => break,
        }
    }
    address
}

/// Whom an element of `Forwarded` is for. Nothing is read from an element that is not whole, lest a part of a text that
/// somebody else has chosen pass for one.
fn forwarded_for(element: &str) -> Option<IpAddr> {
    let mut named = None;
    for pair in element.split(';') {
        let (name, value) = pair.trim().split_once('=')?;
        let value = value.strip_prefix('"').map_or(Some(value), |quoted| quoted.strip_suffix('"'))?;
        if value.contains(['"', '\\']) || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            return None;
        }
        if name.eq_ignore_ascii_case("for") && named.replace(node(value)?).is_some() {
            return None;
        }
    }
    named
}

/// The address of a node that has one, with or without a port: `192.0.2.1:80`, `[2001:db8::1]`, but not `unknown`.
fn node(text: &str) -> Option<IpAddr> {
    let with_port = || text.parse::<SocketAddr>().ok().map(|address| address.ip());
    let in_brackets = || text.strip_prefix('[')?.strip_suffix(']')?.parse::<Ipv6Addr>().ok().map(IpAddr::from);
    text.parse().ok().or_else(with_port).or_else(in_brackets)
}

/// The address as attempts and requests are counted by: who has one IPv6 address has 2⁶⁴ of them.
#[must_use]
pub fn counted(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & !u128::from(u64::MAX)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn from(sender: &str, forwarded: &[&str], x_forwarded: &[&str]) -> String {
        let trusted: Vec<Network> =
            ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].iter().map(|text| text.parse().expect("a network")).collect();
        let said = Forwarded { forwarded: forwarded.to_vec(), x_forwarded: x_forwarded.to_vec() };
        client_address(sender.parse().expect("an address"), &said, &trusted).to_string()
    }

    #[test]
    fn only_our_proxies_are_believed() {
        for (sender, forwarded, expected) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["198.51.100.7:4711"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["198.51.100.7, nonsense"], "127.0.0.1"),
            ("::ffff:127.0.0.1", &["2001:db8::5"], "2001:db8::5"),
            ("fd00::1", &[""], "fd00::1"),
        ] {
            assert_eq!(from(sender, &[], forwarded), expected, "{sender} {forwarded:?}");
        }
        assert_eq!(counted("2001:db8::1:2:3:4".parse().expect("an address")).to_string(), "2001:db8::");
    }

    #[test]
    fn the_standard_field_is_read_in_all_its_forms() {
        for (forwarded, expected) in [
            ("for=198.51.100.7", "198.51.100.7"),
            ("For=198.51.100.7;proto=https;by=10.0.0.1", "198.51.100.7"),
            ("proto=https; for=\"198.51.100.7:4711\"", "198.51.100.7"),
            ("for=\"[2001:db8::5]\"", "2001:db8::5"),
            ("for=\"[2001:db8::5]:4711\"", "2001:db8::5"),
            ("for=203.0.113.9, for=198.51.100.7;by=_us, for=10.1.2.3", "198.51.100.7"),
            // Who is hidden is not known, and who is named before them may be anybody.
            ("for=unknown", "127.0.0.1"),
            ("for=203.0.113.9, for=_hidden", "127.0.0.1"),
            ("for=203.0.113.9, for=\"_hidden:_port\", for=10.1.2.3", "10.1.2.3"),
        ] {
            assert_eq!(from("127.0.0.1", &[forwarded], &[]), expected, "{forwarded}");
            assert_eq!(from("192.0.2.1", &[forwarded], &[]), "192.0.2.1", "{forwarded}");
        }
        assert_eq!(from("127.0.0.1", &["for=203.0.113.9", "for=198.51.100.7"], &[]), "198.51.100.7");
    }

    #[test]
    fn what_is_not_whole_says_nothing() {
        for forwarded in [
            "",
            "198.51.100.7",
            "for",
            "for=",
            "for=\"198.51.100.7",
            "for=198.51.100.7\"",
            "for=198.51.100.7;",
            "for=198.51.100.7;for=198.51.100.8",
            "for=198.51.100.7:99999",
            "for=\"[2001:db8::5\"",
            "for=2001:db8::x",
            "for=198.51.100.7,",
            // A host that the caller has chosen, quoted by the proxy.
            "for=_real;host=\"a,for=198.51.100.7\"",
            "for=_real;host=\"a,for=198.51.100.7;x\"",
            "for=_real;host=\"a,for=198.51.100.7;x=\\\"\"",
        ] {
            assert_eq!(from("127.0.0.1", &[forwarded], &[]), "127.0.0.1", "{forwarded}");
        }
    }

    #[test]
    fn a_field_that_the_proxy_lets_through_moves_nobody() {
        for (forwarded, x_forwarded, expected) in [
            ("for=198.51.100.7", "198.51.100.7", "198.51.100.7"),
            ("for=203.0.113.9", "198.51.100.7", "127.0.0.1"),
            ("for=198.51.100.7", "203.0.113.9", "127.0.0.1"),
            ("nonsense", "198.51.100.7", "127.0.0.1"),
        ] {
            assert_eq!(from("127.0.0.1", &[forwarded], &[x_forwarded]), expected, "{forwarded} {x_forwarded}");
        }
    }
}
