//! tf-idf: counts of n-grams, weighed by how rare each is in the corpus.
//!
//! With n documents, df(t) of which contain the n-gram t, and c(t) its count in a document:
//!
//! - idf(t) = ln((1 + n) / (1 + df(t))) + 1, the smoothed inverse document frequency of scikit-learn (`smooth_idf`);
//! - tf(t) = 1 + ln c(t) (`sublinear_tf`; Manning, Raghavan and Schütze, "Introduction to Information Retrieval", 2008,
//!   section 6.4.1);
//! - a document's row is tf(t) idf(t), divided by its Euclidean length.
//!
//! Invariants: the corpus is read once in a fit. A row has unit length, or no entries where its text has no words. Two
//! n-grams that fall into one column count as one. An n-gram of a column that the corpus never hit is dropped, as an
//! unknown word is in scikit-learn. Values are computed in double precision, in column order, and stored as `f32`.
//!
//! Leaves out stop words and limits on df: idf already makes frequent words light, and L2 ignores rare ones.

use querist_core::error::{BoxError, CoreError};
use querist_core::{Corpus, Csr, Features, Featurizer, FittedFeaturizer};
use rayon::prelude::*;

use crate::error::TextError;
use crate::ngram::{Buckets, NgramCounter, NgramRange};
use crate::tokenizer::WordTokenizer;

/// Which formula the values follow; a change of any value changes it.
const FORMULA: u32 = 1;

/// How many documents one task of a thread pool reads.
const BLOCK: usize = 64;

/// What turns a text into counts: shared by the parameters and the fitted featurizer.
#[derive(Debug, Clone)]
struct Counting {
    tokenizer: WordTokenizer,
    ngrams: NgramRange,
    buckets: Buckets,
}

impl Counting {
    /// Counts of the texts, (n, buckets), row by row; `first` is the place of the first in the corpus.
    fn count(&self, texts: &[&str], first: usize) -> Result<Vec<Csr>, BoxError> {
        let blocks = texts.par_chunks(BLOCK).enumerate();
        blocks.map(|(block, texts)| self.count_block(texts, first + block * BLOCK)).collect()
    }

    fn count_block(&self, texts: &[&str], first: usize) -> Result<Csr, BoxError> {
        let mut counts = Csr::empty(self.buckets.count());
        let mut counter = NgramCounter::default();
        for (offset, text) in texts.iter().enumerate() {
            counter.clear();
            self.tokenizer.for_each_word(text, &mut |word| counter.push(word)).map_err(
                |error| match error {
                    TextError::Untokenizable { problem, .. } => {
                        TextError::Untokenizable { document: first + offset, problem }
                    }
                    other => other,
                },
            )?;
            let (columns, values) = counter.finish(self.ngrams, self.buckets);
            counts.push_row(columns, values)?;
        }
        Ok(counts)
    }
}

/// tf-idf over hashed word n-grams, not yet fitted.
#[derive(Debug, Clone)]
pub struct TfIdfFeaturizer {
    counting: Counting,
}

impl TfIdfFeaturizer {
    /// tf-idf of the n-grams of `tokenizer`'s words from `ngrams.0` to `ngrams.1` words, hashed into `buckets` columns.
    ///
    /// # Errors
    /// A range outside 1 to 8 or upside down; buckets that are not a power of two between 2 and 2^28.
    pub fn new(tokenizer: WordTokenizer, ngrams: (usize, usize), buckets: usize) -> Result<Self, TextError> {
        let ngrams = NgramRange::new(ngrams.0, ngrams.1)?;
        let buckets = Buckets::new(buckets)?;
        Ok(Self { counting: Counting { tokenizer, ngrams, buckets } })
    }

    /// Fits and transforms, as [`Featurizer::fit_transform`], keeping the concrete type.
    ///
    /// # Errors
    /// A corpus without documents, or a text that the tokenizer refuses.
    pub fn fit_transform_concrete(&self, corpus: &dyn Corpus) -> Result<(FittedTfIdf, Csr), BoxError> {
        let width = self.counting.buckets.count();
        let mut frequencies = vec![0_u32; width];
        let mut matrix = Csr::empty(width);
        corpus.for_each_chunk(&mut |texts| {
            for block in self.counting.count(texts, matrix.n_rows())? {
                for row in 0..block.n_rows() {
                    block.row(row).0.iter().for_each(|column| frequencies[*column as usize] += 1);
                }
                matrix.append(&block)?;
            }
            Ok(())
        })?;
        if matrix.n_rows() == 0 {
            return Err(TextError::EmptyCorpus.into());
        }
        let idf = inverse_document_frequencies(&frequencies, matrix.n_rows());
        for row in 0..matrix.n_rows() {
            let (columns, values) = matrix.row_mut(row);
            weigh(columns, values, &idf);
        }
        Ok((FittedTfIdf { counting: self.counting.clone(), idf }, matrix))
    }
}

impl Featurizer for TfIdfFeaturizer {
    fn fit_transform(&self, corpus: &dyn Corpus) -> Result<(Box<dyn FittedFeaturizer>, Features), BoxError> {
        let (fitted, matrix) = self.fit_transform_concrete(corpus)?;
        Ok((Box::new(fitted), Features::Sparse(matrix)))
    }

    fn fingerprint(&self) -> String {
        let Counting { tokenizer, ngrams, buckets } = &self.counting;
        format!(
            "tf-idf formula={FORMULA} tokenizer=blake3:{} ngrams={}..={} buckets={} hash=xxh3",
            tokenizer.fingerprint(),
            ngrams.min(),
            ngrams.max(),
            buckets.count()
        )
    }
}

/// tf-idf with the document frequencies of the corpus it was fitted to.
#[derive(Debug, Clone)]
pub struct FittedTfIdf {
    counting: Counting,
    /// One idf a column; 0 marks a column that the corpus never hit.
    idf: Vec<f64>,
}

impl FittedTfIdf {
    /// The idf of a column, at least 1; `None` where the corpus has no such n-gram or the column does not exist.
    pub fn idf(&self, column: u32) -> Option<f64> {
        self.idf.get(column as usize).copied().filter(|idf| *idf > 0.0)
    }

    /// One block of counts, (n, d), as rows of tf-idf.
    fn weigh_block(&self, counts: &Csr) -> Result<Csr, CoreError> {
        let mut out = Csr::empty(counts.n_columns());
        let (mut columns, mut values) = (Vec::new(), Vec::new());
        for row in 0..counts.n_rows() {
            columns.clear();
            values.clear();
            let (all, count) = counts.row(row);
            for (column, count) in all.iter().zip(count).filter(|(column, _)| self.idf(**column).is_some()) {
                columns.push(*column);
                values.push(*count);
            }
            weigh(&columns, &mut values, &self.idf);
            out.push_row(&columns, &values)?;
        }
        Ok(out)
    }
}

impl FittedFeaturizer for FittedTfIdf {
    fn transform(&self, corpus: &dyn Corpus) -> Result<Features, BoxError> {
        let mut matrix = Csr::empty(self.n_columns());
        corpus.for_each_chunk(&mut |texts| {
            for block in self.counting.count(texts, matrix.n_rows())? {
                matrix.append(&self.weigh_block(&block)?)?;
            }
            Ok(())
        })?;
        Ok(Features::Sparse(matrix))
    }

    fn n_columns(&self) -> usize {
        self.counting.buckets.count()
    }
}

/// idf = ln((1 + n) / (1 + df)) + 1 of every column with df > 0, and 0 of the others.
fn inverse_document_frequencies(frequencies: &[u32], n_documents: usize) -> Vec<f64> {
    let total = 1.0 + n_documents as f64;
    let idf = |df: &u32| if *df == 0 { 0.0 } else { (total / (1.0 + f64::from(*df))).ln() + 1.0 };
    frequencies.iter().map(idf).collect()
}

/// Turns the counts of one row into tf-idf of unit length, in place; every column has an idf above 0.
fn weigh(columns: &[u32], counts: &mut [f32], idf: &[f64]) {
    let weight = |column: u32, count: f32| (1.0 + f64::from(count).ln()) * idf[column as usize];
    let squares = columns.iter().zip(counts.iter()).map(|(column, count)| weight(*column, *count).powi(2));
    let length = squares.sum::<f64>().sqrt();
    for (column, value) in columns.iter().zip(counts) {
        *value = (weight(*column, *value) / length) as f32;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::ngram::word_hash;

    const BUCKETS: usize = 1 << 16;

    struct Texts<'a>(&'a [&'a str]);

    impl Corpus for Texts<'_> {
        fn for_each_chunk(
            &self,
            visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
        ) -> Result<(), BoxError> {
            self.0.for_each_chunk(visit)
        }
    }

    fn featurizer(ngrams: (usize, usize)) -> TfIdfFeaturizer {
        TfIdfFeaturizer::new(WordTokenizer::preset("words").unwrap(), ngrams, BUCKETS).unwrap()
    }

    fn value(matrix: &Csr, row: usize, word: &str) -> f64 {
        let column = (word_hash(word) % BUCKETS as u64) as u32;
        let (columns, values) = matrix.row(row);
        columns.binary_search(&column).map_or(0.0, |place| f64::from(values[place]))
    }

    #[test]
    fn values_worked_by_hand() {
        // n = 2; df: a 2, b 1, c 1. idf(a) = ln(3/3) + 1 = 1; idf(b) = idf(c) = ln(3/2) + 1 = 1.405465.
        // Row 0, "a a b": tf(a) = 1 + ln 2 = 1.693147, tf(b) = 1; weights 1.693147 and 1.405465; length 2.200473.
        // Row 1, "c a": weights 1.405465 and 1; length 1.724915.
        let (fitted, matrix) = featurizer((1, 1)).fit_transform_concrete(&Texts(&["A a b", "c a"])).unwrap();
        let close =
            |found: f64, expected: f64| assert!((found - expected).abs() < 1e-6, "{found} {expected}");
        close(value(&matrix, 0, "a"), 0.769_447);
        close(value(&matrix, 0, "b"), 0.638_711);
        close(value(&matrix, 1, "c"), 0.814_803);
        close(value(&matrix, 1, "a"), 0.579_739);
        assert_eq!(matrix.n_nonzeros(), 4);
        let column = |word: &str| (word_hash(word) % BUCKETS as u64) as u32;
        close(fitted.idf(column("b")).unwrap(), 1.405_465);
        assert_eq!(fitted.idf(column("unheard")), None);
        assert_eq!(fitted.idf(u32::MAX), None);
    }

    #[test]
    fn the_corpus_is_read_once_in_a_fit() {
        struct Counted(std::cell::Cell<usize>);
        impl Corpus for Counted {
            fn for_each_chunk(
                &self,
                visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
            ) -> Result<(), BoxError> {
                self.0.set(self.0.get() + 1);
                visit(&["one two"])?;
                visit(&["two three", "four"])
            }
        }
        let corpus = Counted(std::cell::Cell::new(0));
        let (_, matrix) = featurizer((1, 2)).fit_transform_concrete(&corpus).unwrap();
        assert_eq!((corpus.0.get(), matrix.n_rows()), (1, 3));
        let (_, whole) =
            featurizer((1, 2)).fit_transform_concrete(&Texts(&["one two", "two three", "four"])).unwrap();
        assert_eq!(matrix, whole);
    }

    #[test]
    fn a_text_without_words_is_a_row_of_zeros() {
        let (fitted, matrix) =
            featurizer((1, 2)).fit_transform_concrete(&Texts(&[" \u{a0}", "word", ""])).unwrap();
        assert!(matrix.row(0).0.is_empty() && matrix.row(2).0.is_empty());
        assert_eq!(matrix.row(1).1, [1.0]);
        let Features::Sparse(unknown) = fitted.transform(&Texts(&["new words only", "word new"])).unwrap()
        else {
            panic!("tf-idf is sparse");
        };
        assert!(unknown.row(0).0.is_empty());
        assert_eq!(unknown.row(1).1, [1.0]);
    }

    #[test]
    fn refuses_a_corpus_without_documents() {
        let empty: [&str; 0] = [];
        let error = featurizer((1, 2)).fit_transform(&Texts(&empty)).err().unwrap();
        assert_eq!(error.downcast_ref::<TextError>(), Some(&TextError::EmptyCorpus));
        let (fitted, _) = featurizer((1, 2)).fit_transform(&Texts(&["a"])).unwrap();
        assert_eq!(fitted.transform(&Texts(&empty)).unwrap().n_rows(), 0);
    }

    #[test]
    fn an_error_of_the_corpus_comes_through() {
        struct Broken;
        impl Corpus for Broken {
            fn for_each_chunk(
                &self,
                visit: &mut dyn FnMut(&[&str]) -> Result<(), BoxError>,
            ) -> Result<(), BoxError> {
                visit(&["fine"])?;
                Err("the disk is gone".into())
            }
        }
        let error = featurizer((1, 2)).fit_transform(&Broken).err().unwrap();
        assert_eq!(error.to_string(), "the disk is gone");
    }

    #[test]
    fn the_fingerprint_names_all_that_changes_a_value() {
        let tokenizer = || WordTokenizer::preset("words").unwrap();
        let own = WordTokenizer::from_json(br#"{"pre_tokenizer":{"type":"Whitespace"}}"#, "own").unwrap();
        let prints = [
            TfIdfFeaturizer::new(tokenizer(), (1, 2), 1024).unwrap().fingerprint(),
            TfIdfFeaturizer::new(tokenizer(), (1, 1), 1024).unwrap().fingerprint(),
            TfIdfFeaturizer::new(tokenizer(), (1, 2), 2048).unwrap().fingerprint(),
            TfIdfFeaturizer::new(own, (1, 2), 1024).unwrap().fingerprint(),
        ];
        for (place, print) in prints.iter().enumerate() {
            assert!(!prints[place + 1..].contains(print), "{print}");
        }
        assert_eq!(prints[0], TfIdfFeaturizer::new(tokenizer(), (1, 2), 1024).unwrap().fingerprint());
        assert!(TfIdfFeaturizer::new(tokenizer(), (2, 1), 1024).is_err());
        assert!(TfIdfFeaturizer::new(tokenizer(), (1, 2), 1000).is_err());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn rows_have_unit_length_or_none(texts in proptest::collection::vec(any::<String>(), 1..6)) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let (fitted, matrix) = featurizer((1, 3)).fit_transform_concrete(&Texts(&texts)).unwrap();
            for row in 0..matrix.n_rows() {
                let values = matrix.row(row).1;
                let length = values.iter().map(|v| f64::from(*v).powi(2)).sum::<f64>().sqrt();
                prop_assert!(values.is_empty() || (length - 1.0).abs() < 1e-6, "{length}");
            }
            prop_assert_eq!(fitted.transform(&Texts(&texts)).unwrap(), Features::Sparse(matrix));
        }
    }
}
