//! Errors of turning texts into features.
//!
//! Messages are lowercase fragments that fit after "failed to …: ", and say what to do if the user
//! can do something.

use thiserror::Error;

/// An error of this crate.
#[derive(Debug, Error, Clone, PartialEq)]
#[non_exhaustive]
pub enum TextError {
    /// No tokenizer preset has this name.
    #[error("there is no tokenizer preset \"{name}\"; the presets are: {}", known.join(", "))]
    UnknownPreset {
        /// The name as given.
        name: String,
        /// The names that exist.
        known: &'static [&'static str],
    },
    /// A tokenizer file that is not JSON, or that has parts unknown to this version.
    #[error("{origin}:{line}:{column}: not a tokenizer.json of the Hugging Face format: {problem}")]
    MalformedTokenizer {
        /// The path or name of the file.
        origin: String,
        /// The line in the file, from 1; 0 if unknown.
        line: usize,
        /// The column in the line, from 1; 0 if unknown.
        column: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A tokenizer file whose steps could make a text far too long.
    #[error(
        "{origin}: the steps of this tokenizer could make a text {times:.0} times as long, but at most \
         {most:.0} times is allowed; remove the Replace or Prepend steps that write long texts for short \
         ones"
    )]
    UnboundedTokenizer {
        /// The path or name of the file.
        origin: String,
        /// The factor by which a text can become longer.
        times: f64,
        /// The largest factor that is allowed.
        most: f64,
    },
    /// A tokenizer file that does not say how to split a text into words.
    #[error(
        "{origin}: the tokenizer has no pre_tokenizer, so it cannot split a text into words; add one (for \
         example {{\"type\": \"Whitespace\"}}) or use the preset \"words\""
    )]
    NoPreTokenizer {
        /// The path or name of the file.
        origin: String,
    },
    /// The features have vectors, and a text is given without one.
    #[error("text {text} has no vector, but the features need one of {width} numbers for each text")]
    NoVector {
        /// The index of the text, from 0.
        text: usize,
        /// The width of the vectors.
        width: usize,
    },
    /// A text's vector has another width than the vectors of the corpus.
    #[error("the vector of text {text} has {found} numbers, but the features need {expected}")]
    VectorWidth {
        /// The index of the text, from 0.
        text: usize,
        /// The width of the vector.
        found: usize,
        /// The width of the vectors that the features were fitted to.
        expected: usize,
    },
    /// A text's vector has a value that is not finite.
    #[error("the vector of text {text} has a value that is not finite")]
    VectorNotFinite {
        /// The index of the text, from 0.
        text: usize,
    },
    /// The kind of features has a block of vectors, and there are none.
    #[error("the features \"{features}\" need the documents' vectors, and there are none")]
    NoVectors {
        /// The kind of features.
        features: &'static str,
    },
    /// A space without documents was asked for the rows of documents.
    #[error("these features were read from a file, so they have no documents")]
    NoCorpus,
    /// The tokenizer refused a text.
    #[error("the tokenizer cannot read document {document} of the corpus: {problem}")]
    Untokenizable {
        /// The index of the document in the corpus, from 0.
        document: usize,
        /// The message of the tokenizer.
        problem: String,
    },
    /// A range of word n-grams that is empty or goes too far.
    #[error("word n-grams from {min} to {max} cannot be counted; expected 1 <= min <= max <= {limit}")]
    NgramRange {
        /// The shortest n-gram requested, in words.
        min: usize,
        /// The longest n-gram requested, in words.
        max: usize,
        /// The longest n-gram that can be counted, in words.
        limit: usize,
    },
    /// A range of character n-grams that is empty or goes too far.
    #[error("character n-grams from {min} to {max} cannot be counted; expected 1 <= min <= max <= {limit}")]
    CharacterRange {
        /// The shortest n-gram requested, in characters.
        min: usize,
        /// The longest n-gram requested, in characters.
        max: usize,
        /// The longest n-gram that can be counted, in characters.
        limit: usize,
    },
    /// A number of columns that is not a power of two or is too large.
    #[error("{found} buckets cannot be used; expected a power of two between 2 and {limit}")]
    Buckets {
        /// The number of columns requested.
        found: usize,
        /// The maximum number of columns.
        limit: usize,
    },
    /// The feature file cannot be read or written.
    #[error("{path}: the feature file cannot be {action}: {problem}")]
    FeatureFile {
        /// The path of the file.
        path: String,
        /// The action that failed: `read`, `written` and the like.
        action: &'static str,
        /// The message of the system.
        problem: String,
    },
    /// No kind of features has this name.
    #[error("the features \"{name}\" are unknown; use {known}")]
    UnknownFeatures {
        /// The name as given.
        name: String,
        /// The names that exist, as a list in words.
        known: &'static str,
    },
    /// Weights that belong to other features.
    #[error(
        "weights of {found} columns cannot be applied to features of {expected}; the model was trained on other features"
    )]
    OtherWidth {
        /// The number of columns of the weights.
        found: usize,
        /// The number of columns of the features.
        expected: usize,
    },
    /// A tokenizer or list with more pieces than there can be columns.
    #[error("the vocabulary is too large: it has {found} pieces, and at most {limit} are supported")]
    Vocabulary {
        /// The number of pieces in the vocabulary.
        found: usize,
        /// The maximum number of pieces.
        limit: usize,
    },
    /// A list of words that has a word twice.
    #[error("a list of {lines} words has only {found} different ones")]
    RepeatedWord {
        /// The number of different words.
        found: usize,
        /// The number of words on the list.
        lines: usize,
    },
    /// A file of a static embedding that cannot be read or is malformed.
    #[error("{path}: the embedding cannot be read: {problem}")]
    EmbeddingFile {
        /// The path of the file, or the name of a built-in embedding.
        path: String,
        /// What is wrong with it.
        problem: String,
    },
    /// Features that need a static embedding, but none was given.
    #[error("the features \"{features}\" need a static embedding; add one, or use other features")]
    NoEmbedding {
        /// The name of the features requested.
        features: &'static str,
    },
    /// A learned block whose numbers cannot be the result of learning.
    #[error("the features \"{block}\" are malformed: {problem}")]
    MalformedBlock {
        /// The name of the block.
        block: &'static str,
        /// What is wrong with it.
        problem: String,
    },
    /// The decomposition behind the pool's embedding has no solution.
    #[error("the pool's embedding could not be computed: {problem}")]
    Decomposition {
        /// What is wrong.
        problem: String,
    },
    /// A corpus without documents: there are no document frequencies to learn.
    #[error("the corpus has no documents, so document frequencies cannot be learned")]
    EmptyCorpus,

    /// A rule whose pattern is not a regular expression.
    #[error("rule {rule}: the pattern \"{pattern}\" has an error{}: {problem}", at_character(*.column))]
    MalformedRule {
        /// The rule's number, from 1.
        rule: usize,
        /// The rule's pattern.
        pattern: String,
        /// The position of the fault in the pattern, in characters from 1; 0 if unknown.
        column: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A rule that would vote for its class on every text.
    #[error(
        "rule {rule}: the pattern \"{pattern}\" matches every text, because it also matches the empty string"
    )]
    BoundlessRule {
        /// The rule's number, from 1.
        rule: usize,
        /// The rule's pattern.
        pattern: String,
    },
    /// Patterns that are too large once compiled.
    #[error("the compiled patterns of the rules take more than {limit} bytes; make repetitions shorter")]
    RulesTooLarge {
        /// The maximum size of the compiled patterns, in bytes.
        limit: usize,
    },
}

/// Returns the phrase that names the position of a fault; empty if the position is 0, which means
/// unknown.
fn at_character(column: usize) -> String {
    if column == 0 { String::new() } else { format!(" at character {column}") }
}
