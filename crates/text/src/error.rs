//! What can go wrong between a text and its features.
//!
//! Messages are lowercase fragments that fit after "failed to …: " and say what to do where there
//! is something to do.

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum TextError {
    /// No preset has that name.
    #[error("there is no tokenizer preset \"{name}\"; the presets are: {}", known.join(", "))]
    UnknownPreset {
        /// The name as given.
        name: String,
        /// The names there are.
        known: &'static [&'static str],
    },
    /// A tokenizer file that is not JSON, or whose parts this version does not know.
    #[error("{origin}:{line}:{column}: not a tokenizer.json of the Hugging Face format: {problem}")]
    MalformedTokenizer {
        /// Where the bytes came from.
        origin: String,
        /// Line, from 1; 0 when it is not known.
        line: usize,
        /// Column, from 1; 0 when it is not known.
        column: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A tokenizer file whose steps could make a text far longer.
    #[error(
        "{origin}: the steps of this tokenizer could make a text {times:.0} times as long, but at most \
         {most:.0} times is allowed; remove the Replace or Prepend steps that write long texts for short \
         ones"
    )]
    UnboundedTokenizer {
        /// Where the bytes came from.
        origin: String,
        /// How many times as long, at the worst.
        times: f64,
        /// How many times are the most.
        most: f64,
    },
    /// A tokenizer file that does not say how a text becomes words.
    #[error(
        "{origin}: the tokenizer has no pre_tokenizer, so it cannot split a text into words; add one (for \
         example {{\"type\": \"Whitespace\"}}) or use the preset \"words\""
    )]
    NoPreTokenizer {
        /// Where the bytes came from.
        origin: String,
    },
    /// The tokenizer refused a text.
    #[error("the tokenizer cannot read document {document} of the corpus: {problem}")]
    Untokenizable {
        /// The document, from 0.
        document: usize,
        /// What the tokenizer says.
        problem: String,
    },
    /// An n-gram range that holds nothing, or too much.
    #[error("word n-grams from {min} to {max} cannot be counted; expected 1 <= min <= max <= {limit}")]
    NgramRange {
        /// The shortest n-gram asked for.
        min: usize,
        /// The longest n-gram asked for.
        max: usize,
        /// The longest n-gram that can be counted.
        limit: usize,
    },
    /// A range of n-grams of characters that holds nothing, or too much.
    #[error("character n-grams from {min} to {max} cannot be counted; expected 1 <= min <= max <= {limit}")]
    CharacterRange {
        /// The shortest n-gram asked for.
        min: usize,
        /// The longest n-gram asked for.
        max: usize,
        /// The longest n-gram that can be counted.
        limit: usize,
    },
    /// A number of columns that hashes cannot be masked to, or that no memory holds.
    #[error("{found} buckets cannot be used; expected a power of two between 2 and {limit}")]
    Buckets {
        /// How many were asked for.
        found: usize,
        /// The most there can be.
        limit: usize,
    },
    /// The feature file cannot be read or written.
    #[error("{path}: the feature file cannot be {action}: {problem}")]
    FeatureFile {
        /// Where it is.
        path: String,
        /// What was being done: `read`, `written` and the like.
        action: &'static str,
        /// What the system says.
        problem: String,
    },
    /// No features have that name.
    #[error("the features \"{name}\" are unknown; use {known}")]
    UnknownFeatures {
        /// The name as given.
        name: String,
        /// The names there are.
        known: &'static str,
    },
    /// Weights of other features.
    #[error(
        "weights of {found} columns cannot be applied to features of {expected}; the model was trained on other features"
    )]
    OtherWidth {
        /// How many columns the weights have.
        found: usize,
        /// How many the features have.
        expected: usize,
    },
    /// A tokenizer with more pieces than there can be columns.
    #[error("a vocabulary of {found} pieces cannot be counted: at most {limit} are possible")]
    Vocabulary {
        /// How many it has.
        found: usize,
        /// The most there can be.
        limit: usize,
    },
    /// A list of words that has one of them twice.
    #[error("a list of {lines} words has only {found} different ones")]
    RepeatedWord {
        /// How many differ.
        found: usize,
        /// How many there are.
        lines: usize,
    },
    /// A file of a static embedding that cannot be read, or is not what it should be.
    #[error("{path}: the embedding cannot be read: {problem}")]
    EmbeddingFile {
        /// Where it is.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Features that need a static embedding, and none was given.
    #[error("the features \"{features}\" need a static embedding; add one, or use other features")]
    NoEmbedding {
        /// The features asked for.
        features: &'static str,
    },
    /// What a block learned is not what it could have learned.
    #[error("the features \"{block}\" are malformed: {problem}")]
    MalformedBlock {
        /// The block.
        block: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The embedding of the pool has no solution.
    #[error("the pool's embedding could not be computed: {problem}")]
    Decomposition {
        /// What is wrong.
        problem: String,
    },
    /// A corpus without a document: there are no frequencies to learn.
    #[error("the corpus has no documents, so document frequencies cannot be learned")]
    EmptyCorpus,

    /// A rule whose pattern is not a regular expression.
    #[error("rule {rule}: the pattern \"{pattern}\" has an error{}: {problem}", at_character(*.column))]
    MalformedRule {
        /// The rule, from 1.
        rule: usize,
        /// Its pattern.
        pattern: String,
        /// Where in the pattern, from 1; 0 when it is not known.
        column: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A rule that would vote for its class whatever the text.
    #[error(
        "rule {rule}: the pattern \"{pattern}\" matches every text, because it also matches the empty string"
    )]
    BoundlessRule {
        /// The rule, from 1.
        rule: usize,
        /// Its pattern.
        pattern: String,
    },
    /// Patterns that are too large compiled.
    #[error("the compiled patterns of the rules take more than {limit} bytes; make repetitions shorter")]
    RulesTooLarge {
        /// The most there may be.
        limit: usize,
    },
}

fn at_character(column: usize) -> String {
    if column == 0 { String::new() } else { format!(" at character {column}") }
}
