//! A receiver of webhooks of the tests' own: takes what is sent on this machine, well or badly, and checks what it gets by
//! itself.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use base64::prelude::{BASE64_STANDARD, Engine};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::conformity::check_event;

/// How a receiver answers.
#[derive(Debug, Clone)]
pub(crate) enum Mood {
    /// With this status and these header lines.
    Status(u16, &'static str),
    /// With more than anybody reads.
    Endless,
    /// Not in HTTP.
    Nonsense,
    /// Not at all.
    Silent,
    /// By hanging up.
    HangingUp,
    /// As it should, after a while.
    Slow(Duration),
}

/// An event that was sent.
#[derive(Debug, Clone)]
pub(crate) struct Received {
    headers: HashMap<String, String>,
    text: String,
}

impl Received {
    /// A header field's value.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", String::as_str)
    }

    /// What was sent.
    pub(crate) fn body(&self) -> Value {
        serde_json::from_str(&self.text).expect("JSON")
    }

    /// Whether one of its signatures is made with this secret, as the standard says; told apart from the program's own way.
    pub(crate) fn is_signed_with(&self, secret: &str) -> bool {
        let key = BASE64_STANDARD.decode(secret.strip_prefix("whsec_").expect("a secret")).expect("base64");
        let text = format!("{}.{}.{}", self.header("webhook-id"), self.header("webhook-timestamp"), self.text);
        let expected = format!("v1,{}", BASE64_STANDARD.encode(hmac(&key, text.as_bytes())));
        self.header("webhook-signature").split(' ').any(|signature| signature == expected)
    }
}

/// RFC 2104 with SHA-256.
fn hmac(key: &[u8], text: &[u8]) -> Vec<u8> {
    assert!(key.len() <= 64);
    let pad = |byte: u8| -> Vec<u8> { (0..64).map(|at| key.get(at).copied().unwrap_or(0) ^ byte).collect() };
    let inner = Sha256::digest([pad(0x36), text.to_vec()].concat());
    Sha256::digest([pad(0x5c), inner.to_vec()].concat()).to_vec()
}

struct Shared {
    mood: Mutex<Mood>,
    received: Mutex<Vec<Received>>,
    connections: Mutex<usize>,
}

/// The receiver.
pub(crate) struct Receiver {
    shared: Arc<Shared>,
    port: u16,
}

impl Receiver {
    /// One that answers as it should.
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let (mood, received, connections) = (Mutex::new(Mood::Status(204, "")), Mutex::default(), Mutex::default());
        let shared = Arc::new(Shared { mood, received, connections });
        let own = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let shared = Arc::clone(&own);
                *shared.connections.lock().expect("a number") += 1;
                thread::spawn(move || shared.serve(stream));
            }
        });
        Self { shared, port }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> String {
        format!("http://127.0.0.1:{}/in", self.port)
    }

    /// Lets it answer otherwise.
    pub(crate) fn set(&self, mood: Mood) {
        *self.shared.mood.lock().expect("a mood") = mood;
    }

    /// What has come since it was asked last; events are as the document says.
    pub(crate) fn take(&self) -> Vec<Received> {
        let all = std::mem::take(&mut *self.shared.received.lock().expect("events"));
        all.iter().filter(|received| received.header("user-agent").starts_with("samsyn/")).for_each(check_event);
        all
    }

    /// The kinds of what has come since it was asked last.
    pub(crate) fn kinds(&self) -> Vec<String> {
        self.take().iter().map(|event| event.body()["kind"].as_str().unwrap_or_default().to_owned()).collect()
    }

    /// How many connections were made to it.
    pub(crate) fn connections(&self) -> usize {
        *self.shared.connections.lock().expect("a number")
    }
}

impl Shared {
    fn serve(&self, stream: TcpStream) -> Option<()> {
        let mut writer = stream.try_clone().ok()?;
        let mut reader = BufReader::new(stream);
        loop {
            let mut headers = HashMap::new();
            let mut line = String::new();
            reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
            loop {
                let mut line = String::new();
                reader.read_line(&mut line).ok()?;
                let Some((name, value)) = line.trim().split_once(": ") else { break };
                headers.insert(name.to_lowercase(), value.to_owned());
            }
            let mut body = vec![0; headers.get("content-length")?.parse().ok()?];
            reader.read_exact(&mut body).ok()?;
            let text = String::from_utf8(body).ok()?;
            assert!(line.starts_with("POST "), "{line}");
            self.received.lock().ok()?.push(Received { headers, text });
            let mood = self.mood.lock().ok()?.clone();
            answer(&mut writer, &mood)?;
        }
    }
}

fn answer(writer: &mut TcpStream, mood: &Mood) -> Option<()> {
    match mood {
        Mood::Status(status, headers) => {
            let length = if *status == 204 { "" } else { "Content-Length: 0\r\n" };
            write!(writer, "HTTP/1.1 {status} So\r\n{length}{headers}\r\n").ok()
        }
        Mood::Endless => {
            write!(writer, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n").ok()?;
            let piece = format!("10000\r\n{}\r\n", "x".repeat(0x10000));
            while writer.write_all(piece.as_bytes()).is_ok() {}
            None
        }
        Mood::Nonsense => write!(writer, "220 mail.example.se ESMTP\r\n").ok().and(None),
        Mood::Silent => {
            thread::sleep(Duration::from_mins(1));
            None
        }
        Mood::HangingUp => None,
        Mood::Slow(wait) => {
            thread::sleep(*wait);
            write!(writer, "HTTP/1.1 204 So\r\n\r\n").ok()
        }
    }
}
