//! Settings: each is a flag and an environment variable, with its default and what it means.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroU32;
use std::path::PathBuf;

use chrono::TimeDelta;
use clap::builder::{StringValueParser, TypedValueParser};
use url::{Host, Url};

use crate::db::Address;

const DEFAULT_RATE_LIMIT: NonZeroU32 = NonZeroU32::new(1200).expect("more than none");

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum LogFormat {
    /// For people.
    Text,
    /// For programs: one JSON object a line.
    Json,
}

/// The settings of every command.
#[derive(Debug, Clone, clap::Args)]
pub struct Config {
    /// Where the data is: sqlite:FILE or <postgres://USER:PASSWORD@HOST/DATABASE>
    // What is wrong with it is told later, without the text, which may hold a password.
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true,
          value_parser = StringValueParser::new().map(|text| text.parse::<Address>()))]
    database_url: Option<Result<Address, String>>,

    /// A file to read the database's address from, so that its password stands in no environment
    #[arg(long, env = "SAMSYN_DATABASE_URL_FILE", global = true)]
    database_url_file: Option<PathBuf>,

    /// The address and port to listen on
    #[arg(long, env = "SAMSYN_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,

    /// The address that people reach the service by, without a path; links begin with it [default: http:// and --listen]
    #[arg(long, env = "SAMSYN_PUBLIC_URL", global = true)]
    public_url: Option<Origin>,

    /// Further host names that requests may be addressed to, between commas; those of --public-url and --listen, and the
    /// loopback names, are served anyway
    #[arg(long, env = "SAMSYN_ALLOWED_HOSTS", global = true, value_delimiter = ',', value_parser = host)]
    pub allowed_hosts: Vec<String>,

    /// The origins, like <https://example.se>, whose pages may call the API in browsers, between commas
    #[arg(long, env = "SAMSYN_ALLOWED_ORIGINS", global = true, value_delimiter = ',')]
    pub allowed_origins: Vec<Origin>,

    /// How many requests a minute each account, or each address where nobody is signed in, may make of this instance
    #[arg(long, env = "SAMSYN_RATE_LIMIT", default_value_t = DEFAULT_RATE_LIMIT, global = true)]
    pub rate_limit: NonZeroU32,

    /// After how many days the key that access tokens are signed with is changed for a new one
    #[arg(long, env = "SAMSYN_KEY_DAYS", default_value = "90", global = true,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub key_days: u16,

    /// A JSON file with the identity providers whose people may sign in; without one nobody signs in elsewhere
    #[arg(long, env = "SAMSYN_ISSUERS_FILE", global = true)]
    pub issuers_file: Option<PathBuf>,

    /// The proxies whose Forwarded and X-Forwarded-For are believed: addresses and networks like 10.0.0.0/8, between commas
    #[arg(long, env = "SAMSYN_TRUSTED_PROXIES", default_value = "127.0.0.1,::1", global = true, value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

    /// From where /metrics may be asked for, directly and not through a proxy: addresses and networks, between commas
    #[arg(
        long,
        env = "SAMSYN_METRICS_NETWORKS",
        default_value = "127.0.0.1,::1",
        global = true,
        value_delimiter = ','
    )]
    pub metrics_networks: Vec<Network>,

    /// Hosts that webhooks may be sent to though their addresses are internal, also without TLS, between commas
    #[arg(long, env = "SAMSYN_WEBHOOK_HOSTS", global = true, value_delimiter = ',', value_parser = host)]
    pub webhook_hosts: Vec<String>,

    /// What to log, as tracing filters have it
    #[arg(long, env = "SAMSYN_LOG", default_value = "info", global = true)]
    pub log: String,

    /// How log lines look
    #[arg(long, env = "SAMSYN_LOG_FORMAT", default_value = "text", global = true)]
    pub log_format: LogFormat,
}

impl Config {
    /// Settings for a service on this database and public address, the rest as by default.
    #[must_use]
    pub fn of(database: Address, public_url: Origin) -> Self {
        Self {
            database_url: Some(Ok(database)),
            database_url_file: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: Some(public_url),
            allowed_hosts: Vec::new(),
            allowed_origins: Vec::new(),
            rate_limit: DEFAULT_RATE_LIMIT,
            key_days: 90,
            issuers_file: None,
            trusted_proxies: vec![Network { address: IpAddr::V4(Ipv4Addr::LOCALHOST), length: 32 }],
            metrics_networks: vec![Network { address: IpAddr::V4(Ipv4Addr::LOCALHOST), length: 32 }],
            webhook_hosts: Vec::new(),
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }

    /// Where the data is.
    ///
    /// # Errors
    /// When it is no address, or the file that should say so cannot be read.
    pub fn database(&self) -> anyhow::Result<Address> {
        match (&self.database_url, &self.database_url_file) {
            (Some(address), _) => address.clone().map_err(|error| anyhow::anyhow!("DATABASE_URL: {error}")),
            (None, Some(file)) => {
                let text = std::fs::read_to_string(file)
                    .map_err(|error| anyhow::anyhow!("SAMSYN_DATABASE_URL_FILE {}: {error}", file.display()))?;
                text.trim().parse().map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))
            }
            (None, None) => Ok(Address::Sqlite("samsyn.db".to_owned())),
        }
    }

    /// The address that people reach the service by, without a slash at the end.
    #[must_use]
    pub fn public_url(&self) -> &str {
        self.public_url.as_ref().map_or("", Origin::as_str)
    }

    /// Whether requests may be addressed to this host, a name or an address without a port. Loopback names cannot be made
    /// to mean another machine, so they are always served.
    #[must_use]
    pub fn serves(&self, host: &str) -> bool {
        let public = self.public_url.as_ref().map(Origin::host);
        let names = ["localhost", "127.0.0.1", "[::1]"].into_iter().chain(public);
        names.chain(self.allowed_hosts.iter().map(String::as_str)).any(|name| name.eq_ignore_ascii_case(host))
            || host.trim_start_matches('[').trim_end_matches(']').parse() == Ok(self.listen.ip())
    }

    /// Whether pages of this origin may call the API in browsers.
    #[must_use]
    pub fn allows(&self, origin: &[u8]) -> bool {
        self.allowed_origins.iter().any(|allowed| allowed.as_str().as_bytes() == origin)
    }

    /// How old a key may be that access tokens are signed with.
    #[must_use]
    pub fn longest_key_age(&self) -> TimeDelta {
        TimeDelta::days(i64::from(self.key_days))
    }

    /// The same settings, listening on this address; the public address follows unless it was set.
    #[must_use]
    pub fn listening_on(mut self, address: SocketAddr) -> Self {
        self.listen = address;
        self.public_url.get_or_insert_with(|| Origin::from(address));
        self
    }
}

/// Addresses that begin alike: one, or `10.0.0.0/8`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Network {
    address: IpAddr,
    length: u8,
}

impl std::str::FromStr for Network {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text} is neither an address nor a network like 10.0.0.0/8");
        let (address, length) = text.split_once('/').map_or((text, None), |(address, length)| (address, Some(length)));
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let longest = if address.is_ipv4() { 32 } else { 128 };
        let length = length.map_or(Ok(longest), str::parse).map_err(|_| wrong())?;
        if length > longest { Err(wrong()) } else { Ok(Self { address, length }) }
    }
}

impl Network {
    /// Whether an address is one of the network's.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        let head = |bits: u128, whole: u8| bits.checked_shr(u32::from(whole - self.length)).unwrap_or(0);
        match (self.address, address) {
            (IpAddr::V4(own), IpAddr::V4(other)) => head(own.to_bits().into(), 32) == head(other.to_bits().into(), 32),
            (IpAddr::V6(own), IpAddr::V6(other)) => head(own.to_bits(), 128) == head(other.to_bits(), 128),
            _ => false,
        }
    }
}

/// Where a page or a service is, as browsers write it: scheme, host and port, like `https://example.se`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin(String);

impl Origin {
    /// The origin as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Its host, without the port.
    #[must_use]
    pub fn host(&self) -> &str {
        let authority = self.0.split_once("://").map_or("", |(_, authority)| authority);
        // An IPv6 address has colons of its own.
        let port = authority.rsplit_once(':').filter(|_| !authority.ends_with(']'));
        port.map_or(authority, |(host, _)| host)
    }
}

impl From<SocketAddr> for Origin {
    fn from(address: SocketAddr) -> Self {
        Self(format!("http://{address}"))
    }
}

impl std::str::FromStr for Origin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let url = Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && !text.contains('*'));
        let url = url.ok_or_else(|| format!("{text} is no origin like https://example.se"))?;
        let origin = url.origin().ascii_serialization();
        if text.trim_end_matches('/') == origin {
            Ok(Self(origin))
        } else {
            Err(format!("{text} is not as browsers write an origin, which would be {origin}"))
        }
    }
}

/// A host name or address, in the form that requests have it.
fn host(text: &str) -> Result<String, String> {
    // The standard allows stars in names, but nobody who writes one means that.
    let host = Host::parse(text.trim()).ok().filter(|_| !text.contains('*'));
    host.map(|host| host.to_string()).ok_or_else(|| format!("{text} is no host name; a port is left out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_is_written_as_browsers_write_it() {
        for (text, host) in [
            ("https://example.se", "example.se"),
            ("http://localhost:3000/", "localhost"),
            ("https://[2001:db8::1]", "[2001:db8::1]"),
            ("http://[::1]:8080", "[::1]"),
        ] {
            let origin: Origin = text.parse().expect(text);
            assert_eq!((origin.as_str(), origin.host()), (text.trim_end_matches('/'), host));
        }
        for text in [
            "",
            "*",
            "null",
            "example.se",
            "https://",
            "https://Example.se",
            "https://norsjö.se",
            "https://example.se:443",
            "https://example.se/path",
            "https://example.se?query",
            "https://user@example.se",
            "https://*.example.se",
            "file:///etc",
            "ftp://example.se",
        ] {
            assert!(text.parse::<Origin>().is_err(), "{text}");
        }
        let fault = "https://norsjö.se".parse::<Origin>().expect_err("no origin");
        assert!(fault.ends_with("https://xn--norsj-nua.se"), "{fault}");
    }

    #[test]
    fn a_host_is_a_name_or_an_address_without_a_port() {
        for (text, expected) in
            [("Samsyn.Example.se", "samsyn.example.se"), (" norsjö.se", "xn--norsj-nua.se"), ("[::1]", "[::1]")]
        {
            assert_eq!(host(text).as_deref(), Ok(expected));
        }
        for text in ["", "example.se:8080", "https://example.se", "*", "*.example.se", "a b"] {
            assert!(host(text).is_err(), "{text}");
        }
    }
}
