//! A table on its way to whoever asked: read a page at a time in one snapshot, and sent as fast as it is taken.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody};
use actix_web::rt::task::spawn_blocking;
use actix_web::rt::time::timeout;
use actix_web::web::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::model::{Form, Row};
use super::store;
use crate::db::Conn;
use crate::problem::{Kind, Problem};
use crate::project::Project;
use crate::project::filter::Filter;
use crate::project::store::after;
use crate::telemetry::carried;
use crate::text::bilingual;

/// How many exports an instance has under way at most: each holds a connection.
const AT_ONCE: usize = 2;

/// How many projects are in memory at once.
const PAGE: i64 = 100;

/// How much is gathered before it is sent, in bytes.
const PIECE: usize = 64 * 1024;

/// How many pieces wait to be taken.
const WAITING: usize = 2;

/// How long a piece waits to be taken.
const PATIENCE: Duration = Duration::from_secs(30);

/// After how long no piece waits any more, so that a slow reader does not keep its snapshot for ever.
const LONGEST: Duration = Duration::from_mins(15);

/// The exports that an instance has under way.
#[derive(Debug, Clone)]
pub struct Exports(Arc<Semaphore>);

impl Default for Exports {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(AT_ONCE)))
    }
}

/// A piece of the file, or why there is no more of it. An empty piece is the end, as when a file is read.
type Piece = Result<Bytes, Problem>;

/// How an export ended that did not fail.
pub type Outcome = Result<(), Gone>;

impl Exports {
    /// How many are under way.
    #[must_use]
    pub fn under_way(&self) -> usize {
        AT_ONCE.saturating_sub(self.0.available_permits())
    }

    /// Begins an export; what fails before the first piece fails here.
    ///
    /// # Errors
    /// 503 when enough exports are under way; what `work` answers.
    pub async fn begin(
        &self,
        name: &'static str,
        work: impl FnOnce(&Way) -> Result<Outcome, Problem> + Send + 'static,
    ) -> Result<Body, Problem> {
        let place = Arc::clone(&self.0).try_acquire_owned().map_err(|_| busy())?;
        let (sender, mut pieces) = channel(WAITING);
        let way = Way { sender, runtime: Handle::current(), deadline: Instant::now() + LONGEST };
        spawn_blocking(carried(move || run(name, work, &way, place)));
        let first = pieces.recv().await.unwrap_or_else(|| Err(cut_short()))?;
        Ok(Body { first: Some(first), pieces })
    }
}

fn busy() -> Problem {
    let detail = bilingual!(
        "{AT_ONCE} exporter pågår redan. Försök igen om en stund.",
        "{AT_ONCE} exports are under way already. Try again in a while."
    );
    Problem::new(Kind::Unavailable, detail).retried_after(10)
}

fn cut_short() -> Problem {
    Problem::internal(anyhow::anyhow!("the export was cut short"))
}

/// The way to whoever takes the pieces.
pub struct Way {
    sender: Sender<Piece>,
    runtime: Handle,
    deadline: Instant,
}

/// Nobody takes any more.
#[derive(Debug)]
pub struct Gone;

impl Way {
    fn send(&self, piece: Piece) -> Outcome {
        let left = self.deadline.saturating_duration_since(Instant::now());
        let sent = self.runtime.block_on(async { timeout(PATIENCE.min(left), self.sender.send(piece)).await });
        sent.ok().and_then(Result::ok).ok_or(Gone)
    }
}

impl Way {
    /// Whether nobody takes anything any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.sender.is_closed()
    }
}

/// Gathers what is to be sent into pieces.
pub struct Pieces<'a> {
    way: &'a Way,
    text: Vec<u8>,
    is_stopped: bool,
}

impl<'a> Pieces<'a> {
    /// Pieces that go this way.
    #[must_use]
    pub fn on(way: &'a Way) -> Self {
        Self { way, text: Vec::new(), is_stopped: false }
    }

    /// Adds to the piece, and sends it when it is large enough.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn add(&mut self, bytes: &[u8]) -> Outcome {
        self.text.extend_from_slice(bytes);
        if self.text.len() < PIECE { Ok(()) } else { self.send() }
    }

    /// Sends what is left.
    ///
    /// # Errors
    /// When nobody takes it.
    pub fn end(mut self) -> Outcome {
        if self.text.is_empty() { Ok(()) } else { self.send() }
    }

    /// Whether somebody ceased to take them.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.is_stopped
    }

    fn send(&mut self) -> Outcome {
        let sent = self.way.send(Ok(std::mem::take(&mut self.text).into()));
        self.is_stopped |= sent.is_err();
        sent
    }
}

fn run(
    name: &'static str,
    work: impl FnOnce(&Way) -> Result<Outcome, Problem>,
    way: &Way,
    place: OwnedSemaphorePermit,
) {
    let outcome = work(way);
    drop(place);
    let last = match outcome {
        Ok(Ok(())) => Ok(Bytes::new()),
        Ok(Err(Gone)) => return tracing::info!(name, "nobody took the export to its end"),
        Err(problem) => {
            tracing::warn!(name, error = %problem, "an export failed");
            Err(problem)
        }
    };
    // Whoever is gone need not be told.
    let _ = way.send(last);
}

/// Calls `each` with every project that the filter lets through, by id, until it says that nobody takes any more.
///
/// # Errors
/// When the database fails; what `each` answers.
pub fn walk(
    conn: &mut Conn,
    filter: &Filter,
    mut each: impl FnMut(&Project) -> Result<Outcome, Problem>,
) -> Result<Outcome, Problem> {
    let mut page = after(conn, filter, None, PAGE)?;
    while let Some(last) = page.last().map(|project| project.id) {
        for project in &page {
            if each(project)?.is_err() {
                return Ok(Err(Gone));
            }
        }
        page = after(conn, filter, Some(last), PAGE)?;
    }
    Ok(Ok(()))
}

/// Sends every row of a table, and what comes before them.
///
/// # Errors
/// When the database fails.
pub fn table<R: Row>(conn: &mut Conn, filter: &Filter, form: Form, way: &Way) -> Result<Outcome, Problem> {
    let names = store::names(conn, filter)?;
    let mut pieces = Pieces::on(way);
    if pieces.add(&form.head::<R>().map_err(Problem::internal)?).is_err() {
        return Ok(Err(Gone));
    }
    let outcome = walk(conn, filter, |project| {
        let text = form.rows(&R::of(project, &names)).map_err(Problem::internal)?;
        Ok(pieces.add(&text))
    })?;
    Ok(outcome.and_then(|()| pieces.end()))
}

/// The file as the body of an answer. A file that is cut short fails, so that nobody takes it for the whole.
pub struct Body {
    first: Option<Bytes>,
    pieces: Receiver<Piece>,
}

impl MessageBody for Body {
    type Error = Problem;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Problem>>> {
        let piece = match self.first.take() {
            Some(first) => Ok(first),
            None => ready!(self.pieces.poll_recv(context)).unwrap_or_else(|| Err(cut_short())),
        };
        Poll::Ready(Some(piece).filter(|piece| !piece.as_ref().is_ok_and(Bytes::is_empty)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use actix_web::body::to_bytes;

    #[actix_web::test]
    async fn who_does_not_read_on_is_not_waited_for_and_half_a_file_is_none() {
        let (sender, mut pieces) = channel(1);
        let way = Way { sender, runtime: Handle::current(), deadline: Instant::now() };
        let send = move || [way.send(Ok("half".into())).is_ok(), way.send(Ok("a file".into())).is_ok()];
        assert_eq!(spawn_blocking(send).await.expect("sent"), [true, false]);
        let first = pieces.recv().await.and_then(Result::ok);
        assert!(to_bytes(Body { first, pieces }).await.is_err());
    }
}
