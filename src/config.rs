//! Settings: each is a flag and an environment variable, with its default and what it means.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use chrono::TimeDelta;

use crate::db::Address;

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
    #[arg(long, env = "DATABASE_URL", global = true, hide_env_values = true)]
    database_url: Option<Address>,

    /// A file to read the database's address from, so that its password stands in no environment
    #[arg(long, env = "SAMSYN_DATABASE_URL_FILE", global = true)]
    database_url_file: Option<PathBuf>,

    /// The address and port to listen on
    #[arg(long, env = "SAMSYN_LISTEN", default_value = "127.0.0.1:8080", global = true)]
    pub listen: SocketAddr,

    /// The address that people reach the service by, without a path; links begin with it [default: http:// and --listen]
    #[arg(long, env = "SAMSYN_PUBLIC_URL", global = true)]
    public_url: Option<String>,

    /// After how many days the key that access tokens are signed with is changed for a new one
    #[arg(long, env = "SAMSYN_KEY_DAYS", default_value = "90", global = true,
          value_parser = clap::value_parser!(u16).range(1..))]
    pub key_days: u16,

    /// A JSON file with the identity providers whose people may sign in; without one nobody signs in elsewhere
    #[arg(long, env = "SAMSYN_ISSUERS_FILE", global = true)]
    pub issuers_file: Option<PathBuf>,

    /// The proxies whose X-Forwarded-For is believed: addresses and networks like 10.0.0.0/8, between commas
    #[arg(long, env = "SAMSYN_TRUSTED_PROXIES", default_value = "127.0.0.1,::1", global = true, value_delimiter = ',')]
    pub trusted_proxies: Vec<Network>,

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
    pub fn of(database: Address, public_url: &str) -> Self {
        Self {
            database_url: Some(database),
            database_url_file: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 0)),
            public_url: Some(public_url.to_owned()),
            key_days: 90,
            issuers_file: None,
            trusted_proxies: vec![Network { address: IpAddr::V4(Ipv4Addr::LOCALHOST), length: 32 }],
            log: "info".to_owned(),
            log_format: LogFormat::Text,
        }
    }

    /// Where the data is.
    ///
    /// # Errors
    /// When the file that should say so cannot be read or says something else.
    pub fn database(&self) -> anyhow::Result<Address> {
        match (&self.database_url, &self.database_url_file) {
            (Some(address), _) => Ok(address.clone()),
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
        self.public_url.as_deref().unwrap_or_default().trim_end_matches('/')
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
        self.public_url.get_or_insert_with(|| format!("http://{address}"));
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
