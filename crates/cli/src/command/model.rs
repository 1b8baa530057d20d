//! `querist model show`: the words that pull towards each class.
//!
//! Hashed columns have no names, so the names come from texts: the terms of the labelled documents, which are also the only
//! n-grams whose weights training could move. A class's **top terms** are those that add most to its logit, on the mean over
//! the labelled documents that have them; so that no term wins by one document, each mean counts three more documents
//! to which it adds nothing.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::Context;
use querist_core::{Contribution, Featurizer, FittedClassifier, Linear, Rows};
use querist_engine::{Basis, Prepared, Summary};
use querist_model::LinearModel;
use querist_store::workspace::Draft;
use serde_json::{Value, json};

use crate::args::ModelShow;
use crate::failure::Mend;
use crate::next;
use crate::output::{Outcome, Talk, columns, shown};
use crate::past::edition_of;
use crate::session::{Bench, Session};
use crate::steps;

/// Labelled documents that top terms are taken from at most, evenly spread by id: more would name the same terms.
const MOST_DOCUMENTS: usize = 5_000;

/// Documents without effect that every mean counts besides.
const SHRINKAGE: f64 = 3.0;

/// A term and what it adds to each class.
type Term = (String, Vec<f64>);

/// Shows the model of a round.
///
/// # Errors
/// There is no such round, it has no model, or the workspace cannot be read.
pub fn run(show: &ModelShow, root: &Path, talk: &Talk) -> anyhow::Result<Outcome> {
    let session = Session::read(root)?;
    let Some(number) = show.round.or(session.workspace.last_round()?) else {
        return Err(next::none_yet(&session, "model")?.into());
    };
    let round = session.workspace.round(number)?;
    let Some(hash) = &round.model else {
        return Err(Mend(format!("round {number} had too few labels for a model")).into());
    };
    let model = LinearModel::from_bytes(&session.workspace.read_model(hash)?)?;
    let bench = session.bench(&[])?;
    let prepared = features_of_then(&session, &bench, &round, talk)?;
    let linear = linear_map(&model, &prepared, number)?;
    let path = shown(&session.workspace.model_path(hash));
    let (value, text) = match (&show.document, &show.text) {
        (Some(id), _) => {
            let found = session.workspace.text_of(id).map_err(|_| unknown(id))?;
            explain(&session, &bench, &prepared, &model, linear, &found.text)?
        }
        (None, Some(text)) => explain(&session, &bench, &prepared, &model, linear, text)?,
        (None, None) => top_terms(&session, &bench, &prepared, linear, show.terms)?,
    };
    let head = columns(&[("model", format!("round {number}, {path}"))]);
    Ok(Outcome {
        json: json!({"round": number, "model": hash, "model_file": path, "result": value}),
        text: format!("{head}{text}"),
        next: None,
    })
}

/// The model's weights.
///
/// # Errors
/// They are for other features than these.
pub fn linear_map<'a>(
    model: &'a LinearModel,
    prepared: &Prepared,
    number: u32,
) -> anyhow::Result<Linear<'a>> {
    let linear = model.linear().context("a model without a linear map")?;
    if linear.weights.n_columns() != prepared.fitted.n_columns() {
        return Err(other_features(number).into());
    }
    Ok(linear)
}

fn other_features(number: u32) -> Mend {
    Mend(format!(
        "the model of round {number} was trained on other features than the workspace now has: [features] in querist.toml, the static embedding or Querist has changed; make a round with these"
    ))
}

fn unknown(id: &str) -> Mend {
    Mend(format!("there is no document \"{id}\" in the workspace"))
}

/// Features as the round had them: chosen by as many labels as there were, its embedding learned from what the pool was.
///
/// # Errors
/// The round had others, texts cannot be read, or the round's summary.
pub fn features_of_then(
    session: &Session,
    bench: &Bench,
    round: &Draft,
    talk: &Talk,
) -> anyhow::Result<Prepared> {
    let place = |document: &&usize| (bench.snapshot.documents[**document].place as usize) < round.basis;
    let documents = bench.situation.pool.iter().filter(place).count();
    let basis = Basis { limit: round.basis, documents, outgrown: None };
    let labeled: usize = Summary::from_json(&round.summary)?.model.labeled.iter().sum();
    // Columns may be as many and mean other things. A round that is not exported yet has no manifest.
    let manifest: Option<Value> = round.manifest.as_deref().map(serde_json::from_str).transpose()?;
    let edition = manifest.as_ref().map_or(Ok(session.edition), edition_of)?;
    let features = session.features(edition)?;
    let (_, featurizer) = session.featurizer(&features, bench.situation.pool.len(), labeled)?;
    let then = manifest.as_ref().and_then(|manifest| manifest["featurizer"].as_str());
    if then.is_some_and(|then| then != featurizer.fingerprint()) {
        return Err(other_features(round.number).into());
    }
    session.features_of(&featurizer, &bench.snapshot, &bench.situation, basis, talk)
}

/// Why one text is classified as it is.
fn explain(
    session: &Session,
    bench: &Bench,
    prepared: &Prepared,
    model: &LinearModel,
    linear: Linear<'_>,
    text: &str,
) -> anyhow::Result<(Value, String)> {
    let fitted = &prepared.fitted;
    let features = fitted.transform(&[text]).map_err(steps::boxed)?;
    let probabilities = model.predict(&features as &dyn Rows, &[0]).map_err(steps::boxed)?;
    let contributions = fitted.contributions(text, linear.weights).map_err(steps::boxed)?;
    let mut merged = merge(contributions);
    let likeliest = probabilities.likeliest(0);
    merged.sort_by(|a, b| b.1[likeliest.index()].total_cmp(&a.1[likeliest.index()]).then(a.0.cmp(&b.0)));
    let names = bench.snapshot.labels.names();
    let probability: serde_json::Map<String, Value> =
        names.iter().zip(probabilities.row(0)).map(|(name, p)| (name.clone(), json!(p))).collect();
    let mut out = format!("  {}\n", quote(text));
    for (name, p) in names.iter().zip(probabilities.row(0)) {
        out += &format!("  {name}: {:.1} %\n", p * 100.0);
    }
    let name = session.labels.name(likeliest);
    out += &format!("What each term adds to the logit of \"{name}\" (the others' mean subtracted):\n");
    let mut rows = Vec::new();
    for (term, values) in &merged {
        let pull = pull(values, likeliest.index());
        rows.push((term.as_str(), format!("{pull:+.3}")));
    }
    out += &columns(&rows);
    let terms: Vec<Value> =
        merged.iter().map(|(term, values)| json!({"term": term, "adds": values})).collect();
    Ok((
        json!({"label": name, "probabilities": probability, "intercept": linear.intercept, "terms": terms}),
        out,
    ))
}

/// The terms that pull hardest towards each class.
fn top_terms(
    session: &Session,
    bench: &Bench,
    prepared: &Prepared,
    linear: Linear<'_>,
    n: usize,
) -> anyhow::Result<(Value, String)> {
    let merged = mean_of_labeled(session, bench, prepared, linear)?;
    let mut out = String::new();
    let mut classes = serde_json::Map::new();
    for (class, name) in session.labels.names().iter().enumerate() {
        let mut ranked: Vec<(f64, &str)> =
            merged.iter().map(|(term, values)| (pull(values, class), term.as_str())).collect();
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(b.1)));
        let top: Vec<(f64, &str)> = ranked.into_iter().filter(|(pull, _)| *pull > 0.0).take(n).collect();
        let terms: Vec<&str> = top.iter().map(|(_, term)| *term).collect();
        out += &format!("  {name}: {}\n", if terms.is_empty() { "–".to_owned() } else { terms.join(", ") });
        let rows: Vec<Value> = top.iter().map(|(pull, term)| json!({"term": term, "pull": pull})).collect();
        classes.insert(name.clone(), json!(rows));
    }
    Ok((json!({"classes": classes}), out))
}

/// What each term of the labelled documents adds, on the mean over those that have it.
fn mean_of_labeled(
    session: &Session,
    bench: &Bench,
    prepared: &Prepared,
    linear: Linear<'_>,
) -> anyhow::Result<Vec<Term>> {
    let labeled = &bench.situation.labeled;
    let step = labeled.len().div_ceil(MOST_DOCUMENTS).max(1);
    let mut sums: BTreeMap<String, (f64, Vec<f64>)> = BTreeMap::new();
    for (row, _) in labeled.iter().step_by(step) {
        let document = bench.situation.pool[*row];
        let text = session.workspace.text_of(&bench.snapshot.documents[document].id)?.text;
        let found = prepared.fitted.contributions(&text, linear.weights).map_err(steps::boxed)?;
        for (term, values) in merge(found) {
            let (count, sum) = sums.entry(term).or_insert_with(|| (SHRINKAGE, vec![0.0; values.len()]));
            *count += 1.0;
            sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
        }
    }
    let mean = |(term, (count, sum)): (String, (f64, Vec<f64>))| {
        (term, sum.into_iter().map(|sum| sum / count).collect())
    };
    Ok(sums.into_iter().map(mean).collect())
}

/// The sum of what each term adds, by term.
fn merge(contributions: Vec<Contribution>) -> Vec<Term> {
    let mut merged: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for Contribution { term, values } in contributions {
        let sums = merged.entry(term).or_insert_with(|| vec![0.0; values.len()]);
        sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
    }
    merged.into_iter().collect()
}

/// What a term adds to a class beyond what it adds to all of them: only differences of logits matter.
fn pull(values: &[f64], class: usize) -> f64 {
    values[class] - values.iter().sum::<f64>() / values.len() as f64
}

/// The beginning of a text, on one line.
fn quote(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let short: String = line.chars().take(100).collect();
    if short.len() < line.len() { format!("“{short}…”") } else { format!("“{short}”") }
}
