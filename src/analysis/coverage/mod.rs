//! Coverage: where a strategy's work is and where nobody works, and the same for a framework.

pub mod http;
pub mod model;
