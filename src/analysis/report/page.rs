//! The report as a page: plain, without scripts, readable on screen, on paper and in a narrow window (WCAG 2.1 AA).

use std::collections::BTreeMap;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::picture;
use super::store::Material;
use super::view::{Report, ReportedFramework, ReportedStrategy};
use crate::analysis::wire::{Evidence, Scores};
use crate::money::Amount;
use crate::organisation::model::Interest;
use crate::project::alignment::Assessment;
use crate::project::totals::{Totals, totals};
use crate::text::Language;

const STYLE: &str = include_str!("page.css");

/// What the page is written in.
#[derive(Clone, Copy)]
struct Words(Language);

impl Words {
    fn say(self, sv: &'static str, en: &'static str) -> &'static str {
        if self.0 == Language::English { en } else { sv }
    }

    /// A code's label: Swedish as people know it, English as the code's own words.
    fn label(self, label: &str, code: &str) -> String {
        if self.0 == Language::Swedish {
            return label.to_owned();
        }
        let spaced =
            |letter: char| if letter.is_uppercase() { format!(" {}", letter.to_lowercase()) } else { letter.into() };
        code.chars().map(spaced).collect()
    }

    /// The attribute of texts that projects give in Swedish.
    fn own(self) -> Option<&'static str> {
        (self.0 == Language::English).then_some("sv")
    }

    fn number(self, value: f64) -> String {
        let text = format!("{value}");
        if self.0 == Language::English { text } else { text.replace('.', ",") }
    }

    /// Kronor as people write them: thousands apart.
    fn kronor(self, ore: i64) -> String {
        let text = Amount::from_hundredths(ore).to_string();
        let (whole, decimals) = text.split_once('.').unwrap_or((&text, "00"));
        let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("−", digits));
        let mut grouped = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index) % 3 == 0 {
                grouped.push('\u{a0}');
            }
            grouped.push(digit);
        }
        let point = if self.0 == Language::English { '.' } else { ',' };
        format!("{sign}{grouped}{point}{decimals}\u{a0}kr")
    }
}

macro_rules! label {
    ($words:expr, $code:expr) => {{
        let code = $code;
        $words.label(code.label(), code.as_str())
    }};
}

/// The page of a report.
pub(super) fn render(material: &Material, report: &Report, language: Language, address: &str) -> String {
    let words = Words(language);
    let title = words.say("Kopplingsrapport", "Alignment report");
    html! {
        (DOCTYPE)
        html lang=(language.tag()) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) ": " (report.project.title) " (" (report.project.reference) ")" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header { (head(words, report, title)) }
                main {
                    @for strategy in &report.strategies { (in_strategy(words, strategy)) }
                    section aria-labelledby="frameworks" {
                        h2 id="frameworks" { (words.say("Ramverk", "Frameworks")) }
                        p { (words.say(
                            "Poängen är andel × motsvarighetens vikt (samma sak 1, ryms i något bredare 0,75, delvis 0,5). \
                             Bekräftat räknas helt, angivet till hälften.",
                            "Points are share × the correspondence's weight (exact 1, broad 0.75, partial 0.5). What is \
                             confirmed counts whole, what is claimed by half.")) }
                        @for framework in &report.frameworks { (in_framework(words, framework)) }
                    }
                    (stakeholders(words, report))
                    (funding(words, material))
                    (success(words, report))
                }
                footer {
                    p { (words.say("Uppgifterna gäller projektets version", "As of the project's version")) " "
                        (report.project.version) ", " (report.project.updated_at.as_utc().format("%Y-%m-%d")) ". "
                        (words.say("Engelska formuleringar av strategin är inofficiella.",
                                   "English wordings of the strategy are unofficial.")) }
                    p { a href=(address) { (address) } }
                }
            }
        }
    }
    .into_string()
}

fn head(words: Words, report: &Report, title: &str) -> Markup {
    let project = &report.project;
    let unknown = || words.say("okänt", "unknown").to_owned();
    let day = |day: Option<chrono::NaiveDate>| day.map_or_else(unknown, |day| day.to_string());
    html! {
        p class="kind" { "Samsyn · " (title) }
        h1 lang=[words.own()] { (project.title) }
        @if let Some(summary) = &project.summary { p class="summary" lang=[words.own()] { (summary) } }
        dl {
            div { dt { (words.say("Beteckning", "Reference")) } dd { (project.reference) } }
            div { dt { (words.say("Slag", "Kind")) } dd { (label!(words, project.kind)) } }
            div { dt { (words.say("Läge", "State")) } dd { (label!(words, project.status)) } }
            div { dt { (words.say("Tid", "Period")) } dd { (day(project.start_date)) " – " (day(project.end_date)) } }
            @if !project.municipalities.is_empty() {
                div { dt { (words.say("Kommuner", "Municipalities")) } dd {
                    (project.municipalities.iter().map(|own| own.name.as_str()).collect::<Vec<_>>().join(", ")) } }
            }
        }
    }
}

fn in_strategy(words: Words, strategy: &ReportedStrategy) -> Markup {
    let head = format!("strategy-{}", strategy.strategy_id);
    html! {
        section aria-labelledby=(head) {
            h2 id=(head) { (strategy.title.in_language(words.0)) }
            p { (words.say("Bekräftat av kommunen", "Confirmed by the municipality")) ": " strong { (strategy.confirmed_share) " %" }
                " · " (words.say("angivet", "claimed")) ": " (strategy.claimed_share) " % · "
                (words.say("ofördelat", "not allocated")) ": " (strategy.unallocated_share) " %" }
            @if !strategy.goal_areas.is_empty() {
                figure {
                    (picture::tree(strategy, words.0))
                    figcaption { (words.say(
                        "Fylld stapel: bekräftat. Randig: angivet. Streckad ram: ofördelat.",
                        "Filled bar: confirmed. Hatched: claimed. Dashed outline: not allocated.")) }
                }
            }
            @if strategy.goal_areas.is_empty() {
                p { (words.say("Projektet är inte kopplat till strategin.", "The project is not aligned with the strategy.")) }
            }
            @for area in &strategy.goal_areas {
                h3 { (area.code) " " (area.title.in_language(words.0)) " – " (area.share) " %" }
                ul {
                    @for goal in &area.sub_goals { @for own in &goal.alignments {
                        li {
                            strong { (goal.code) " " (goal.title.in_language(words.0)) }
                            @if let Some(share) = own.share { " – " (share) " %" }
                            ", " (label!(words, own.assessment))
                            @if own.self_assessed { " (" (words.say("av den som angav den", "by the one who made the claim")) ")" }
                            @if let Some(measure) = &own.measure {
                                p { (words.say("Åtgärd", "Measure")) " " (measure.code) ": " (measure.title.in_language(words.0)) }
                            }
                            @if let Some(rationale) = &own.rationale { p lang=[words.own()] { (rationale) } }
                            @for shown in &own.evidence {
                                p { (words.say("Belägg", "Evidence")) ": " span lang=[words.own()] { (shown.text) }
                                    @if let Some(url) = &shown.url { " " a href=(url) { (url) } } }
                            }
                            @if let Some(reason) = &own.reason {
                                p { (words.say("Kommunens skäl", "The municipality's reason")) ": "
                                    span lang=[words.own()] { (reason) } }
                            }
                        }
                    } }
                }
            }
        }
    }
}

fn in_framework(words: Words, framework: &ReportedFramework) -> Markup {
    html! {
        h3 { (framework.title.in_language(words.0)) }
        @if framework.priorities.is_empty() {
            p { (words.say("Projektet bidrar inte till någon prioritering här.", "The project serves no priority here.")) }
        } @else {
            p { (words.say("Mot ramverket som helhet", "Towards the framework as a whole")) ": " (scored(words, &framework.scores)) }
            ul class="priorities" {
                @for priority in &framework.priorities {
                    @let (title, language) = priority.title.best(words.0);
                    li class=(format!("depth-{}", priority.depth.min(3))) {
                        strong lang=(language.tag()) { (priority.code) " " (title) }
                        " – " (scored(words, &priority.scores))
                        ul { @for term in &priority.evidence { li { (term_line(words, term)) } } }
                    }
                }
            }
        }
    }
}

fn scored(words: Words, scores: &Scores) -> Markup {
    html! {
        strong { (words.number(scores.score)) " " (words.say("poäng", "points")) }
        " (" (words.say("bekräftat", "confirmed")) " " (words.number(scores.confirmed_score)) ", "
        (words.say("angivet", "claimed")) " " (words.number(scores.claimed_score)) ")"
    }
}

fn term_line(words: Words, term: &Evidence) -> Markup {
    html! {
        (term.measure.as_ref().unwrap_or(&term.sub_goal)) ", " (label!(words, term.assessment)) ": "
        @if let Some(share) = term.share { (share) " %" } @else { (words.say("okänd andel", "unknown share")) }
        " × " (words.number(term.weight)) " (" (label!(words, term.correspondence)) ") = " (words.number(term.points)) ". "
        (term.correspondence_rationale.in_language(words.0))
    }
}

fn stakeholders(words: Words, report: &Report) -> Markup {
    let own = &report.stakeholders;
    let nobody = words.say("ingen", "nobody");
    let rows = |rows: Vec<(String, &Vec<String>)>| {
        html! {
            @for (name, organisations) in rows {
                tr { th scope="row" { (name) } td {
                    @if organisations.is_empty() { em { (nobody) } } @else { span lang=[words.own()] { (organisations.join(", ")) } }
                } }
            }
        }
    };
    let interest = |interest: &Interest| match interest {
        Interest::Need => words.say("Ser behovet", "See the need").to_owned(),
        Interest::Benefit => words.say("Drar nytta av resultatet", "Benefit from the result").to_owned(),
    };
    html! {
        section aria-labelledby="stakeholders" {
            h2 id="stakeholders" { (words.say("Intressenter", "Stakeholders")) }
            table {
                caption { (words.say("Samhällssektorer", "Sectors of society")) }
                tbody { (rows(own.sectors.iter().map(|(sector, names)| (label!(words, *sector), names)).collect())) }
            }
            table {
                caption { (words.say("Faser", "Phases")) }
                tbody { (rows(own.phases.iter().map(|(phase, names)| (label!(words, *phase), names)).collect())) }
            }
            table {
                caption { (words.say("Behov och nytta", "Need and benefit")) }
                tbody { (rows(own.interests.iter().map(|(key, names)| (interest(key), names)).collect())) }
            }
        }
    }
}

fn funding(words: Words, material: &Material) -> Markup {
    let project = &material.project;
    let Totals {
        cost,
        eligible_cost,
        revenue,
        funding,
        granted,
        funding_by_kind,
        funding_by_level,
        gap,
        unknown_amounts,
        ..
    } = totals(&project.costs, &project.revenues, &project.funding_lines);
    let sum = |ore: Option<i64>| ore.map_or_else(|| words.say("okänt", "unknown").to_owned(), |ore| words.kronor(ore));
    let rows = |sums: Vec<(String, String)>| {
        html! { @for (name, sum) in sums { tr { th scope="row" { (name) } td class="sum" { (sum) } } } }
    };
    html! {
        section aria-labelledby="funding" {
            h2 id="funding" { (words.say("Finansiering", "Funding")) }
            table {
                caption { (words.say("I korthet", "In short")) }
                tbody { (rows(vec![
                    (words.say("Kostnad", "Cost").to_owned(), sum(cost)),
                    (words.say("varav stödberättigande", "of which eligible").to_owned(), sum(eligible_cost)),
                    (words.say("Intäkter", "Revenue").to_owned(), sum(revenue)),
                    (words.say("Finansiering", "Funding").to_owned(), sum(funding)),
                    (words.say("varav beviljat", "of which granted").to_owned(), sum(granted)),
                    (words.say("Gap", "Gap").to_owned(), sum(gap)),
                ])) }
            }
            @if unknown_amounts > 0 {
                p { (words.say("Rader utan känt belopp i kronor", "Lines without a known amount in kronor")) ": " (unknown_amounts) }
            }
            @if !funding_by_level.is_empty() {
                table {
                    caption { (words.say("Medfinansiering efter nivå", "Co-funding by level")) }
                    tbody { (rows(funding_by_level.iter().map(|(level, ore)| (label!(words, *level), words.kronor(*ore))).collect())) }
                }
                table {
                    caption { (words.say("Efter slag", "By kind")) }
                    tbody { (rows(funding_by_kind.iter().map(|(kind, ore)| (label!(words, *kind), words.kronor(*ore))).collect())) }
                }
            }
        }
    }
}

fn success(words: Words, report: &Report) -> Markup {
    let factors = &report.success_factors;
    let codes: BTreeMap<&str, &str> =
        report.project.municipalities.iter().map(|own| (own.code.as_str(), own.name.as_str())).collect();
    let joined = |texts: Vec<String>| if texts.is_empty() { "–".to_owned() } else { texts.join(", ") };
    let spanned = factors
        .cooperation
        .municipalities
        .iter()
        .map(|code| codes.get(code.as_str()).map_or(code.clone(), |name| (*name).to_owned()));
    html! {
        section aria-labelledby="factors" {
            h2 id="factors" { (words.say("Strategins framgångsfaktorer", "The strategy's success factors")) }
            dl class="factors" {
                div { dt { (words.say("Delaktighet", "Participation")) } dd {
                    (words.say("Sektorer", "Sectors")) ": " (joined(factors.participation.sectors.iter().map(|own| label!(words, *own)).collect())) ". "
                    (words.say("Faser", "Phases")) ": " (joined(factors.participation.phases.iter().map(|own| label!(words, *own)).collect())) "." } }
                div { dt { (words.say("Samsyn", "Shared view")) } dd { (factors.shared_view.confirmed_share) " % "
                    (label!(words, Assessment::Confirmed)) } }
                div { dt { (words.say("Samarbete", "Cooperation")) } dd {
                    (words.say("Målområden", "Goal areas")) ": " (joined(factors.cooperation.goal_areas.clone())) ". "
                    (words.say("Kommuner", "Municipalities")) ": " (joined(spanned.collect())) "." } }
                div { dt { (words.say("Samhandling", "Joint action")) } dd {
                    (words.say("Läge", "State")) ": " (label!(words, factors.joint_action.status)) ". "
                    (words.say("I genomförandet", "In implementation")) ": "
                    span lang=[words.own()] { (joined(factors.joint_action.implementation_partners.clone())) } ". "
                    (words.say("Utfäst", "Committed")) ": " (factors.joint_action.committed.as_ref().map_or_else(|| words.say("okänt", "unknown").to_owned(), |sum| words.kronor(sum.ore()))) "." } }
            }
            @if !report.horizontal_criteria.is_empty() {
                h3 { (words.say("Horisontella kriterier", "Horizontal criteria")) }
                ul { @for own in &report.horizontal_criteria {
                    li { (label!(words, own.criterion)) ": " (label!(words, own.degree)) }
                } }
            }
        }
    }
}
