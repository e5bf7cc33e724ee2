//! How long a body may take: a sender that falls silent, or goes on for ever, is not waited for.

use std::cell::Cell;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::HttpMessage;
use actix_web::dev::{Payload, ServiceRequest};
use actix_web::error::PayloadError;
use actix_web::http::header::CONTENT_TYPE;
use actix_web::rt::time::{Sleep, sleep};
use actix_web::web::Bytes;
use futures_util::Stream;

use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// How long a sender may be silent within a body.
const SILENCE: Duration = Duration::from_secs(10);

/// How long a body may take in all.
const WHOLE: Duration = Duration::from_mins(1);

/// How long a file may take: a hundred megabytes at one megabit a second.
const FILE: Duration = Duration::from_mins(15);

/// Whether a body was waited for in vain.
#[derive(Clone, Default)]
pub(super) struct Patience(Rc<Cell<bool>>);

impl Patience {
    /// Ends the request's body when it takes too long.
    pub(super) fn with(request: &mut ServiceRequest) -> Self {
        let is_file = request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|value| value.as_bytes().starts_with(b"multipart/form-data"));
        let ended = Self::default();
        let body = request.take_payload();
        let limited = Limited::new(body, SILENCE, if is_file { FILE } else { WHOLE }, ended.clone());
        request.set_payload(Payload::from(Box::pin(limited) as Pin<Box<dyn Stream<Item = _>>>));
        ended
    }

    /// Whether it has ended.
    ///
    /// # Errors
    /// 408 when the body took too long.
    pub(super) fn check(&self) -> Result<(), Problem> {
        if !self.0.get() {
            return Ok(());
        }
        let detail = bilingual!("Innehållet kom för långsamt.", "The content came too slowly.");
        Err(Problem::new(Kind::TooSlow, detail))
    }
}

struct Limited {
    body: Payload,
    silence: Duration,
    silent: Pin<Box<Sleep>>,
    whole: Pin<Box<Sleep>>,
    ended: Patience,
}

impl Limited {
    fn new(body: Payload, silence: Duration, whole: Duration, ended: Patience) -> Self {
        Self { body, silence, silent: Box::pin(sleep(silence)), whole: Box::pin(sleep(whole)), ended }
    }
}

impl Stream for Limited {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.whole.as_mut().poll(context).is_pending() {
            if let Poll::Ready(piece) = Pin::new(&mut self.body).poll_next(context) {
                self.silent = Box::pin(sleep(self.silence));
                return Poll::Ready(piece);
            }
            if self.silent.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
        }
        self.ended.0.set(true);
        Poll::Ready(Some(Err(PayloadError::Incomplete(None))))
    }
}

#[cfg(test)]
mod tests {
    use actix_web::rt::System;
    use futures_util::{StreamExt, stream};

    use super::*;

    /// How many pieces come through of a body that has one every so many milliseconds, and whether it was ended.
    fn pieces(pauses: &'static [u64]) -> (usize, bool) {
        System::new().block_on(async {
            let body = stream::iter(pauses).then(|pause| async {
                sleep(Duration::from_millis(*pause)).await;
                Ok(Bytes::from_static(b"piece"))
            });
            let body = Payload::from(Box::pin(body) as Pin<Box<dyn Stream<Item = _>>>);
            let ended = Patience::default();
            let limited = Limited::new(body, Duration::from_millis(200), Duration::from_millis(600), ended.clone());
            let came = limited.take_while(|piece| std::future::ready(piece.is_ok())).count().await;
            (came, ended.check().is_err())
        })
    }

    #[test]
    fn who_falls_silent_or_never_ends_is_not_waited_for() {
        assert_eq!(pieces(&[1, 100, 1]), (3, false));
        assert_eq!(pieces(&[1, 1, 2_000]), (2, true), "silent");
        let (came, ended) = pieces(&[100; 20]);
        assert!(ended && (2..8).contains(&came), "a trickle without end: {came}");
    }
}
