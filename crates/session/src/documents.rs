//! Lists documents of a workspace: by state, label, round, the user's own fields, or words in the
//! text.
//!
//! Texts are read one after the other. So memory holds only one byte per document, and the listed
//! documents. The engine decides the state of each pool document, so the counts agree with
//! [`Session::status`].

use querist_core::fold::{fold_into, folded};
use querist_core::setting::class_named;
use querist_core::{Class, Condition, Corpus, Role, Snapshot};
use querist_engine::{Situation, State};
use serde::Serialize;
use serde_json::Value;

use crate::conditions;
use crate::error::{Result, SessionError};
use crate::opened::Opened;
use crate::progress::{Progress, Step};
use crate::session::Session;

/// What a document is for and, if it is in the pool, its state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocumentState {
    /// A document of the pool.
    Pool(State),
    /// A control item.
    Control,
    /// A document of the test set.
    Test,
}

impl DocumentState {
    /// Returns the name of the state in JSON and tables.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pool(state) => state.name(),
            Self::Control => Role::Control.name(),
            Self::Test => Role::Test.name(),
        }
    }
}

/// Which documents to list. A document must meet every condition that is set.
#[derive(Debug, Clone, Default)]
pub struct DocumentsOptions {
    /// Text that the document's text must contain, whatever the case of the letters.
    pub search: Option<String>,
    /// Conditions on the user's own fields.
    pub conditions: Vec<Condition>,
    /// Name of the class that must be the document's label.
    pub class: Option<String>,
    /// The state that the document must be in.
    pub state: Option<DocumentState>,
    /// Number of the round whose batch must contain the document.
    pub round: Option<u32>,
    /// List at most this many documents.
    pub limit: usize,
    /// Skip this many matching documents first.
    pub offset: usize,
}

/// One page of the documents that match.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DocumentList {
    /// Number of documents that match.
    pub found: usize,
    /// Number of matching documents that were skipped.
    pub offset: usize,
    /// The documents of the page, ordered by id.
    pub documents: Vec<ListedDocument>,
}

/// A document in the list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct ListedDocument {
    /// The document's id.
    pub id: String,
    /// The document's state: `open`, `out`, `labeled`, `tied`, `skipped`, `left_out`, `control` or
    /// `test`.
    pub state: &'static str,
    /// Name of the document's label; `None` without a label.
    pub class: Option<String>,
    /// Numbers of the rounds whose batches contain the document, ascending.
    pub rounds: Vec<u32>,
    /// The document's full text.
    pub text: String,
    /// The user's own fields.
    pub meta: Option<Value>,
}

impl Session {
    /// Finds the documents that match `options`. Returns their number, and one page of them with
    /// their texts.
    ///
    /// # Errors
    /// The class, round or field does not exist, or the workspace cannot be read.
    pub fn documents(&self, options: &DocumentsOptions, progress: &dyn Progress) -> Result<DocumentList> {
        let opened = self.read(progress)?;
        let snapshot = opened.snapshot()?;
        let situation = opened.situation(&snapshot)?;
        let states = states(&snapshot, &situation);
        let mut wanted = wanted(&opened, &snapshot, &situation, &states, options)?;
        if let Some(words) = options.search.as_deref().map(folded).filter(|words| !words.is_empty()) {
            progress.step(Step::Texts, || search(&opened, &words, &mut wanted))?;
        }
        let is_wanted = |document: &usize| wanted[snapshot.documents[*document].place as usize];
        let found: Vec<usize> = (0..snapshot.documents.len()).filter(is_wanted).collect();
        let page = found.iter().skip(options.offset).take(options.limit);
        let documents = page.map(|document| {
            let label = situation.label_of[*document];
            listed(&opened, &snapshot, *document, (states[*document], label))
        });
        let documents = documents.collect::<Result<Vec<ListedDocument>>>()?;
        Ok(DocumentList { found: found.len(), offset: options.offset.min(found.len()), documents })
    }
}

/// Returns the state of each document, in the order of the snapshot.
fn states(snapshot: &Snapshot, situation: &Situation) -> Vec<DocumentState> {
    let of_role = |role| if role == Role::Control { DocumentState::Control } else { DocumentState::Test };
    let mut states: Vec<DocumentState> =
        snapshot.documents.iter().map(|document| of_role(document.role)).collect();
    for (document, state) in situation.pool.iter().zip(State::of_pool(snapshot, situation)) {
        states[*document] = DocumentState::Pool(state);
    }
    states
}

/// Returns for each document, by its place in the corpus, whether it meets every condition except
/// the one on its text.
fn wanted(
    opened: &Opened,
    snapshot: &Snapshot,
    situation: &Situation,
    states: &[DocumentState],
    options: &DocumentsOptions,
) -> Result<Vec<bool>> {
    let class = options.class.as_deref().map(|name| class_named(name, &opened.labels));
    let class = class.transpose().map_err(|problem| SessionError::option("class", problem))?;
    let picked = options.round.map(|round| picked(opened, snapshot, round)).transpose()?;
    let met = match options.conditions.as_slice() {
        [] => None,
        conditions => Some(conditions::met(opened, conditions)?),
    };
    // Documents that were taken back, replaced or forgotten are not in the snapshot. So some places
    // in the corpus have no document here.
    let places = snapshot.documents.iter().map(|document| document.place as usize + 1).max();
    let mut wanted = vec![false; places.unwrap_or(0)];
    for (document, record) in snapshot.documents.iter().enumerate() {
        let place = record.place as usize;
        wanted[place] = options.state.is_none_or(|state| states[document] == state)
            && class.is_none_or(|class| situation.label_of[document] == Some(class))
            && picked.as_ref().is_none_or(|picked| picked[document])
            && met.as_ref().is_none_or(|met| met.documents.get(place) == Some(&true));
    }
    Ok(wanted)
}

/// Returns for each document whether the batch of round `number` contains it.
fn picked(opened: &Opened, snapshot: &Snapshot, number: u32) -> Result<Vec<bool>> {
    let Some(round) = snapshot.rounds.iter().find(|round| round.number == number) else {
        // If the round does not exist, this fails with the rounds that do. If it exists, its files
        // are not written yet.
        opened.workspace.round(number)?;
        return Err(SessionError::NotExported { round: number });
    };
    let mut picked = vec![false; snapshot.documents.len()];
    for pick in &round.picks {
        picked[pick.document] = true;
    }
    Ok(picked)
}

/// Sets `wanted` to false for each document whose text does not contain `words`, whatever the case.
/// The caller has already folded the case of `words`.
fn search(opened: &Opened, words: &str, wanted: &mut [bool]) -> Result<()> {
    let corpus = opened.workspace.corpus()?;
    let (mut place, mut text_folded, n_documents) = (0, String::new(), wanted.len());
    let mut visit = |texts: &[&str]| {
        for text in texts {
            if wanted[place] {
                text_folded.clear();
                fold_into(text, &mut text_folded);
                wanted[place] = text_folded.contains(words);
            }
            place += 1;
        }
        Ok(())
    };
    // Documents that were imported after the snapshot have no place in `wanted`, so they are not
    // read.
    let found = corpus.for_each_chunk(0..corpus.n_documents().min(n_documents), &mut visit);
    found.map_err(SessionError::step("search the texts"))
}

/// Returns one document of the list, with its text.
fn listed(
    opened: &Opened,
    snapshot: &Snapshot,
    document: usize,
    (state, label): (DocumentState, Option<Class>),
) -> Result<ListedDocument> {
    let record = &snapshot.documents[document];
    let id = record.id.to_string();
    let found = opened.workspace.text_of(record)?;
    let has = |round: &&querist_core::RoundRecord| round.picks.iter().any(|pick| pick.document == document);
    Ok(ListedDocument {
        state: state.name(),
        class: label.map(|class| opened.labels.name(class).to_owned()),
        rounds: snapshot.rounds.iter().filter(has).map(|round| round.number).collect(),
        text: found.text,
        meta: found.meta.map(|meta| serde_json::from_str(&meta)).transpose()?,
        id,
    })
}
