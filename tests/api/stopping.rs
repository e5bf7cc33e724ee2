//! The program is asked to stop while it is busy: who has been let in gets an answer.

use std::net::TcpStream;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};

use crate::durability::Server;
use crate::projects::terminal;
use crate::support::TestDatabase;

#[test]
fn a_service_that_is_asked_to_stop_answers_everybody_it_has_let_in() {
    let database = TestDatabase::new();
    let mut server = Server::start(&database);
    let token = server.sign_in();
    let registered = Arc::new(Mutex::new(Vec::new()));
    let writers: Vec<_> = (0..8)
        .map(|writer| {
            let (token, registered, port) = (token.clone(), Arc::clone(&registered), server.port);
            thread::spawn(move || {
                for round in 0.. {
                    let mut project = terminal();
                    project["title"] = json!(format!("Projekt {writer}.{round}"));
                    match Server::call(port, "POST", "/projects", &token, &project) {
                        Some((201, body)) => registered.lock().expect("the list").push(body["id"].clone()),
                        Some((status, body)) => panic!("{status} {body}"),
                        // Not let in any more; a proxy asks another instance then.
                        None if TcpStream::connect(("127.0.0.1", port)).is_err() => return round,
                        None => panic!("let in and not answered"),
                    }
                }
                0
            })
        })
        .collect();
    while registered.lock().expect("the list").len() < 20 {
        thread::sleep(Duration::from_millis(10));
    }
    server.ask_to_stop();
    assert!(server.ended().success());
    for writer in writers {
        writer.join().expect("everybody was answered");
    }
    let again = Server::start(&database);
    let token = again.sign_in();
    let (_, projects) = Server::call(again.port, "GET", "/projects?limit=1", &token, &Value::Null).expect("an answer");
    assert_eq!(projects["_meta"]["totalRecords"], registered.lock().expect("the list").len());
}
