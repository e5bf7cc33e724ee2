//! An identity provider of the tests' own: tells its configuration and its keys on this machine, well or badly, and signs
//! tokens.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{Algorithm, EncodingKey, Header, encode};
use samsyn::auth::key::SigningKey;
use samsyn::clock::Timestamp;
use samsyn::id::Id;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

/// How an issuer answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mood {
    /// As it should.
    Well,
    /// Not at all.
    Down,
    /// Later than anybody waits.
    Slow,
    /// With 500.
    Failing,
    /// Not in JSON.
    Nonsense,
    /// With more than anybody reads.
    Endless,
    /// Elsewhere.
    Redirecting,
    /// As another issuer.
    Pretending,
    /// With keys at an address that others can read and change.
    KeysInTheOpen,
    /// With no keys to sign with.
    Keyless,
}

/// A key to sign tokens with.
pub(crate) struct Key {
    kid: Option<&'static str>,
    algorithm: Algorithm,
    encoding: EncodingKey,
}

impl Key {
    /// A key for this algorithm.
    pub(crate) fn new(kid: impl Into<Option<&'static str>>, algorithm: Algorithm) -> Self {
        let encoding = match algorithm {
            Algorithm::ES256 => EncodingKey::from_ec_pem(include_bytes!("ec.pem")).expect("a key"),
            Algorithm::EdDSA => EncodingKey::from_ed_der(&SigningKey::generate().expect("random")),
            _ => EncodingKey::from_rsa_pem(include_bytes!("rsa.pem")).expect("a key"),
        };
        Self { kid: kid.into(), algorithm, encoding }
    }

    /// Its public half.
    pub(crate) fn public(&self) -> Value {
        let mut jwk = Jwk::from_encoding_key(&self.encoding, self.algorithm).expect("a JWK");
        jwk.common.key_id = self.kid.map(str::to_owned);
        serde_json::to_value(jwk).expect("JSON")
    }

    /// The head of tokens that are signed with it.
    pub(crate) fn head(&self) -> Header {
        Header { kid: self.kid.map(str::to_owned), ..Header::new(self.algorithm) }
    }

    /// A token.
    pub(crate) fn sign(&self, head: &Header, claims: &Value) -> String {
        encode(head, claims, &self.encoding).expect("a token")
    }
}

struct Shared {
    address: String,
    mood: Mutex<Mood>,
    keys: Mutex<Vec<Value>>,
    asked: AtomicUsize,
}

/// The issuer.
pub(crate) struct Issuer {
    shared: Arc<Shared>,
    file: NamedTempFile,
}

impl Issuer {
    /// An issuer with these keys.
    pub(crate) fn with(keys: &[&Key]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/realms/norsjo", listener.local_addr().expect("an address"));
        let file = NamedTempFile::new().expect("a file");
        let trusted = json!([{
            "issuer": address, "name": "Norsjö kommun", "audience": "samsyn", "claim": "roles",
            "roles": [{"value": "samsyn-handlaggare", "role": "officer"}, {"value": "samsyn-lasare", "role": "reader"}],
        }]);
        std::fs::write(file.path(), trusted.to_string()).expect("a file");
        let (mood, keys) = (Mutex::new(Mood::Well), Mutex::new(keys.iter().map(|key| key.public()).collect()));
        let shared = Arc::new(Shared { address, mood, keys, asked: AtomicUsize::new(0) });
        let served = Arc::clone(&shared);
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let served = Arc::clone(&served);
                std::thread::spawn(move || served.answer(&stream));
            }
        });
        Self { shared, file }
    }

    /// The file that makes it trusted.
    pub(crate) fn file(&self) -> &Path {
        self.file.path()
    }

    /// Its identifier.
    pub(crate) fn address(&self) -> &str {
        &self.shared.address
    }

    /// How often it was asked for something.
    pub(crate) fn asked(&self) -> usize {
        self.shared.asked.load(Ordering::SeqCst)
    }

    /// Lets it answer so from now on.
    pub(crate) fn becomes(&self, mood: Mood) {
        *self.shared.mood.lock().expect("a mood") = mood;
    }

    /// Lets it have these keys from now on.
    pub(crate) fn rotates_to(&self, keys: &[&Key]) {
        *self.shared.keys.lock().expect("keys") = keys.iter().map(|key| key.public()).collect();
    }

    /// What a new token tells of a person who is an officer.
    pub(crate) fn claims(&self, subject: &str) -> Value {
        let now = Timestamp::now().as_utc().timestamp();
        json!({
            "iss": self.address(), "aud": "samsyn", "sub": subject, "iat": now, "exp": now + 300, "jti": Id::new(),
            "email": format!("{subject}@norsjo.example"), "name": format!("Person {subject}"),
            "roles": ["samsyn-handlaggare"],
        })
    }

    /// A new token of an officer.
    pub(crate) fn token(&self, key: &Key, subject: &str) -> String {
        key.sign(&key.head(), &self.claims(subject))
    }
}

impl Shared {
    fn answer(&self, mut stream: &TcpStream) {
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let path = lines.next().and_then(|line| line.split(' ').nth(1).map(str::to_owned)).unwrap_or_default();
        lines.find(String::is_empty);
        self.asked.fetch_add(1, Ordering::SeqCst);
        let mood = *self.mood.lock().expect("a mood");
        let (status, body) = match mood {
            Mood::Down => return,
            Mood::Slow => {
                std::thread::sleep(Duration::from_secs(6));
                return;
            }
            Mood::Failing => ("500 Internal Server Error", String::new()),
            Mood::Redirecting if !path.starts_with("/moved") => ("302 Found", String::new()),
            Mood::Nonsense => ("200 OK", "<html>".to_owned()),
            Mood::Endless => ("200 OK", self.tell(mood, &path).to_string() + &" ".repeat(300_000)),
            _ => ("200 OK", self.tell(mood, path.trim_start_matches("/moved")).to_string()),
        };
        let length = body.len();
        let moved = format!("Location: http://{}/moved{path}", stream.local_addr().expect("an address"));
        let head = format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{moved}\r\n\r\n");
        let _ = stream.write_all((head + &body).as_bytes());
    }

    fn tell(&self, mood: Mood, path: &str) -> Value {
        let (issuer, keys) = match mood {
            Mood::Pretending => ("https://login.example.se".to_owned(), self.address.clone()),
            Mood::KeysInTheOpen => (self.address.clone(), "http://login.example.se".to_owned()),
            _ => (self.address.clone(), self.address.clone()),
        };
        match path {
            "/realms/norsjo/.well-known/openid-configuration" => {
                json!({"issuer": issuer, "jwks_uri": format!("{keys}/keys")})
            }
            "/realms/norsjo/keys" if mood == Mood::Keyless => {
                json!({"keys": [{"kty": "oct", "k": "AAAA"}, {"kty": "EC", "crv": "secp256k1", "x": "", "y": ""}]})
            }
            "/realms/norsjo/keys" => json!({"keys": *self.keys.lock().expect("keys")}),
            _ => json!({"error": "not_found"}),
        }
    }
}
