//! The database goes away and comes back, seen by a service that runs and by one that starts meanwhile. A file is never
//! away, so on SQLite there is nothing to see.

use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use samsyn::db::Address;
use serde_json::{Value, json};

use crate::durability::Server;
use crate::projects::terminal;
use crate::support::TestDatabase;

/// What stands between a service and its database, and can be cut.
struct Wire {
    port: u16,
    is_cut: Arc<AtomicBool>,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl Wire {
    /// To a host and port.
    fn to(host: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let wire = Self { port, is_cut: Arc::default(), streams: Arc::default() };
        let (is_cut, streams) = (Arc::clone(&wire.is_cut), Arc::clone(&wire.streams));
        thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok).filter(|_| !is_cut.load(Ordering::SeqCst)) {
                let far = TcpStream::connect(&host).expect("the database");
                for (mut from, mut to) in [(copy(&near), copy(&far)), (copy(&far), copy(&near))] {
                    thread::spawn(move || {
                        let _ = std::io::copy(&mut from, &mut to);
                        let _ = to.shutdown(Shutdown::Both);
                    });
                }
                streams.lock().expect("the streams").extend([near, far]);
            }
        });
        wire
    }

    fn cut(&self) {
        self.is_cut.store(true, Ordering::SeqCst);
        for stream in self.streams.lock().expect("the streams").drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    fn mend(&self) {
        self.is_cut.store(false, Ordering::SeqCst);
    }
}

fn copy(stream: &TcpStream) -> TcpStream {
    stream.try_clone().expect("a stream")
}

/// A wire to a database, and the address at its near end; none to a file.
fn wired(database: &TestDatabase) -> Option<(Wire, String)> {
    let Address::Postgres(url) = database.address() else { return None };
    let (credentials, rest) = url.split_once('@').expect("a user");
    let (host, name) = rest.split_once('/').expect("a database");
    let wire = Wire::to(host.to_owned());
    let near = format!("{credentials}@127.0.0.1:{}/{name}", wire.port);
    Some((wire, near))
}

/// How long until a service is ready.
fn until_ready(server: &Server) -> Duration {
    let began = Instant::now();
    while server.probe("/health/ready").expect("an answer").0 != 200 {
        assert!(began.elapsed() < Duration::from_secs(20), "never");
        thread::sleep(Duration::from_millis(5));
    }
    began.elapsed()
}

#[test]
pub(crate) fn while_the_database_is_away_everybody_is_told_at_once_and_its_return_is_noticed_within_a_second() {
    let database = TestDatabase::new();
    let Some((wire, url)) = wired(&database) else { return };
    let server = Server::at(&url, "warn,samsyn::server=info");
    let token = server.sign_in();
    for round in 0..3 {
        wire.cut();
        for (path, expected) in [("/health/ready", 503), ("/health/live", 200), ("/samsyn/v1/api-info", 200)] {
            let began = Instant::now();
            let (status, again) = server.probe(path).expect("an answer");
            assert_eq!((status, again), (expected, (expected == 503).then_some(1)), "{path}");
            assert!(began.elapsed() < Duration::from_secs(1), "{path}: {:?}", began.elapsed());
        }
        // More at once than there are threads.
        let asking: Vec<_> = (0..40)
            .map(|number| {
                let (port, token) = (server.port, token.clone());
                thread::spawn(move || {
                    let (method, body) = if number % 2 == 0 { ("GET", Value::Null) } else { ("POST", terminal()) };
                    let began = Instant::now();
                    let (status, body) = Server::call(port, method, "/projects", &token, &body).expect("an answer");
                    assert_eq!((status, &body["title"]), (503, &json!("Tillfälligt otillgänglig")));
                    assert!(began.elapsed() < Duration::from_secs(2), "{:?}", began.elapsed());
                })
            })
            .collect();
        for asking in asking {
            asking.join().expect("an answer");
        }
        wire.mend();
        let recovered = until_ready(&server);
        assert!(recovered < Duration::from_secs(1), "{recovered:?}");
        let mut project = terminal();
        project["title"] = json!(format!("Efter avbrott {round}"));
        let (status, body) = Server::call(server.port, "POST", "/projects", &token, &project).expect("an answer");
        assert_eq!(status, 201, "{body}");
    }
}

#[test]
fn a_service_that_starts_before_its_database_waits_for_it() {
    let database = TestDatabase::empty();
    let Some((wire, url)) = wired(&database) else { return };
    wire.cut();
    let server = Server::at(&url, "warn,samsyn::server=info");
    for (path, expected) in [("/health/ready", 503), ("/health/live", 200), ("/samsyn/v1/projects", 503)] {
        assert_eq!(server.probe(path).expect("an answer").0, expected, "{path}");
    }
    wire.mend();
    until_ready(&server);
    let (status, strategies) = Server::call(server.port, "GET", "/strategies", "", &Value::Null).expect("an answer");
    assert_eq!((status, strategies["_meta"]["totalRecords"].as_i64()), (200, Some(1)), "{strategies}");
}
