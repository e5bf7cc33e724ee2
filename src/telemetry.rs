//! What a request takes with it wherever it is worked on: the trace that log lines name.

use tracing::Span;

/// Work for another thread, which stays a part of the request.
pub fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let span = Span::current();
    move || span.in_scope(work)
}
