//! Content negotiation: which of the media types that an operation offers the caller gets.

use actix_web::HttpRequest;
use actix_web::http::header;

use crate::problem::{Kind, Problem};
use crate::text::bilingual;

/// The media type among those offered that the caller likes best (RFC 9110 section 12.5.1); the first of equals.
///
/// # Errors
/// 406 with what is offered.
pub fn acceptable(request: &HttpRequest, offers: &[String]) -> Result<String, Problem> {
    let accept = request.headers().get(header::ACCEPT).map_or("", |accept| accept.to_str().unwrap_or("unreadable"));
    let mut best: Option<(f32, &String)> = None;
    for offer in offers {
        let quality = if accept.trim().is_empty() { 1.0 } else { quality(accept, offer) };
        if quality > best.map_or(0.0, |(quality, _)| quality) {
            best = Some((quality, offer));
        }
    }
    best.map(|(_, offer)| offer.clone()).ok_or_else(|| {
        let offered = offers.join(", ");
        let detail = bilingual!("Här erbjuds {offered}.", "{offered} is what is offered here.");
        Problem::new(Kind::NotAcceptable, detail)
    })
}

/// How well an `Accept` header likes a media type: the quality of the narrowest range that it lies in. Who asks for
/// problems alone gets JSON too, which problems are.
fn quality(accept: &str, offer: &str) -> f32 {
    let (kind, _) = offer.split_once('/').unwrap_or((offer, ""));
    let ranges = accept.split(',').filter_map(|range| {
        let mut parts = range.split(';').map(str::trim);
        let range = parts.next().unwrap_or_default().to_ascii_lowercase();
        let narrowness = match range.strip_suffix("/*") {
            Some("*") => 1,
            Some(wanted) if wanted == kind => 2,
            None if range == offer || (range == "application/problem+json" && offer == "application/json") => 3,
            _ => return None,
        };
        let quality = parts.find_map(|parameter| parameter.strip_prefix("q=")).map_or(Some(1.0), |q| q.parse().ok());
        Some((narrowness, quality.unwrap_or(0.0)))
    });
    ranges.max_by_key(|(narrowness, _)| *narrowness).map_or(0.0, |(_, quality)| quality)
}
