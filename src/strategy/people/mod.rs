//! The goal areas' people, as the strategy has them: main stakeholders (huvudintressenter), who see the need or benefit,
//! and the local working group (lokal arbetsgrupp), organisations and a responsible officer.

pub mod http;
pub mod model;
pub mod store;
