//! The picture of the strategy's tree with the project's shares.

use maud::{Markup, html};

use super::view::ReportedStrategy;
use crate::text::Language;

/// Width of the picture in its own units; the page scales it.
const WIDTH: i32 = 440;
/// How far a level is from the edge.
const INDENT: i32 = 22;
/// Letters of a title on a line.
const LETTERS: usize = 50;

/// A row of the picture: a node, how deep it lies, and how much of its share stands on which word.
struct Row {
    depth: i32,
    label: String,
    confirmed: i32,
    claimed: i32,
    unallocated: i32,
}

/// The tree as a picture: a bar for each node, as long as its share; confirmed shares are filled, claimed ones hatched, so
/// that they are told apart without colour. What it shows stands in the table beside it too.
pub(super) fn tree(strategy: &ReportedStrategy, language: Language) -> Markup {
    let say = |sv: &'static str, en: &'static str| if language == Language::English { en } else { sv };
    let rows = rows(strategy, language);
    // A page may have several pictures, and an id is one thing's.
    let own = |name: &str| format!("{name}-{}", strategy.strategy_id);
    let hatch = own("hatch");
    let mut y = 4;
    let placed: Vec<(i32, &Row)> = rows
        .iter()
        .map(|row| {
            let at = y;
            y += 17 * lines(&row.label) + 24;
            (at, row)
        })
        .collect();
    html! {
        svg viewBox=(format!("0 0 {WIDTH} {y}")) role="img" aria-labelledby=(format!("{} {}", own("title"), own("text"))) class="tree" {
            title id=(own("title")) { (say("Projektets andelar i strategins träd", "The project's shares in the strategy's tree")) }
            desc id=(own("text")) { (described(&rows)) }
            defs {
                pattern id=(hatch) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)" {
                    rect width="6" height="6" fill="#ffffff" {}
                    rect width="3" height="6" fill="#1f4e79" {}
                }
            }
            @for (y, row) in &placed { (drawn(row, *y, &hatch)) }
        }
    }
}

fn rows(strategy: &ReportedStrategy, language: Language) -> Vec<Row> {
    let share = |own: &super::view::ReportedAlignment, word| {
        if own.assessment == word { own.share.unwrap_or(0) } else { 0 }
    };
    let mut rows = Vec::new();
    for area in &strategy.goal_areas {
        let mut below = Vec::new();
        for goal in &area.sub_goals {
            let sum = |word| goal.alignments.iter().map(|own| share(own, word)).sum();
            below.push(Row {
                depth: 1,
                label: format!("{} {}", goal.code, goal.title.in_language(language)),
                confirmed: sum(crate::project::alignment::Assessment::Confirmed),
                claimed: sum(crate::project::alignment::Assessment::Claimed),
                unallocated: 0,
            });
        }
        rows.push(Row {
            depth: 0,
            label: format!("{} {}", area.code, area.title.in_language(language)),
            confirmed: below.iter().map(|row| row.confirmed).sum(),
            claimed: below.iter().map(|row| row.claimed).sum(),
            unallocated: 0,
        });
        rows.append(&mut below);
    }
    if strategy.unallocated_share > 0 {
        let label = if language == Language::English { "Not allocated" } else { "Ofördelat" };
        let unallocated = strategy.unallocated_share;
        rows.push(Row { depth: 0, label: label.to_owned(), confirmed: 0, claimed: 0, unallocated });
    }
    rows
}

fn described(rows: &[Row]) -> String {
    let line = |row: &Row| format!("{}: {} %", row.label, row.confirmed + row.claimed + row.unallocated);
    rows.iter().map(line).collect::<Vec<_>>().join("; ")
}

fn lines(label: &str) -> i32 {
    i32::try_from(wrapped(label).len()).unwrap_or(1)
}

/// The label in lines, broken between words.
fn wrapped(label: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in label.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.chars().count() + word.chars().count() < LETTERS => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}

fn drawn(row: &Row, y: i32, hatch: &str) -> Markup {
    let left = row.depth * INDENT;
    let lines = wrapped(&row.label);
    let top = y + 17 * i32::try_from(lines.len()).unwrap_or(1) + 3;
    let room = WIDTH - left - 56;
    let long = |share: i32| room * share.clamp(0, 100) / 100;
    let (confirmed, claimed, open) = (long(row.confirmed), long(row.claimed), long(row.unallocated));
    let share = row.confirmed + row.claimed + row.unallocated;
    html! {
        @for (line, number) in lines.iter().zip(1..) {
            text x=(left) y=(y + 17 * number - 4) class=(if row.depth == 0 { "area" } else { "goal" }) { (line) }
        }
        rect x=(left) y=(top) width=(room) height="12" fill="#eef1f4" {}
        rect x=(left) y=(top) width=(confirmed) height="12" fill="#1f4e79" {}
        rect x=(left + confirmed) y=(top) width=(claimed) height="12" fill=(format!("url(#{hatch})")) stroke="#1f4e79" {}
        rect x=(left) y=(top) width=(open) height="12" fill="#ffffff" stroke="#5a6570" stroke-dasharray="4 3" {}
        text x=(left + room + 6) y=(top + 11) class="share" { (share) " %" }
    }
}
