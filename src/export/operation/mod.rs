//! Operations: what projects are to the EU, as managing authorities list them (Regulation (EU) 2021/1060 Article 49(3)).

pub mod model;
pub mod wire;
