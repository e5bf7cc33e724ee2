//! What a request takes with it wherever it is worked on: the trace that log lines name, and, where a collector of
//! OpenTelemetry is told by the standard variables (`OTEL_EXPORTER_OTLP_ENDPOINT`), its spans, which say how long what took
//! and nothing of whom it was for. Spans wait in a queue that has an end, and a thread sends them: no request waits for a
//! collector, or fails with it.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use opentelemetry::trace::{
    SpanContext, SpanId, SpanKind, Status, TraceContextExt, TraceFlags, TraceId, TraceState, Tracer, TracerProvider,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_http::{Bytes, HttpClient, HttpError, Request, Response};
use opentelemetry_otlp::{SpanExporter, WithHttpConfig};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::trace::{SdkTracer, SdkTracerProvider};
use tracing::Span;
use ureq::tls::{RootCerts, TlsConfig};

use crate::problem::Problem;

/// How long a collector may take to answer, and spans to be sent when the service stops.
const PATIENCE: Duration = Duration::from_secs(5);
/// How much of a collector's answer is read, in bytes.
const READ: u64 = 64 * 1024;

static TRACER: OnceLock<SdkTracer> = OnceLock::new();

/// The export of spans, if there is one.
#[derive(Debug, Default)]
pub struct Export(Option<SdkTracerProvider>);

impl Export {
    /// Begins to export, if the environment says where to.
    ///
    /// # Errors
    /// When it says what cannot be.
    pub fn start() -> anyhow::Result<Self> {
        let set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        if !set("OTEL_EXPORTER_OTLP_ENDPOINT") && !set("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT") {
            return Ok(Self::default());
        }
        let exporter = SpanExporter::builder().with_http().with_http_client(Collector::default()).build();
        let exporter = exporter.map_err(|error| anyhow::anyhow!("OTEL_EXPORTER_OTLP_…: {error}"))?;
        let resource = Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
        let is_named = set("OTEL_SERVICE_NAME");
        let resource = if is_named { resource } else { resource.with_service_name("samsyn") };
        let provider =
            SdkTracerProvider::builder().with_batch_exporter(exporter).with_resource(resource.build()).build();
        TRACER.get_or_init(|| provider.tracer("samsyn"));
        Ok(Self(Some(provider)))
    }

    /// Sends what waits, and ends it.
    pub fn stop(self) {
        let ended = self.0.map_or(Ok(()), |provider| provider.shutdown_with_timeout(PATIENCE));
        if let Err(error) = ended {
            tracing::warn!(%error, "spans were lost");
        }
    }
}

/// The way to a collector. That it does not answer is told once, not every time.
#[derive(Debug)]
struct Collector {
    agent: ureq::Agent,
    is_away: AtomicBool,
}

impl Default for Collector {
    fn default() -> Self {
        let settings = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build());
        Self { agent: settings.build().into(), is_away: AtomicBool::new(false) }
    }
}

impl Collector {
    fn send(&self, request: Request<Bytes>) -> Result<Response<Bytes>, ureq::Error> {
        let (head, body) = request.into_parts();
        let (head, mut body) = self.agent.run(Request::from_parts(head, &body[..]))?.into_parts();
        let body = body.with_config().limit(READ).read_to_vec()?;
        Ok(Response::from_parts(head, body.into()))
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(&self, request: Request<Bytes>) -> Result<Response<Bytes>, HttpError> {
        // Only the exporter's own thread comes here, and may wait.
        let answer = self.send(request);
        let trouble = match &answer {
            Ok(answer) if answer.status().is_success() => None,
            Ok(answer) => Some(answer.status().to_string()),
            Err(error) => Some(error.to_string()),
        };
        match (trouble, self.is_away.load(Ordering::Relaxed)) {
            (Some(error), false) => tracing::warn!(error, "the collector takes no spans"),
            (None, true) => tracing::info!("the collector takes spans again"),
            _ => {}
        }
        self.is_away.store(!answer.as_ref().is_ok_and(|answer| answer.status().is_success()), Ordering::Relaxed);
        Ok(answer?)
    }
}

/// A request's span at the server, or nothing where none are exported.
#[derive(Debug)]
pub struct Served(Option<Context>);

impl Served {
    /// Begins it under the caller's span: the ids of trace and span, in hexadecimal digits, and the flags.
    #[must_use]
    pub fn begin(caller: Option<(&str, &str, u8)>) -> Self {
        let Some(tracer) = TRACER.get() else { return Self(None) };
        let caller = caller.and_then(|(trace, span, flags)| {
            let (trace, span) = (TraceId::from_hex(trace).ok()?, SpanId::from_hex(span).ok()?);
            Some(SpanContext::new(trace, span, TraceFlags::new(flags), true, TraceState::default()))
        });
        let above = caller.map_or_else(Context::new, |caller| Context::new().with_remote_span_context(caller));
        let span = tracer.span_builder("request").with_kind(SpanKind::Server).start_with_context(tracer, &above);
        Self(Some(Context::new().with_span(span)))
    }

    /// The ids of its trace and of itself, and the flags, as `traceparent` has them.
    #[must_use]
    pub fn ids(&self) -> Option<(String, String, String)> {
        let place = self.0.as_ref()?.span().span_context().clone();
        let flags = format!("{:02x}", place.trace_flags());
        Some((place.trace_id().to_string(), place.span_id().to_string(), flags))
    }

    /// What is below it, for the time that its future is worked on.
    #[must_use]
    pub fn context(&self) -> Context {
        self.0.clone().unwrap_or_default()
    }

    /// Ends it: method and route are its name. A path is one of a documented form.
    pub fn end(self, method: &'static str, route: Option<&str>, path: Option<&str>, status: u16) {
        let Some(context) = self.0 else { return };
        let span = context.span();
        let method = if method == "other" { "_OTHER" } else { method };
        let name = route.map_or_else(|| method.to_owned(), |route| format!("{method} {route}"));
        span.update_name(name);
        span.set_attribute(KeyValue::new("http.request.method", method));
        span.set_attribute(KeyValue::new("http.response.status_code", i64::from(status)));
        for (key, value) in [("http.route", route), ("url.path", path)] {
            if let Some(value) = value {
                span.set_attribute(KeyValue::new(key, value.to_owned()));
            }
        }
        if status >= 500 {
            span.set_attribute(KeyValue::new("error.type", status.to_string()));
            span.set_status(Status::error(""));
        }
        span.end();
    }
}

/// Runs a transaction as a span below the request's, if there is one.
///
/// # Errors
/// What the transaction answers.
pub fn transaction<T>(
    system: &'static str,
    kind: &'static str,
    work: impl FnOnce() -> Result<T, Problem>,
) -> Result<T, Problem> {
    let above = Context::current();
    let Some(tracer) = TRACER.get().filter(|_| above.has_active_span()) else { return work() };
    let attributes = [KeyValue::new("db.system.name", system), KeyValue::new("db.operation.name", kind)];
    let span = tracer.span_builder(kind).with_kind(SpanKind::Client).with_attributes(attributes);
    let below = above.with_span(span.start_with_context(tracer, &above));
    let ended = work();
    if let Err(problem) = &ended
        && problem.kind().meaning().status >= 500
    {
        below.span().set_attribute(KeyValue::new("error.type", problem.kind().meaning().slug));
        below.span().set_status(Status::error(""));
    }
    below.span().end();
    ended
}

/// Work for another thread, which stays a part of the request.
pub fn carried<T>(work: impl FnOnce() -> T) -> impl FnOnce() -> T {
    let (span, context) = (Span::current(), Context::current());
    move || {
        let _below = context.attach();
        span.in_scope(work)
    }
}
