//! Rows of vectors by hand, and made-up vectors for the properties that hold for every kind.

use querist_core::{Features, FittedFeaturizer, Rows};

use super::super::tests::counter;
use super::super::{FeatureKind, Input, TextFeaturizer};
use super::*;

/// A vector of nine values for each document, so that not all of them fill the lanes of a sum.
pub(super) struct MadeUp;

impl MadeUp {
    /// The vector of a document.
    pub(super) fn of(document: usize) -> Vec<f32> {
        (0..9).map(|j| ((document * 29 + j * 13 + document * j) % 17) as f32 / 8.0 - 0.75).collect()
    }

    /// The vectors of the first `n` documents.
    pub(super) fn first(n: usize) -> Vec<Vec<f32>> {
        (0..n).map(Self::of).collect()
    }
}

impl DocumentVectors for MadeUp {
    fn width(&self) -> usize {
        9
    }

    fn read(&self, documents: &[u32], out: &mut [f32]) -> Result<(), BoxError> {
        for (document, out) in documents.iter().zip(out.chunks_exact_mut(9)) {
            out.copy_from_slice(&Self::of(*document as usize));
        }
        Ok(())
    }
}

/// Texts with their vectors.
pub(super) fn inputs<'a>(texts: &'a [String], vectors: &'a [Vec<f32>]) -> Vec<Input<'a>> {
    texts.iter().zip(vectors).map(|(text, vector)| Input { text, vector: Some(vector) }).collect()
}

#[test]
fn rows_of_vectors_by_hand() {
    // The directions of 2 e1 and of 3 e2; their mean is (1/2, 1/2).
    struct Two;
    impl DocumentVectors for Two {
        fn width(&self) -> usize {
            2
        }
        fn read(&self, documents: &[u32], out: &mut [f32]) -> Result<(), BoxError> {
            for (document, out) in documents.iter().zip(out.chunks_exact_mut(2)) {
                out.copy_from_slice(if *document == 0 { &[2.0, 0.0] } else { &[0.0, 3.0] });
            }
            Ok(())
        }
    }
    let featurizer = TextFeaturizer::new(counter(1), FeatureKind::VECTORS).with_vectors(Arc::new(Two));
    let space = featurizer.fit_texts(&["x", "y"]).unwrap();
    assert_eq!((space.vector_width(), space.n_columns()), (Some(2), 2));
    let half = 0.5_f32.sqrt();
    let Features::Dense(rows) = space.rows(&[0, 1]).gather(&[0, 1]).unwrap() else { panic!("dense") };
    for (found, expected) in rows.iter().zip([half, -half, -half, half]) {
        assert!((found - expected).abs() < 1e-6, "{rows}");
    }
    // A vector in the direction of the mean has a row of zeros.
    let of = |vector: &[f32]| {
        let rows = space.rows_of_inputs(&[Input { text: "", vector: Some(vector) }]);
        rows.map(|rows| rows.norms(&[0]).unwrap()[0]).map_err(|error| error.to_string())
    };
    assert_eq!(of(&[0.5, 0.0]), Ok(1.0));
    for (vector, words) in [
        (&[1.0][..], "the vector of text 0 has 1 numbers, but the features need 2"),
        (&[1.0, f32::NAN], "the vector of text 0 has a value that is not finite"),
    ] {
        assert_eq!(of(vector), Err(words.to_owned()));
    }
    let none = TextFeaturizer::new(counter(1), FeatureKind::VECTORS).fit_texts(&["x"]).err().unwrap();
    assert!(none.to_string().contains("need the documents' vectors"), "{none}");
}

#[test]
fn a_document_at_the_mean_has_no_row() {
    struct Same;
    impl DocumentVectors for Same {
        fn width(&self) -> usize {
            3
        }
        fn read(&self, _: &[u32], out: &mut [f32]) -> Result<(), BoxError> {
            out.chunks_exact_mut(3).for_each(|out| out.copy_from_slice(&[0.1, 0.2, 0.3]));
            Ok(())
        }
    }
    let featurizer = TextFeaturizer::new(counter(1), FeatureKind::VECTORS).with_vectors(Arc::new(Same));
    let space = featurizer.fit_texts(&["x", "y", "z"]).unwrap();
    assert_eq!(space.rows(&[0, 1, 2]).norms(&[0, 1, 2]).unwrap(), [0.0; 3]);
}
