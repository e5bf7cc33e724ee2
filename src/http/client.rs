//! The address that a request comes from, as far as it can be believed.

use std::net::{IpAddr, Ipv6Addr};

use crate::config::Network;

/// Who a request comes from: its sender, or, when that is a proxy of ours, whom the proxy names last in
/// `X-Forwarded-For`. What stands before the first stranger from the end anyone may have written.
#[must_use]
pub fn client_address(sender: IpAddr, forwarded: &[&str], trusted: &[Network]) -> IpAddr {
    let is_ours = |address: &IpAddr| trusted.iter().any(|network| network.contains(*address));
    let mut address = sender.to_canonical();
    let named = forwarded.iter().flat_map(|header| header.split(',')).map(|name| name.trim().parse::<IpAddr>());
    for name in named.rev() {
        if !is_ours(&address) {
            break;
        }
        match name {
            Ok(name) => address = name.to_canonical(),
            Err(_) => break,
        }
    }
    address
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

    #[test]
    fn only_our_proxies_are_believed() {
        let trusted: Vec<Network> =
            ["127.0.0.1", "10.0.0.0/8", "fd00::/8"].iter().map(|text| text.parse().expect("a network")).collect();
        let from = |sender: &str, forwarded: &[&str]| {
            client_address(sender.parse().expect("an address"), forwarded, &trusted).to_string()
        };
        for (sender, forwarded, expected) in [
            ("192.0.2.1", &[][..], "192.0.2.1"),
            ("192.0.2.1", &["198.51.100.7"], "192.0.2.1"),
            ("127.0.0.1", &["198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9, 198.51.100.7"], "198.51.100.7"),
            ("127.0.0.1", &["203.0.113.9", "198.51.100.7, 10.1.2.3"], "198.51.100.7"),
            ("127.0.0.1", &["198.51.100.7, nonsense"], "127.0.0.1"),
            ("::ffff:127.0.0.1", &["2001:db8::5"], "2001:db8::5"),
            ("fd00::1", &[""], "fd00::1"),
        ] {
            assert_eq!(from(sender, forwarded), expected, "{sender} {forwarded:?}");
        }
        assert_eq!(counted("2001:db8::1:2:3:4".parse().expect("an address")).to_string(), "2001:db8::");
    }
}
