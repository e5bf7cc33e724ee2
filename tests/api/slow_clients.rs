//! Clients that send slowly or never end: they are not waited for, and keep nobody else waiting.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::durability::Server;
use crate::support::TestDatabase;

/// What the service at a port answers somebody who sends this and then waits.
fn answer(port: u16, sent: &str) -> (String, Duration) {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).expect("a connection");
    stream.set_read_timeout(Some(Duration::from_secs(30))).expect("a limit");
    stream.write_all(sent.as_bytes()).expect("sent");
    let began = Instant::now();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an end");
    (answer, began.elapsed())
}

#[test]
fn who_falls_silent_is_not_waited_for() {
    let database = TestDatabase::new();
    let server = Server::start(&database);
    let token = server.sign_in();
    let head = |path: &str, media_type: &str, length: usize| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\nContent-Type: {media_type}\r\n\
             Content-Length: {length}\r\n\r\n"
        )
    };
    let boundary = "multipart/form-data; boundary=x";
    let piece = "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\nID;Titel\r\n";
    let form = "application/x-www-form-urlencoded";
    let halves = [
        head("/samsyn/v1/projects", "application/json", 400) + "{\"title\": \"Godste",
        head("/samsyn/v1/imports", boundary, 4_000) + piece,
        head("/oauth/token", form, 400) + "grant_type=client_cred",
        "GET /samsyn/v1/projects HTTP/1.1\r\nHost: loc".to_owned(),
    ];
    let silent: Vec<_> = (0..10)
        .flat_map(|_| halves.clone())
        .map(|half| {
            let port = server.port;
            thread::spawn(move || answer(port, &half))
        })
        .collect();
    let began = Instant::now();
    let (status, _) = Server::call(server.port, "GET", "/projects", &token, &Value::Null).expect("an answer");
    assert!(status == 200 && began.elapsed() < Duration::from_secs(2), "{status} {:?}", began.elapsed());
    for (number, silent) in silent.into_iter().enumerate() {
        let (answer, waited) = silent.join().expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 408 "), "{number}: {answer}");
        assert!(waited < Duration::from_secs(15), "{number}: {waited:?}");
        if number % halves.len() < 2 {
            assert!(answer.contains("/problems/request-timeout") && answer.contains("traceparent: 00-"), "{answer}");
        }
    }
    let (_, projects) = Server::call(server.port, "GET", "/projects", &token, &Value::Null).expect("an answer");
    assert_eq!(projects["_meta"]["totalRecords"], 0);
}
