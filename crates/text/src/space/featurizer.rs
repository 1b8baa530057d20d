//! The featurizer that turns the texts of a corpus into features: its parameters and its fit.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use querist_core::error::BoxError;
use querist_core::{Corpus, DocumentVectors, Featurizer, FittedFeaturizer, Learn};

use super::block::{FeatureColumns, Weighing};
use super::embedding::{Learned, StaticEmbedding};
use super::fading;
use super::fitted::FittedSpace;
use super::identity;
use super::kind::{Block, FeatureKind, Scales};
use super::lengths::lengths;
use super::lsa::{self, Lsa, Shape};
use super::shingles::ShingleCounts;
use super::source::Source;
use super::tfidf;
use super::unit_choice::{UnitChoice, block_of_parts};
use super::vector_block::{self, VectorBlock};
use crate::counts::{Counter, Counts};
use crate::error::TextError;
use crate::ngram::Units;

/// The version of the formulas; it goes up when any value changes.
const FORMULA: u32 = 2;

/// A featurizer for texts, not yet fitted.
#[derive(Clone)]
pub struct TextFeaturizer {
    counter: Arc<dyn Counter>,
    units: UnitChoice,
    kind: FeatureKind,
    scales: Scales,
    rank: Option<usize>,
    n_classes: usize,
    embedding: Option<Arc<StaticEmbedding>>,
    vectors: Option<Arc<dyn DocumentVectors>>,
    shingles: Option<Arc<dyn Counter>>,
    folder: Option<PathBuf>,
}

impl TextFeaturizer {
    /// Returns a featurizer for features of this kind, with n-grams counted by `counter`. Nothing
    /// is stored on disk.
    pub fn new(counter: Arc<dyn Counter>, kind: FeatureKind) -> Self {
        let scales = Scales::default();
        Self {
            counter,
            units: UnitChoice::Words,
            kind,
            scales,
            rank: None,
            n_classes: 0,
            embedding: None,
            vectors: None,
            shingles: None,
            folder: None,
        }
    }

    /// Returns the same featurizer with another decision on what n-grams consist of.
    #[must_use]
    pub fn with_units(self, units: UnitChoice) -> Self {
        Self { units, ..self }
    }

    /// Returns the kind of features.
    pub fn kind(&self) -> FeatureKind {
        self.kind
    }

    /// Returns the same featurizer with other scales of the blocks.
    #[must_use]
    pub fn with_scales(self, scales: Scales) -> Self {
        Self { scales, ..self }
    }

    /// Returns the same featurizer with at most `rank` dimensions for the pool's embedding, instead
    /// of [`lsa::rank`].
    #[must_use]
    pub fn with_rank(self, rank: usize) -> Self {
        Self { rank: Some(rank), ..self }
    }

    /// Returns the same featurizer for `n_classes` classes. With many classes, the weak directions
    /// of the pool's embedding count as much as the strong ones ([`lsa::damping`]).
    #[must_use]
    pub fn with_classes(self, n_classes: usize) -> Self {
        Self { n_classes, ..self }
    }

    /// Returns the same featurizer with a static embedding. Kinds without a static block ignore
    /// it.
    #[must_use]
    pub fn with_embedding(self, embedding: Arc<StaticEmbedding>) -> Self {
        Self { embedding: Some(embedding), ..self }
    }

    /// Returns the same featurizer with the vectors of the corpus. Kinds without a block of vectors
    /// ignore them.
    #[must_use]
    pub fn with_vectors(self, vectors: Arc<dyn DocumentVectors>) -> Self {
        Self { vectors: Some(vectors), ..self }
    }

    /// Returns the same featurizer with shingles, which are the columns that `counter` counts. They
    /// do not change the features.
    #[must_use]
    pub fn with_shingles(self, counter: Arc<dyn Counter>) -> Self {
        Self { shingles: Some(counter), ..self }
    }

    /// Returns the same featurizer, which stores results that can be derived again in files of this
    /// folder.
    #[must_use]
    pub fn with_folder(self, folder: &Path) -> Self {
        Self { folder: Some(folder.to_owned()), ..self }
    }

    /// Returns the path of the file that stores the result with this key; `None` without a folder.
    fn path(&self, kind: &str, key: &str, extension: &str) -> Option<PathBuf> {
        let name = blake3::hash(key.as_bytes()).to_hex();
        Some(self.folder.as_ref()?.join(format!("{kind}-{}.{extension}", &name[..16])))
    }

    /// Fits a space to these texts, learning from all of them, and returns it.
    ///
    /// # Errors
    /// There are no texts, or a text cannot be read.
    pub fn fit_texts(&self, texts: &[&str]) -> Result<FittedSpace, BoxError> {
        let pool: Vec<u32> = (0..texts.len() as u32).collect();
        self.fit_space(&texts.to_vec(), Learn { pool: &pool, basis: &pool, progress: &|_, _| () })
    }

    /// Fits a space to the corpus like [`Featurizer::fit`], but returns the concrete type.
    ///
    /// # Errors
    /// The same as for [`Featurizer::fit`].
    pub fn fit_space(&self, corpus: &dyn Corpus, learn: Learn<'_>) -> Result<FittedSpace, BoxError> {
        if learn.pool.is_empty() {
            return Err(TextError::EmptyCorpus.into());
        }
        let statics = self.statics(corpus, learn)?;
        let known = statics.as_ref().map(|statics| (statics.embedding, statics.learned.texture));
        let (units, parts) = self.units.decide(known, self.n_classes, self.kind);
        let mut start = 0;
        let mut sources = Vec::new();
        for (counter, of_source) in sources_of(self.kind, &self.counter, parts) {
            let counts = self.counts("ngram", &**counter, corpus, learn)?;
            let mut blocks = Vec::new();
            for block in of_source {
                let columns = match block {
                    Block::Ngram => self.ngrams(&**counter, &counts, learn.pool, start)?,
                    Block::Lsa => self.lsa((&**counter, units), &counts, learn.basis, start)?,
                    Block::Static | Block::Vectors => continue,
                };
                start += columns.n_columns();
                blocks.push(columns);
            }
            sources.push(Source { counter: Arc::clone(counter), counts, blocks });
        }
        if let Some(statics) = statics {
            let source = self.static_source(statics, start)?;
            start += source.blocks.iter().map(FeatureColumns::n_columns).sum::<usize>();
            sources.push(source);
        }
        let vectors = self.vector_block(learn, start)?;
        let shingles = self.shingle_counts(&sources, corpus, learn)?;
        Ok(FittedSpace::new(sources, shingles).with_units(units).with_vectors(vectors))
    }

    /// Returns whether the kind has a block that is made from n-grams.
    fn has_ngrams(&self) -> bool {
        self.kind.has(Block::Ngram) || self.kind.has(Block::Lsa)
    }

    /// Returns the counts of all documents; `name` begins the name of their file.
    fn counts(
        &self,
        name: &str,
        counter: &dyn Counter,
        corpus: &dyn Corpus,
        learn: Learn<'_>,
    ) -> Result<Counts, BoxError> {
        let path = self.path(name, &counter.fingerprint(), "counts");
        Counts::open(path.as_deref(), counter, corpus, learn.progress)
    }

    /// Returns the counts that shingles are read from: those of a source that uses the same
    /// counter, otherwise new ones. `None` if no shingles were requested.
    fn shingle_counts(
        &self,
        sources: &[Source],
        corpus: &dyn Corpus,
        learn: Learn<'_>,
    ) -> Result<Option<ShingleCounts>, BoxError> {
        let Some(counter) = &self.shingles else { return Ok(None) };
        let wanted = counter.fingerprint();
        if let Some(source) = sources.iter().position(|source| source.counter.fingerprint() == wanted) {
            return Ok(Some(ShingleCounts::Shared(source)));
        }
        Ok(Some(ShingleCounts::Own(self.counts("ngram", &**counter, corpus, learn)?)))
    }

    /// Returns the block of the n-grams, whose columns begin at `start`, with document frequencies
    /// from `pool`.
    fn ngrams(
        &self,
        counter: &dyn Counter,
        counts: &Counts,
        pool: &[u32],
        start: usize,
    ) -> Result<FeatureColumns, TextError> {
        let name = format!("tf-idf formula={} {}", tfidf::FORMULA, counter.fingerprint());
        // Chunks in memory have no digest, so nothing derived from them is stored.
        let key = identity::of_chunks(counts, pool).map(|pool| format!("{name} pool={pool}"));
        let kept = |extension| Some((self.path("tfidf", &name, extension)?, key.as_deref()?));
        let idf = tfidf::cached(borrowed(kept("safetensors").as_ref()), counts, pool)?;
        let weighing = Weighing::Idf { idf, tf: tfidf::sublinear() };
        let scale = self.scales.of(Block::Ngram);
        let block = FeatureColumns {
            block: Block::Ngram,
            learned_from: pool.len(),
            start,
            scale,
            weighing,
            lengths: vec![],
        };
        let lengths = lengths(&block, counts, borrowed(kept("lengths").as_ref()))?;
        Ok(FeatureColumns { lengths, ..block })
    }

    /// Returns the block of the pool's embedding, whose columns begin at `start`, learned from
    /// `basis`.
    fn lsa(
        &self,
        (counter, units): (&dyn Counter, Units),
        counts: &Counts,
        basis: &[u32],
        start: usize,
    ) -> Result<FeatureColumns, TextError> {
        let rank = self.rank.unwrap_or_else(|| lsa::rank(basis.len()));
        let (damping, iterations) = (lsa::damping(self.n_classes), lsa::iterations(units));
        let shape = Shape { rank, damping, iterations };
        let name =
            format!("lsa {} rank={rank} {}", lsa::fingerprint(damping, iterations), counter.fingerprint());
        let (lsa, digest) = match self.path("lsa", &name, "safetensors") {
            Some(path) => Lsa::cached(&path, &name, counts, basis, shape)?,
            None => (Lsa::fit(counts, basis, shape)?, String::new()),
        };
        let kept = self.path("lsa", &name, "lengths").map(|path| (path, format!("{name} {digest}")));
        let weighing = Weighing::Table(lsa.table(counts.n_columns()));
        let scale = self.scales.of(Block::Lsa);
        let block = FeatureColumns {
            block: Block::Lsa,
            learned_from: basis.len(),
            start,
            scale,
            weighing,
            lengths: vec![],
        };
        let lengths = lengths(&block, counts, borrowed(kept.as_ref()))?;
        Ok(FeatureColumns { lengths, ..block })
    }

    /// Counts the words of the static embedding, and learns its pooling from the basis. `None` for
    /// a kind without a static embedding.
    fn statics(&self, corpus: &dyn Corpus, learn: Learn<'_>) -> Result<Option<Statics<'_>>, BoxError> {
        if !self.kind.has(Block::Static) {
            return Ok(None);
        }
        let Some(embedding) = &self.embedding else {
            return Err(TextError::NoEmbedding { features: self.kind.name() }.into());
        };
        let counts = self.counts("pieces", &**embedding.counter(), corpus, learn)?;
        let name = format!("static {}", embedding.fingerprint());
        let key = identity::of_chunks(&counts, learn.basis).map(|basis| format!("{name} basis={basis}"));
        let kept = self.path("static", &name, "safetensors").zip(key);
        let learned = embedding.learn(borrowed(kept.as_ref()), &counts, learn.basis)?;
        Ok(Some(Statics { embedding, counts, learned, name }))
    }

    /// Returns the block of the documents' vectors, whose columns begin at `start`; `None` for a
    /// kind without it.
    fn vector_block(&self, learn: Learn<'_>, start: usize) -> Result<Option<VectorBlock>, BoxError> {
        if !self.kind.has(Block::Vectors) {
            return Ok(None);
        }
        let Some(vectors) = &self.vectors else {
            return Err(TextError::NoVectors { features: self.kind.name() }.into());
        };
        let scale = self.scales.of(Block::Vectors);
        Ok(Some(VectorBlock::fit(vectors, learn, scale, start)?))
    }

    /// Returns the source of the static embedding, whose block's columns begin at `start`.
    fn static_source(&self, statics: Statics<'_>, start: usize) -> Result<Source, TextError> {
        let Statics { embedding, counts, learned, name } = statics;
        // The lengths depend only on the learned values, so their key does not contain the basis.
        let key = format!("{name} learned={}", learned.digest());
        let kept = self.path("static", &name, "lengths").map(|path| (path, key));
        let weight = if self.scales.fading { learned.texture.weight() } else { 1.0 };
        let weighing = Weighing::Table(embedding.table(learned));
        let scale = self.scales.of(Block::Static) * weight;
        let block =
            FeatureColumns { block: Block::Static, learned_from: 0, start, scale, weighing, lengths: vec![] };
        let lengths = lengths(&block, &counts, borrowed(kept.as_ref()))?;
        let blocks = vec![FeatureColumns { lengths, ..block }];
        Ok(Source { counter: Arc::clone(embedding.counter()), counts, blocks })
    }
}

/// Returns the counters of the n-gram blocks of a kind, in the order of the blocks, each with its
/// blocks. `words` counts words, and `parts` parts of words, if they are counted.
fn sources_of<'a>(
    kind: FeatureKind,
    words: &'a Arc<dyn Counter>,
    parts: Option<&'a Arc<dyn Counter>>,
) -> Vec<(&'a Arc<dyn Counter>, Vec<Block>)> {
    let with_parts = block_of_parts(kind.blocks());
    let (of_parts, of_words): (Vec<Block>, Vec<Block>) = [Block::Ngram, Block::Lsa]
        .into_iter()
        .filter(|block| kind.has(*block))
        .partition(|block| parts.is_some() && *block == with_parts);
    let sources = [(Some(words), of_words), (parts, of_parts)].into_iter();
    sources
        .filter_map(|(counter, blocks)| Some((counter?, blocks)))
        .filter(|(_, blocks)| !blocks.is_empty())
        .collect()
}

/// A static embedding with the counts of its words, and what its pooling learned.
struct Statics<'a> {
    embedding: &'a StaticEmbedding,
    counts: Counts,
    learned: Learned,
    /// All parameters of the embedding, as text.
    name: String,
}

/// Returns references to a path and its key.
fn borrowed<P: AsRef<Path>, K: AsRef<str>>(kept: Option<&(P, K)>) -> Option<(&Path, &str)> {
    kept.map(|(path, key)| (path.as_ref(), key.as_ref()))
}

impl Featurizer for TextFeaturizer {
    fn fit(&self, corpus: &dyn Corpus, learn: Learn<'_>) -> Result<Box<dyn FittedFeaturizer>, BoxError> {
        Ok(Box::new(self.fit_space(corpus, learn)?))
    }

    fn fingerprint(&self) -> String {
        let mut print = format!("space formula={FORMULA} features={}", self.kind);
        for block in self.kind.blocks() {
            print += &format!(" {}-scale={}", block.name(), self.scales.of(block));
        }
        if self.has_ngrams() {
            print += &format!(" counter=({})", self.counter.fingerprint());
            print += &self.units.fingerprint(self.n_classes);
        }
        if self.kind.has(Block::Lsa) {
            let rank = self.rank.map_or("by-pool".to_owned(), |rank| rank.to_string());
            let of_words = lsa::fingerprint(lsa::damping(self.n_classes), lsa::iterations(Units::Words));
            print += &format!(" lsa=({of_words} rank={rank})");
        }
        if let Some(embedding) = self.embedding.as_ref().filter(|_| self.kind.has(Block::Static)) {
            print += &format!(" static=({})", embedding.fingerprint());
            if self.scales.fading {
                print += &format!(" fading={}", fading::FORMULA);
            }
        }
        if let Some(vectors) = self.vectors.as_ref().filter(|_| self.kind.has(Block::Vectors)) {
            print += &format!(" vectors=(formula={} width={})", vector_block::FORMULA, vectors.width());
        }
        print
    }
}
