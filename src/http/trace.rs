//! W3C Trace Context: every request belongs to a trace, ours or the caller's, and every response says which.

use std::fmt;

use crate::telemetry::Served;

/// A request's place in a trace (`traceparent`, version 00).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trace {
    id: String,
    parent: String,
    flags: String,
}

impl Trace {
    /// Goes on with the caller's trace under a new parent id, or begins one when the header is missing or invalid. The new
    /// id is that of the request's span.
    #[must_use]
    pub fn continued(traceparent: Option<&str>) -> (Self, Served) {
        let caller = traceparent.and_then(parse);
        let sampled = |flags: &str| u8::from_str_radix(flags, 16).unwrap_or(1) & 1;
        let served = Served::begin(caller.as_ref().map(|(id, parent, flags)| (&**id, &**parent, sampled(flags))));
        let ids = served.ids().unwrap_or_else(|| {
            let (id, flags) = caller.map_or_else(|| (random_hex(16), "01".to_owned()), |(id, _, flags)| (id, flags));
            (id, random_hex(8), flags)
        });
        let (id, parent, flags) = ids;
        (Self { id, parent, flags }, served)
    }

    /// The trace's id: 32 hexadecimal digits.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "00-{}-{}-{}", self.id, self.parent, self.flags)
    }
}

fn parse(header: &str) -> Option<(String, String, String)> {
    let mut fields = header.trim().split('-');
    let (version, trace, parent, flags) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
    let hex = |field: &str, length: usize| {
        field.len() == length && field.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let some = |field: &str| field.bytes().any(|byte| byte != b'0');
    let whole = version != "00" || fields.next().is_none();
    let valid = hex(version, 2) && version != "ff" && hex(trace, 32) && hex(parent, 16) && hex(flags, 2);
    (valid && whole && some(trace) && some(parent)).then(|| (trace.to_owned(), parent.to_owned(), flags.to_owned()))
}

fn random_hex(bytes: usize) -> String {
    use std::fmt::Write;
    let mut random = vec![0_u8; bytes];
    if getrandom::fill(&mut random).is_err() {
        // Without randomness an id must still not be all zeros.
        random.fill(1);
    }
    random.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_valid_trace_is_continued_and_an_invalid_one_replaced() {
        let given = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
        let (trace, _) = Trace::continued(Some(given));
        assert_eq!(trace.id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_ne!(trace.to_string(), given);
        for invalid in [
            "",
            "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-01",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
            "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-more",
        ] {
            assert_ne!(Trace::continued(Some(invalid)).0.id(), "4bf92f3577b34da6a3ce929d0e0e4736", "{invalid}");
        }
    }
}
