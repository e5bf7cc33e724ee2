//! Where events may be sent: to the public internet over TLS, and to the hosts that the settings name.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

use crate::text::{Bilingual, bilingual};

/// The longest address, in characters.
pub const LONGEST: usize = 2_000;

/// The least port beside those of the web, below which other protocols have theirs.
const LEAST_PORT: u16 = 1024;

/// What is wrong with an address: the rule's name, and what would be right.
pub type Wrong = (&'static str, Bilingual);

/// An address in its one spelling, when events may be sent to it as far as its text tells; hosts that are `allowed` may be
/// internal, and called without TLS.
///
/// # Errors
/// The rule that it breaks.
pub fn checked(text: &str, allowed: &[String]) -> Result<String, Wrong> {
    let unreadable = || ("unreadable-address", bilingual!("ska vara en adress med https", "must be an https address"));
    let url = Url::parse(text.trim()).map_err(|_| unreadable())?;
    let host = url.host().ok_or_else(unreadable)?;
    let is_allowed = is_among(allowed, &host.to_string());
    match url.scheme() {
        "https" => {}
        "http" if is_allowed => {}
        _ => return Err(("not-https", bilingual!("ska börja med https:", "must begin with https:"))),
    }
    if !url.username().is_empty() || url.password().is_some() {
        let reason = bilingual!("ska vara utan användarnamn och lösenord", "must be without user name and password");
        return Err(("has-credentials", reason));
    }
    if url.fragment().is_some() {
        return Err(("has-fragment", bilingual!("ska vara utan #", "must be without #")));
    }
    if !matches!(url.port_or_known_default(), Some(80 | 443 | LEAST_PORT..)) {
        let reason = bilingual!(
            "porten ska vara 443, 80 eller minst {LEAST_PORT}",
            "the port must be 443, 80 or {LEAST_PORT} up"
        );
        return Err(("wrong-port", reason));
    }
    let literal = match host {
        Host::Ipv4(ip) => Some(IpAddr::V4(ip)),
        Host::Ipv6(ip) => Some(IpAddr::V6(ip)),
        Host::Domain(_) => None,
    };
    if !is_allowed && literal.is_some_and(|ip| !is_public(ip)) {
        return Err(internal());
    }
    // What is sent must be what was checked, so the two libraries must agree.
    let is_understood = url.as_str().parse::<ureq::http::Uri>().is_ok_and(|uri| uri.host() == url.host_str());
    if !is_understood || url.as_str().len() > LONGEST {
        return Err(unreadable());
    }
    Ok(url.into())
}

/// What is said of a host that is not on the public internet.
#[must_use]
pub fn internal() -> Wrong {
    let reason = bilingual!(
        "leder till en intern adress; driften kan tillåta värden",
        "leads to an internal address; whoever runs the service can allow the host"
    );
    ("internal-address", reason)
}

/// Whether a host is one of those that the settings name.
#[must_use]
pub fn is_among(allowed: &[String], host: &str) -> bool {
    allowed.iter().any(|name| name.eq_ignore_ascii_case(host))
}

/// Networks of IPv4 that are not the public internet's (IANA's special-purpose registry), and one that clouds keep to
/// themselves.
const INTERNAL: [(Ipv4Addr, u32); 17] = [
    (Ipv4Addr::UNSPECIFIED, 8),
    (Ipv4Addr::new(10, 0, 0, 0), 8),
    (Ipv4Addr::new(100, 64, 0, 0), 10),
    (Ipv4Addr::new(127, 0, 0, 0), 8),
    (Ipv4Addr::new(168, 63, 129, 16), 32),
    (Ipv4Addr::new(169, 254, 0, 0), 16),
    (Ipv4Addr::new(172, 16, 0, 0), 12),
    (Ipv4Addr::new(192, 0, 0, 0), 24),
    (Ipv4Addr::new(192, 0, 2, 0), 24),
    (Ipv4Addr::new(192, 31, 196, 0), 24),
    (Ipv4Addr::new(192, 88, 99, 0), 24),
    (Ipv4Addr::new(192, 168, 0, 0), 16),
    (Ipv4Addr::new(198, 18, 0, 0), 15),
    (Ipv4Addr::new(198, 51, 100, 0), 24),
    (Ipv4Addr::new(203, 0, 113, 0), 24),
    (Ipv4Addr::new(224, 0, 0, 0), 4),
    (Ipv4Addr::new(240, 0, 0, 0), 4),
];

/// Parts of `2000::/3` that are not the public internet's, or that carry an IPv4 address on: protocols and Teredo,
/// documentation, 6to4.
const INTERNAL_SIX: [(Ipv6Addr, u32); 4] = [
    (Ipv6Addr::new(0x2001, 0, 0, 0, 0, 0, 0, 0), 23),
    (Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 0), 32),
    (Ipv6Addr::new(0x2002, 0, 0, 0, 0, 0, 0, 0), 16),
    (Ipv6Addr::new(0x3fff, 0, 0, 0, 0, 0, 0, 0), 20),
];

/// Whether an address is the public internet's. Of IPv6 only `2000::/3` is, so that loopback, unique local, link-local and
/// multicast addresses, and those that hold an IPv4 address (mapped, NAT64), are not.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(ip) => {
            let begins =
                |(network, length): &(Ipv4Addr, u32)| (ip.to_bits() ^ network.to_bits()).leading_zeros() >= *length;
            !INTERNAL.iter().any(begins)
        }
        IpAddr::V6(ip) => {
            let begins =
                |(network, length): &(Ipv6Addr, u32)| (ip.to_bits() ^ network.to_bits()).leading_zeros() >= *length;
            ip.to_bits() >> 125 == 1 && !INTERNAL_SIX.iter().any(begins)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_has_one_spelling() {
        for (text, expected) in [
            ("https://example.se", "https://example.se/"),
            (" HTTPS://Example.SE:443/In?x=1 ", "https://example.se/In?x=1"),
            ("https://norsjö.se/mål", "https://xn--norsj-nua.se/m%C3%A5l"),
            ("https://8.8.8.8:8443/", "https://8.8.8.8:8443/"),
            ("https://[2a00:1450::1]/", "https://[2a00:1450::1]/"),
        ] {
            assert_eq!(checked(text, &[]).expect(text), expected);
        }
        let allowed = ["127.0.0.1".to_owned(), "inne.norsjo.se".to_owned(), "[::1]".to_owned()];
        for text in ["http://127.0.0.1:9000/", "http://inne.norsjo.se/", "https://[::1]/", "http://0x7f.1/"] {
            checked(text, &allowed).expect(text);
        }
    }

    #[test]
    fn what_is_no_receivers_address_is_refused_by_name() {
        for (text, code) in [
            ("", "unreadable-address"),
            ("example.se", "unreadable-address"),
            ("https://", "unreadable-address"),
            ("https://example.se:99999/", "unreadable-address"),
            ("https:///", "unreadable-address"),
            ("http://example.se/", "not-https"),
            ("http://8.8.8.8/", "not-https"),
            ("ftp://example.se/", "not-https"),
            ("file:///etc/passwd", "unreadable-address"),
            ("gopher://example.se/", "not-https"),
            ("https://user@example.se/", "has-credentials"),
            ("https://:word@example.se/", "has-credentials"),
            ("https://example.se@127.0.0.1/", "has-credentials"),
            ("https://example.se/#x", "has-fragment"),
            ("https://example.se:22/", "wrong-port"),
            ("https://example.se:0/", "wrong-port"),
            ("https://example.se:1023/", "wrong-port"),
        ] {
            assert_eq!(checked(text, &[]).expect_err(text).0, code, "{text}");
        }
    }

    #[test]
    fn internal_addresses_are_known_however_they_are_spelt() {
        for host in [
            "127.0.0.1",
            "127.1",
            "127.255.255.254",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "0177.0.0.1",
            "0x7f.0x0.0x0.0x1",
            "127.0.0.1.",
            "１２７.０.０.１",
            "0",
            "0.0.0.0",
            "0.1.2.3",
            "10.0.0.1",
            "10.255.255.255",
            "100.64.0.1",
            "100.100.100.200",
            "100.127.255.255",
            "169.254.169.254",
            "0xa9fea9fe",
            "168.63.129.16",
            "172.16.0.1",
            "172.31.255.255",
            "192.168.1.1",
            "192.0.0.192",
            "192.0.2.1",
            "198.18.0.1",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.250",
            "240.0.0.1",
            "255.255.255.255",
            "[::]",
            "[::1]",
            "[0:0:0:0:0:0:0:1]",
            "[::ffff:127.0.0.1]",
            "[::ffff:7f00:1]",
            "[::ffff:8.8.8.8]",
            "[::127.0.0.1]",
            "[64:ff9b::7f00:1]",
            "[64:ff9b::169.254.169.254]",
            "[64:ff9b:1::1]",
            "[100::1]",
            "[fc00::1]",
            "[fd00:ec2::254]",
            "[fe80::1]",
            "[febf::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[2001:db8::1]",
            "[2001::1]",
            "[2002:7f00:1::]",
            "[3fff::1]",
            "[5f00::1]",
            "[4000::1]",
        ] {
            let text = format!("https://{host}/");
            assert_eq!(checked(&text, &[]).expect_err(&text).0, "internal-address", "{text}");
        }
        for host in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "172.15.255.255",
            "172.32.0.0",
            "192.167.255.255",
            "223.255.255.255",
            "[2a00:1450::1]",
            "[2001:200::1]",
            "[2600::1]",
        ] {
            checked(&format!("https://{host}/"), &[]).expect(host);
        }
    }
}
