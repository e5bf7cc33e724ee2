//! Scores and money computed anew from what the API itself says of projects, correspondences and frameworks, by rules 8 and
//! 9 of the design. The program's own analysis has no part in it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use crate::support::Client;

/// Every item of a list, page by page. The path ends in `?` or `&`.
pub(crate) async fn everything(client: &Client<'_>, path: &str, list: &str) -> Vec<Value> {
    let limit = if path.contains("limit=") { "" } else { "limit=100&" };
    let mut found: Vec<Value> = Vec::new();
    for page in 1.. {
        let answer = client.get(&format!("{path}{limit}page={page}")).await.expect(200);
        let items = answer.body[list].as_array().cloned().unwrap_or_default();
        let is_last = items.is_empty() || answer.body["_links"].get("next").is_none();
        found.extend(items);
        if is_last {
            assert_eq!(i64::try_from(found.len()), Ok(answer.total()), "{path}");
            break;
        }
    }
    found
}

/// The items of a member.
pub(crate) fn items<'a>(value: &'a Value, member: &str) -> impl Iterator<Item = &'a Value> {
    value[member].as_array().into_iter().flatten()
}

/// The text of a member; empty when it is absent or null.
pub(crate) fn text<'a>(value: &'a Value, member: &str) -> &'a str {
    value[member].as_str().unwrap_or_default()
}

/// A code's numbers: 3.10 comes after 3.9.
pub(crate) fn code_order(code: &str) -> Vec<u32> {
    code.split('.').map(|number| number.parse().expect("a number")).collect()
}

/// Total cost, granted, not yet granted: in öre.
pub(crate) type Money = [i64; 3];

/// Öre, unless the amount is unknown or in another currency.
pub(crate) fn ore(amount: &Value) -> Option<i64> {
    (amount["currency"] == "SEK").then(|| text(amount, "amount").replace('.', "").parse().expect("öre"))
}

/// A project's money, from its lines.
pub(crate) fn money(project: &Value) -> Money {
    let cost = items(project, "costs").filter_map(|cost| ore(&cost["amount"])).sum();
    let (mut granted, mut not_yet) = (0, 0);
    for line in items(project, "fundingLines") {
        let amount = ore(&line["amount"]).unwrap_or(0);
        match text(line, "commitment") {
            "refused" | "withdrawn" => {}
            "granted" | "paid" => granted += amount,
            _ => not_yet += amount,
        }
    }
    [cost, granted, not_yet]
}

/// Whether the project's cost is known.
pub(crate) fn has_known_cost(project: &Value) -> bool {
    items(project, "costs").any(|cost| ore(&cost["amount"]).is_some())
}

/// Whether anything of the project's funding that counts is known.
pub(crate) fn has_known_funding(project: &Value) -> bool {
    let counts = |line: &&Value| !["refused", "withdrawn"].contains(&text(line, "commitment"));
    items(project, "fundingLines").filter(counts).any(|line| ore(&line["amount"]).is_some())
}

pub(crate) fn add(sum: &mut Money, part: Money) {
    for (own, more) in sum.iter_mut().zip(part) {
        *own += more;
    }
}

/// Money as answers have it.
pub(crate) fn in_kronor(money: Money) -> Value {
    let sek = |ore: i64| json!({"amount": format!("{}.{:02}", ore / 100, ore % 100), "currency": "SEK"});
    json!({"totalCost": sek(money[0]), "granted": sek(money[1]), "notYetGranted": sek(money[2])})
}

/// Whether somebody stands behind an alignment.
pub(crate) fn counts(alignment: &Value) -> bool {
    ["claimed", "confirmed"].contains(&text(alignment, "assessment"))
}

pub(crate) fn share(alignment: &Value) -> i64 {
    alignment["share"].as_i64().unwrap_or(0)
}

/// The code that an alignment is most exactly about.
fn code(alignment: &Value) -> &str {
    alignment["measure"].as_str().unwrap_or_else(|| text(alignment, "subGoal"))
}

/// A project's alignments of a strategy.
pub(crate) fn aligned<'a>(project: &'a Value, strategy: &str) -> Vec<&'a Value> {
    items(project, "alignments").filter(|alignment| alignment["strategyId"] == strategy).collect()
}

/// A project's money split by the shares that somebody stands behind.
pub(crate) struct Split<'a> {
    /// Every alignment of the strategy with its part.
    pub parts: Vec<(&'a Value, Money)>,
    /// Shares that are not given or rejected.
    pub unallocated: Money,
    /// How many percent they are.
    pub missing: i64,
}

/// Splits a project's money by whole percents: each part rounded down, then an öre each to those that lost the most by it,
/// between equals to the lower code; what is not given comes last.
pub(crate) fn split<'a>(project: &'a Value, strategy: &str) -> Split<'a> {
    let mut alignments = aligned(project, strategy);
    alignments.sort_by_key(|alignment| code_order(code(alignment)));
    let mut weights: Vec<i64> =
        alignments.iter().map(|alignment| if counts(alignment) { share(alignment) } else { 0 }).collect();
    let missing = (100 - weights.iter().sum::<i64>()).max(0);
    weights.push(missing);
    let whole = i128::from(weights.iter().sum::<i64>());
    let mut parts = vec![[0; 3]; weights.len()];
    for (kind, amount) in money(project).into_iter().enumerate() {
        let exact = |index: usize| i128::from(amount) * i128::from(weights[index]);
        for (index, part) in parts.iter_mut().enumerate() {
            part[kind] = i64::try_from(exact(index) / whole).expect("öre");
        }
        let lost = amount - parts.iter().map(|part| part[kind]).sum::<i64>();
        let mut order: Vec<usize> = (0..weights.len()).collect();
        order.sort_by_key(|index| (Reverse(exact(*index) % whole), *index));
        for index in order.into_iter().take(usize::try_from(lost).expect("few")) {
            parts[index][kind] += 1;
        }
    }
    let unallocated = parts.pop().expect("the last");
    Split { parts: alignments.into_iter().zip(parts).collect(), unallocated, missing }
}

/// Distinct projects' sectors or years: how many projects have each.
pub(crate) fn tally<T: ToString>(count: &mut BTreeMap<String, i64>, values: impl IntoIterator<Item = T>) {
    let distinct: BTreeSet<String> = values.into_iter().map(|value| value.to_string()).collect();
    for value in distinct {
        *count.entry(value).or_default() += 1;
    }
}

/// The sectors of a project's stakeholders.
pub(crate) fn sectors(project: &Value) -> BTreeSet<&str> {
    items(project, "stakeholders").map(|stakeholder| text(&stakeholder["organisation"], "sector")).collect()
}

/// The years that a project goes on in, as far as known.
pub(crate) fn years(project: &Value) -> Vec<i32> {
    let year = |member: &str| text(project, member).get(..4).map(|year| year.parse::<i32>().expect("a year"));
    let Some(first) = year("startDate") else { return Vec::new() };
    (first..=year("endDate").unwrap_or(first)).collect()
}

/// A framework with its correspondences.
pub(crate) struct Reading {
    framework: Value,
    correspondences: BTreeMap<(String, String), Vec<Value>>,
}

/// How much of a share counts.
pub(crate) fn weight(correspondence: &Value) -> f64 {
    match text(correspondence, "type") {
        "exact" => 1.0,
        "broad" => 0.75,
        "partial" => 0.5,
        "none" => 0.0,
        other => panic!("{other} is no correspondence"),
    }
}

impl Reading {
    /// Reads a framework.
    pub(crate) async fn of(client: &Client<'_>, id: &str) -> Self {
        let framework = client.get(&format!("/frameworks/{id}")).await.expect(200).body;
        let path = format!("/frameworks/{id}/correspondences?");
        let mut correspondences: BTreeMap<_, Vec<Value>> = BTreeMap::new();
        for entry in everything(client, &path, "correspondences").await {
            let node = (text(&entry, "strategyId").to_owned(), text(&entry, "subGoal").to_owned());
            correspondences.entry(node).or_default().push(entry);
        }
        Self { framework, correspondences }
    }

    /// Every priority with the codes of itself and of what is below it, in the order of the tree.
    pub(crate) fn priorities(&self) -> Vec<(String, BTreeSet<String>)> {
        fn walk(node: &Value, found: &mut Vec<(String, BTreeSet<String>)>) {
            for priority in items(node, "priorities") {
                let (own, mut below) = (text(priority, "code").to_owned(), Vec::new());
                walk(priority, &mut below);
                let mut codes: BTreeSet<String> = below.iter().map(|(code, _)| code.clone()).collect();
                codes.insert(own.clone());
                found.push((own, codes));
                found.append(&mut below);
            }
        }
        let mut found = Vec::new();
        walk(&self.framework, &mut found);
        found
    }

    /// Every priority's code.
    pub(crate) fn whole(&self) -> BTreeSet<String> {
        self.priorities().into_iter().map(|(code, _)| code).collect()
    }

    /// The strongest correspondences of an alignment to these priorities; several when they are equally strong. A
    /// measure's own entry, `none` included, replaces its sub-goal's; `none` without a priority is of every one.
    pub(crate) fn strongest(&self, alignment: &Value, within: &BTreeSet<String>) -> Vec<&Value> {
        let node = (text(alignment, "strategyId").to_owned(), text(alignment, "subGoal").to_owned());
        let entries = self.correspondences.get(&node).map(Vec::as_slice).unwrap_or_default();
        let measure = alignment["measure"].as_str();
        let own: Vec<&Value> =
            entries.iter().filter(|entry| measure.is_some() && entry["measure"].as_str() == measure).collect();
        let is_replaced = |entry: &Value| {
            own.iter().any(|own| own.get("priority").is_none() || own.get("priority") == entry.get("priority"))
        };
        let general = entries.iter().filter(|entry| entry.get("measure").is_none() && !is_replaced(entry));
        let is_within = |entry: &&Value| entry["priority"].as_str().is_none_or(|code| within.contains(code));
        let all: Vec<&Value> = own.iter().copied().chain(general).filter(is_within).collect();
        let best = all.iter().map(|entry| weight(entry)).fold(0.0, f64::max);
        all.into_iter().filter(|entry| weight(entry) >= best).collect()
    }
}
