//! Suggestions over HTTP.

use std::collections::{BTreeMap, HashMap};

use actix_web::web::Data;
use actix_web::{HttpResponse, post};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use super::model::{Suggestion, Suggestions};
use super::store::{self, Known};
use crate::db::Database;
use crate::framework::http::WordingView;
use crate::framework::{self, Framework};
use crate::http::{Body, Context, Links, reply};
use crate::id::Id;
use crate::problem::Problem;
use crate::project::sight::Sight;
use crate::strategy::{self, Strategy};
use crate::text::Bilingual;

/// How many words and decided projects explain a suggestion.
const SHOWN: usize = 8;
const NEAREST: usize = 3;

/// The operations of this room.
pub fn routes(routes: &mut ServiceConfig<'_>) {
    routes.service(create_suggestions);
}

/// En text att få förslag till. / A text to get suggestions for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
#[schema(example = json!({
    "title": "Godsterminal i Bastuträsk", "text": "Timmer och energived lastas om från lastbil till tåg."
}))]
struct SuggestionQuestion {
    /// Projektets titel. / The project's title.
    #[schema(min_length = 1, max_length = 300)]
    title: String,
    /// Vad projektet gör. / What the project does.
    #[serde(default)]
    #[schema(max_length = 10_000)]
    text: String,
    /// Strategin att föreslå delmål och åtgärder ur; annars den nyaste. / The strategy to suggest sub-goals and measures of;
    /// otherwise the newest.
    #[serde(default)]
    #[schema(min_length = 1, max_length = 100)]
    strategy_id: Option<String>,
    /// Högst så många förslag av varje slag, för prioriteringar i varje ramverk. / At most so many suggestions of each kind,
    /// for priorities in each framework.
    #[serde(default = "five")]
    #[schema(minimum = 1, maximum = 50, default = 5)]
    limit: usize,
}

fn five() -> usize {
    5
}

/// Ett ord ur texten och vad det ger. / A word of the text and what it gives.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = SuggestionWord, example = json!({"word": "tåg", "weight": 0.21}))]
struct WordView {
    /// Ordet som det står i texten. / The word as it stands in the text.
    word: String,
    /// Dess del av poängen. / Its part of the score.
    weight: f64,
}

/// Ett bedömt projekt som liknar texten. / A decided project that is like the text.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = NearestProject, example = json!({
    "id": "0198c5a0-8a3e-7cc0-b4ad-1f6e2f7e9a10", "title": "Godsterminal i Bastuträsk"
}))]
struct NearestView {
    #[schema(value_type = uuid::Uuid)]
    id: Id,
    /// Titel. / Title.
    title: String,
}

/// Ett delmål eller en åtgärd som passar. / A sub-goal or measure that fits.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Suggestion, example = json!({
    "code": "4.4", "title": {"sv": "Hållbar och effektiv person- och godstrafik", "en": "Sustainable transport"}, "score": 0.62,
    "words": [{"word": "tåg", "weight": 0.21}], "nearest": []
}))]
struct SuggestionView {
    /// Kod. / Code.
    code: String,
    /// Formulering. / Wording.
    title: Bilingual,
    /// Hur väl det passar, 0–1. / How well it fits, 0–1.
    score: f64,
    /// Orden som gav mest; alla ords vikter är tillsammans poängen. / The words that gave most; all words' weights are
    /// together the score.
    words: Vec<WordView>,
    /// Bedömda projekt som talar för det. / Decided projects that speak for it.
    nearest: Vec<NearestView>,
}

/// En prioritering som passar. / A priority that fits.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = PrioritySuggestion, example = json!({
    "frameworkId": "eruf-ovre-norrland-2014-2020", "code": "5", "level": "axis", "score": 0.62, "nearest": [],
    "title": {"sv": "Att främja hållbara transporter"}, "words": [{"word": "tåg", "weight": 0.21}]
}))]
struct PrioritySuggestionView {
    framework_id: String,
    /// Kod. / Code.
    code: String,
    /// Nivåns kod. / Code of its level.
    level: String,
    /// Officiell titel. / Official title.
    title: WordingView,
    /// Hur väl den passar, 0–1. / How well it fits, 0–1.
    score: f64,
    /// Orden som gav mest. / The words that gave most.
    words: Vec<WordView>,
    /// Bedömda projekt som talar för den. / Decided projects that speak for it.
    nearest: Vec<NearestView>,
}

/// Vad som passar en text, bäst först. / What fits a text, best first.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = Suggestions)]
struct SuggestionsView {
    /// Delmål. / Sub-goals.
    sub_goals: Vec<SuggestionView>,
    /// Åtgärder. / Measures.
    measures: Vec<SuggestionView>,
    /// Prioriteringar i alla ramverk. / Priorities in all frameworks.
    priorities: Vec<PrioritySuggestionView>,
    #[serde(rename = "_links")]
    links: Links,
}

/// What suggestions are shown with.
struct Shown {
    strategy: Strategy,
    frameworks: BTreeMap<String, Framework>,
    titles: HashMap<Id, String>,
}

impl Shown {
    fn words(found: &Suggestion) -> Vec<WordView> {
        let words = found.words.iter().take(SHOWN);
        words.map(|word| WordView { word: word.surface.clone(), weight: rounded(word.weight) }).collect()
    }

    fn nearest(&self, found: &Suggestion) -> Vec<NearestView> {
        let known = found.nearest.iter().filter_map(|key| {
            let id: Id = key.parse().ok()?;
            self.titles.get(&id).map(|title| NearestView { id, title: title.clone() })
        });
        known.take(NEAREST).collect()
    }

    fn of_strategy(&self, found: &Suggestion) -> Option<SuggestionView> {
        let goals = self.strategy.sub_goals().map(|(_, goal)| (&goal.code, &goal.title));
        let measures = self.strategy.measures().map(|(_, measure)| (&measure.code, &measure.title));
        let (_, title) = goals.chain(measures).find(|(code, _)| **code == found.code)?;
        Some(SuggestionView {
            code: found.code.clone(),
            title: title.clone(),
            score: rounded(found.score),
            words: Self::words(found),
            nearest: self.nearest(found),
        })
    }

    fn of_framework(&self, found: &Suggestion) -> Option<PrioritySuggestionView> {
        let priority = self.frameworks.get(&found.catalogue)?.find(&found.code)?;
        Some(PrioritySuggestionView {
            framework_id: found.catalogue.clone(),
            code: found.code.clone(),
            level: priority.level.clone(),
            title: priority.title.clone().into(),
            score: rounded(found.score),
            words: Self::words(found),
            nearest: self.nearest(found),
        })
    }
}

/// Four decimals are enough to compare by.
fn rounded(value: f64) -> f64 {
    (value * 10_000.0).round() / 10_000.0
}

/// The best of each list, priorities of all frameworks together.
fn best(found: Suggestions, strategy: &str, limit: usize) -> (Vec<Suggestion>, Vec<Suggestion>, Vec<Suggestion>) {
    let own = |list: Vec<Suggestion>| -> Vec<Suggestion> {
        list.into_iter().filter(|found| found.catalogue == strategy).take(limit).collect()
    };
    let priorities = found.priorities.into_values().flat_map(|list| list.into_iter().take(limit));
    let mut priorities: Vec<Suggestion> = priorities.collect();
    priorities.sort_by(|a, b| b.score.total_cmp(&a.score));
    (own(found.sub_goals), own(found.measures), priorities)
}

/// Vilka delmål, åtgärder och prioriteringar passar en text? / Which sub-goals, measures and priorities fit a text?
///
/// Förslag är ingens ord: någon behöver ange dem. De bygger på en ordlista och på registrets egna beslut (bekräftade
/// kopplingar, beviljade prioriteringar) om de projekt som anroparen får se, och visar orden och projekten som gav dem. POST, eftersom texter är längre än en
/// adress får vara; ingenting sparas. / Suggestions are nobody's word: somebody must claim them. They rest on a vocabulary
/// and on the registry's own decisions (confirmed alignments, granted priorities) on the projects that the caller may see, and show the words and projects that made
/// them. POST, since texts are longer than an address may be; nothing is kept.
#[utoipa::path(request_body = SuggestionQuestion,
    responses((status = 200, description = "Förslagen. / The suggestions.", body = SuggestionsView)))]
#[post("/suggestions")]
async fn create_suggestions(
    context: Context,
    database: Data<Database>,
    known: Data<Known>,
    body: Body<SuggestionQuestion>,
) -> Result<HttpResponse, Problem> {
    let scope = Sight::of(context.caller()).visibilities;
    let SuggestionQuestion { title, text, strategy_id, limit } = body.value;
    let (found, shown) = database
        .read(move |conn| {
            let id = match strategy_id {
                Some(id) => id,
                None => strategy::store::newest_id(conn)?,
            };
            let strategy = strategy::store::find(conn, &id)?;
            let found = best(known.suggest(conn, scope, &title, &text)?, &strategy.id, limit);
            let all = found.0.iter().chain(&found.1).chain(&found.2);
            let keys: Vec<Id> = all.flat_map(|found| &found.nearest).filter_map(|key| key.parse().ok()).collect();
            let titles = store::titles(conn, &keys, scope)?;
            let ids = framework::store::list_ids(conn)?;
            let frameworks = ids.into_iter().map(|id| Ok((id.clone(), framework::store::find(conn, &id)?)));
            let frameworks = frameworks.collect::<Result<_, Problem>>()?;
            Ok((found, Shown { strategy, frameworks, titles }))
        })
        .await?;
    let view = SuggestionsView {
        sub_goals: found.0.iter().filter_map(|found| shown.of_strategy(found)).collect(),
        measures: found.1.iter().filter_map(|found| shown.of_strategy(found)).collect(),
        priorities: found.2.iter().filter_map(|found| shown.of_framework(found)).collect(),
        links: Links::default().and("self", "POST", context.address("/suggestions")),
    };
    reply::one(&context, None, &view)
}
