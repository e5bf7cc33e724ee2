//! What a change is, and which of its values may be kept.

use serde_json::{Map, Value};

use crate::id::Id;

/// What a personal value is replaced by.
pub const WITHHELD: &str = "withheld";

/// One change to one thing.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    /// Who made it; `None` is the program itself.
    pub actor: Option<Id>,
    /// What happened, as `project.updated`.
    pub kind: &'a str,
    /// Which kind of thing, as `project`.
    pub aggregate: &'a str,
    /// Which one: its id or code.
    pub id: String,
    /// Its version after the change.
    pub version: i64,
    /// How it was; null when it is new.
    pub before: Value,
    /// How it is; null when it is gone.
    pub after: Value,
    /// Members whose values are personal data.
    pub personal: &'a [&'a str],
}

impl Change<'_> {
    /// The members that differ, as they were and as they are, personal values withheld.
    #[must_use]
    pub fn differences(&self) -> (Option<Value>, Option<Value>) {
        let none = Map::new();
        let before = self.before.as_object().unwrap_or(&none);
        let after = self.after.as_object().unwrap_or(&none);
        let differing = |members: &Map<String, Value>, others: &Map<String, Value>| -> Map<String, Value> {
            members
                .iter()
                .filter(|(name, value)| others.get(*name) != Some(value) && !value.is_null())
                .map(|(name, value)| {
                    let withheld = self.personal.contains(&name.as_str());
                    (name.clone(), if withheld { Value::from(WITHHELD) } else { value.clone() })
                })
                .collect()
        };
        let part = |whole: &Value, differing| whole.is_object().then_some(Value::Object(differing));
        (part(&self.before, differing(before, after)), part(&self.after, differing(after, before)))
    }
}

/// The same members, the values of personal ones withheld.
pub(super) fn without(mut members: Value, personal: &[&str]) -> Value {
    let names = members.as_object_mut().into_iter().flatten();
    for (_, value) in names.filter(|(name, _)| personal.contains(&name.as_str())) {
        *value = Value::from(WITHHELD);
    }
    members
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn only_differences_are_kept_and_personal_values_withheld() {
        let change = Change {
            actor: None,
            kind: "project.updated",
            aggregate: "project",
            id: "1".to_owned(),
            version: 2,
            before: json!({"title": "A", "summary": "S", "contact": {"name": "N"}}),
            after: json!({"title": "B", "summary": "S", "contact": null, "stateAid": "de minimis"}),
            personal: &["contact"],
        };
        let (before, after) = change.differences();
        assert_eq!(before, Some(json!({"title": "A", "contact": "withheld"})));
        assert_eq!(after, Some(json!({"title": "B", "stateAid": "de minimis"})));
    }
}
