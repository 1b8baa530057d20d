//! Properties that must hold for every kind of features.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use ndarray::Array2;
use querist_core::{ColumnWeights, Features, Featurizer, FittedFeaturizer, Learn, Rows};
use safetensors::Dtype;

use super::embedding::tests::{floats, write_tables};
use super::vector_block::tests::{MadeUp, inputs};
use super::{
    Block, FeatureKind, FittedSpace, Input, Scales, StaticEmbedding, TextFeaturizer, UnitChoice, VECTOR,
};
use crate::counts::Counter;
use crate::ngram::{Buckets, NgramCounter, NgramRange, Units, WordSource};
use crate::splitter::WordSplitter;

/// The columns of the n-grams: few enough for collisions.
const BUCKETS: usize = 1 << 10;

pub(super) fn counter(max: usize) -> Arc<NgramCounter> {
    let words = WordSource::Splitter(WordSplitter::default());
    let range = NgramRange::new(1, max).unwrap();
    Arc::new(NgramCounter::new(words, range, None, Buckets::new(BUCKETS).unwrap()))
}

/// Texts of three kinds, some empty, with repeated words.
pub(super) fn texts(n: usize) -> Vec<String> {
    let words =
        ["tax", "bank", "loan", "goal", "team", "win", "chip", "code", "data", "the", "a", "of", "new"];
    let text = |i: usize| {
        let of_kind = (0..i % 11).map(|j| words[(i % 3) * 3 + (i * 7 + j * 5) % 3]);
        let common = (0..i % 5).map(|j| words[9 + (i / 3 + j) % 4]);
        of_kind.chain(common).chain(i.is_multiple_of(7).then_some("tax")).collect::<Vec<_>>().join(" ")
    };
    (0..n).map(|i| if i % 13 == 5 { " -- ".to_owned() } else { text(i) }).collect()
}

pub(super) fn fit_to(
    featurizer: &TextFeaturizer,
    texts: &[String],
    pool: &[u32],
    basis: &[u32],
) -> FittedSpace {
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let learn = Learn { pool, basis, progress: &|_, _| {} };
    featurizer.fit_space(&texts, learn).unwrap()
}

pub(super) fn featurizer(kind: FeatureKind) -> TextFeaturizer {
    let scales = Scales { lsa: 0.5, statics: 2.0, ..Scales::default() };
    let featurizer = TextFeaturizer::new(counter(2), kind).with_scales(scales).with_rank(5);
    featurizer.with_embedding(bert()).with_vectors(Arc::new(MadeUp))
}

/// A new table of word embeddings in BERT's layout.
pub(super) fn bert() -> Arc<StaticEmbedding> {
    let folder = tempfile::tempdir().unwrap();
    let vectors: Vec<f32> = (0..9 * 6).map(|i| ((i * 29) % 17) as f32 / 8.0 - 1.0).collect();
    write_tables(folder.path(), &[("bert.embeddings.word_embeddings.weight", floats(&vectors, &[9, 6]))]);
    // On Unix a mapped file stays readable after its name is gone.
    Arc::new(StaticEmbedding::from_folder(folder.path()).unwrap())
}

/// A new table in model2vec's layout: weighted pieces that share rows.
pub(super) fn model2vec() -> Arc<StaticEmbedding> {
    let folder = tempfile::tempdir().unwrap();
    let vectors: Vec<f32> = (0..4 * 3).map(|i| ((i * 29) % 17) as f32 / 8.0 - 1.0).collect();
    let weights: Vec<f32> = (0..9).map(|i| i as f32 / 4.0).collect();
    let rows = [0_i32, 3, 1, 2, 2, 0, 3, 1, 0].iter().flat_map(|row| row.to_le_bytes()).collect();
    let tensors = [
        ("embeddings", floats(&vectors, &[4, 3])),
        ("weights", floats(&weights, &[9])),
        ("mapping", (Dtype::I32, vec![9], rows)),
    ];
    write_tables(folder.path(), &tensors);
    Arc::new(StaticEmbedding::from_folder(folder.path()).unwrap())
}

/// The embedding that comes with Querist.
pub(super) fn english() -> Arc<StaticEmbedding> {
    Arc::new(StaticEmbedding::english().unwrap())
}

/// Weights for most of the columns.
pub(super) fn weights(d: usize, m: usize) -> ColumnWeights {
    let columns: Vec<u32> = (0..d as u32).filter(|column| column % 4 != 1).collect();
    let values =
        Array2::from_shape_fn((columns.len(), m), |(i, j)| ((i * 31 + j * 17) % 23) as f64 / 11.0 - 1.0);
    ColumnWeights::new(d, columns, values).unwrap()
}

fn assert_close(a: &Array2<f64>, b: &Array2<f64>) {
    assert_eq!(a.dim(), b.dim());
    for (a, b) in a.iter().zip(b) {
        assert!((a - b).abs() < 1e-5 * b.abs().max(1.0), "{a} {b}");
    }
}

fn kinds() -> impl Iterator<Item = FeatureKind> {
    FeatureKind::all()
}

/// The documents in an order that no id suggests.
fn shuffled(n: u32) -> Vec<u32> {
    (0..n).map(|i| (i * 37 + 11) % n).collect()
}

#[test]
fn the_product_is_that_of_the_gathered_rows() {
    let texts = texts(150);
    let pool = shuffled(150);
    for kind in kinds() {
        let space = fit_to(&featurizer(kind), &texts, &pool, &pool[..120]);
        let rows = space.rows(&pool);
        let chosen: Vec<usize> = (0..150).filter(|row| row % 3 != 1).rev().collect();
        let gathered = rows.gather(&chosen).unwrap();
        for m in [1, 2, 3, 4, 6, 7, 9, 20] {
            let weights = weights(rows.n_columns(), m);
            let expected =
                Rows::product(&gathered, &(0..chosen.len()).collect::<Vec<_>>(), &weights).unwrap();
            assert_close(&rows.product(&chosen, &weights).unwrap(), &expected);
        }
        let norms = rows.norms(&chosen).unwrap();
        for (found, expected) in
            norms.iter().zip(Rows::norms(&gathered, &(0..chosen.len()).collect::<Vec<_>>()).unwrap())
        {
            assert!((found - expected).abs() < 1e-5, "{kind}: {found} {expected}");
        }
    }
}

#[test]
fn a_text_of_the_corpus_has_the_row_of_its_document() {
    let texts = texts(90);
    let pool: Vec<u32> = (0..80).collect();
    let all: Vec<u32> = (0..90).collect();
    for kind in kinds() {
        let space = fit_to(&featurizer(kind), &texts, &pool, &pool[..60]);
        let vectors = MadeUp::first(90);
        let same = space.rows_of_inputs(&inputs(&texts, &vectors)).unwrap();
        let gathered = space.rows(&all).gather(&(0..90).collect::<Vec<_>>()).unwrap();
        assert_eq!(same.gather(&(0..90).collect::<Vec<_>>()).unwrap(), gathered, "{kind}");
        let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
        match space.transform(&borrowed) {
            Ok(transformed) => assert_eq!(transformed, gathered, "{kind}"),
            Err(error) => assert!(
                kind.has(Block::Vectors) && error.to_string().starts_with("text 0 has no vector"),
                "{error}"
            ),
        }
        assert_eq!(matches!(gathered, Features::Dense(_)), !kind.has(Block::Ngram));
        assert_eq!(space.transform(&[]).unwrap().n_rows(), 0);
    }
}

#[test]
fn contributions_sum_to_the_product() {
    let mut texts = texts(60);
    texts[7] = "the tax, the Tax of the unheard the new loan".to_owned();
    let pool: Vec<u32> = (0..60).collect();
    for kind in kinds() {
        let space = fit_to(&featurizer(kind), &texts, &pool, &pool);
        let weights = weights(space.n_columns(), 3);
        let product = space.rows(&pool).product(&[7], &weights).unwrap();
        let vector = MadeUp::of(7);
        let input = Input { text: &texts[7], vector: Some(&vector) };
        let contributions = space.contributions_of(input, &weights).unwrap();
        for output in 0..3 {
            let sum: f64 = contributions.iter().map(|found| found.values[output]).sum();
            assert!((sum - product[[0, output]]).abs() < 1e-5, "{kind}: {sum} {}", product[[0, output]]);
        }
        let terms: Vec<&str> = contributions.iter().map(|found| found.term.as_str()).collect();
        if kind != FeatureKind::VECTORS {
            assert!(terms[0] == "the" && terms.contains(&"tax"), "{terms:?}");
        }
        assert_eq!(terms.last() == Some(&VECTOR), kind.has(Block::Vectors), "{terms:?}");
        assert!(!terms.iter().enumerate().any(|(i, term)| terms[..i].contains(term)), "{terms:?}");
    }
}

#[test]
fn threads_change_nothing() {
    let texts = texts(1_500);
    let pool = shuffled(1_500);
    for kind in kinds() {
        let run = |threads: usize| {
            let pool_of_threads = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool_of_threads.install(|| {
                let space = fit_to(&featurizer(kind).with_rank(20), &texts, &pool, &pool[..1_400]);
                let rows = space.rows(&pool);
                let every: Vec<usize> = (0..1_500).collect();
                let product = rows.product(&every, &weights(rows.n_columns(), 3)).unwrap();
                (rows.gather(&every).unwrap(), product, rows.norms(&every).unwrap())
            })
        };
        let one = run(1);
        assert!(one == run(2) && one == run(8), "{kind}");
    }
}

#[test]
fn a_growing_pool_leaves_the_embedding_as_it_is() {
    let texts = texts(200);
    let early: Vec<u32> = (0..100).collect();
    let late: Vec<u32> = (0..200).collect();
    let every: Vec<usize> = (0..100).collect();
    let rows = |kind, pool: &[u32]| {
        let space = fit_to(&featurizer(kind), &texts, pool, &early);
        let blocks = space.blocks();
        (space.rows(&early).gather(&every).unwrap(), blocks)
    };
    let (before, blocks) = rows(FeatureKind::LSA, &early);
    assert_eq!((blocks[0].name.as_str(), blocks[0].columns, blocks[0].learned_from), ("lsa", 5, 100));
    assert_eq!(rows(FeatureKind::LSA, &late).0, before);
    let (before, _) = rows(FeatureKind::NGRAM, &early);
    let (after, blocks) = rows(FeatureKind::NGRAM, &late);
    assert_ne!(after, before);
    assert_eq!(blocks[0].learned_from, 200);
}

#[test]
fn rows_have_unit_length_or_none() {
    let texts = texts(100);
    let pool: Vec<u32> = (0..100).collect();
    for kind in [FeatureKind::NGRAM, FeatureKind::LSA, FeatureKind::STATIC] {
        let space = fit_to(&featurizer(kind).with_scales(Scales::default()), &texts, &pool, &pool);
        let gathered = space.transform(&["tax goal tax", "", "unheard of words", "zebra"]).unwrap();
        let norms = Rows::norms(&gathered, &[0, 1, 2, 3]).unwrap();
        for (found, expected) in norms.iter().zip([1.0, 0.0, 1.0, 0.0]) {
            assert!((found - expected).abs() < 1e-6, "{kind}: {norms:?}");
        }
    }
}

#[test]
fn weights_of_other_features_are_refused() {
    let texts = texts(20);
    let pool: Vec<u32> = (0..20).collect();
    let space = fit_to(&featurizer(FeatureKind::LSA), &texts, &pool, &pool);
    let error = space.rows(&pool).product(&[0], &weights(6, 2)).unwrap_err().to_string();
    assert!(error.starts_with("weights of 6 columns cannot be applied to features of 5"), "{error}");
    let learn = Learn { pool: &[], basis: &[], progress: &|_, _| {} };
    assert!(featurizer(FeatureKind::NGRAM).fit_space(&Vec::new(), learn).is_err());
}

#[test]
fn what_is_kept_changes_nothing_and_is_used() {
    // The added words have no vector, so a static embedding weighs less.
    let all: Vec<String> = texts(500).into_iter().map(|text| text + " qwx zzk").collect();
    let pool = shuffled(400);
    let every: Vec<u32> = (0..500).collect();
    let rows: Vec<usize> = (0..500).collect();
    for (kind, embedding) in kinds().flat_map(|kind| [(kind, bert()), (kind, english())]) {
        let scales = Scales { lsa: 0.5, fading: true, ..Scales::default() };
        let fresh = || featurizer(kind).with_scales(scales).with_embedding(Arc::clone(&embedding));
        let folder = tempfile::tempdir().unwrap();
        let kept = fresh().with_folder(folder.path());
        let result = |space: &FittedSpace| {
            let view = space.rows(&every);
            let product = view.product(&rows, &weights(space.n_columns(), 3)).unwrap();
            (view.gather(&rows).unwrap(), product, view.norms(&rows).unwrap())
        };
        let memory = result(&fit_to(&fresh(), &all, &pool, &pool));
        let cold = result(&fit_to(&kept, &all, &pool, &pool));
        let names = |folder: &Path| {
            let mut files: Vec<_> = fs::read_dir(folder)
                .unwrap()
                .map(|entry| entry.unwrap())
                .map(|entry| (entry.file_name(), entry.metadata().unwrap().modified().unwrap()))
                .collect();
            files.sort();
            files
        };
        let before = names(folder.path());
        let warm = result(&fit_to(&kept, &all, &pool, &pool));
        assert!(memory == cold && cold == warm, "{kind}");
        assert_eq!(names(folder.path()), before, "{kind}: something was written again");
        assert!(before.iter().all(|(name, _)| !name.to_string_lossy().contains(".new")));
        // Damaged files are written again.
        for (name, _) in &before {
            let path = folder.path().join(name);
            let bytes = fs::read(&path).unwrap();
            fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
        }
        assert!(result(&fit_to(&kept, &all, &pool, &pool)) == memory, "{kind}");
    }
}

#[test]
fn what_is_kept_of_other_texts_is_not_used() {
    let (one, mut other) = (texts(300), texts(300));
    other[3] = "team code team".to_owned();
    let pool: Vec<u32> = (0..300).collect();
    let rows: Vec<usize> = (0..300).collect();
    for kind in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let kept = featurizer(kind).with_folder(folder.path());
        let result = |featurizer: &TextFeaturizer, texts: &[String], pool: &[u32], basis: &[u32]| {
            fit_to(featurizer, texts, pool, basis).rows(&(0..300).collect::<Vec<_>>()).gather(&rows).unwrap()
        };
        for (texts, pool, basis) in [
            (&one, &pool[..], &pool[..]),
            (&other, &pool, &pool),
            (&one, &pool, &pool[..150]),
            (&one, &pool[..200], &pool[..150]),
        ] {
            let expected = result(&featurizer(kind), texts, pool, basis);
            assert!(result(&kept, texts, pool, basis) == expected, "{kind}");
        }
    }
}

#[test]
fn a_corpus_that_grows_adds_to_what_is_kept() {
    let all = texts(900);
    let basis: Vec<u32> = (0..300).collect();
    for kind in kinds() {
        let folder = tempfile::tempdir().unwrap();
        let kept = featurizer(kind).with_folder(folder.path());
        for n in [300, 310, 320, 330, 600, 610, 900] {
            let pool: Vec<u32> = (0..n as u32).collect();
            let result = |featurizer: &TextFeaturizer| {
                let space = fit_to(featurizer, &all[..n], &pool, &basis);
                space.rows(&pool).gather(&(0..n).collect::<Vec<_>>()).unwrap()
            };
            assert!(result(&kept) == result(&featurizer(kind)), "{kind} {n}");
        }
    }
}

#[test]
fn the_text_decides_what_n_grams_consist_of() {
    let counter = |units| -> Arc<dyn Counter> { Arc::new((*counter(2)).clone().with_units(units)) };
    let by_text =
        || UnitChoice::ByText { characters: counter(Units::Characters), both: counter(Units::Both) };
    let units = |kind: FeatureKind, text: &str, n_classes: usize| {
        let featurizer = TextFeaturizer::new(self::counter(2), kind).with_embedding(english());
        let featurizer = featurizer.with_units(by_text()).with_classes(n_classes).with_rank(2);
        let space = featurizer.fit_texts(&[text, "1 2", text]).unwrap();
        (space.units(), space.blocks().into_iter().map(|block| block.units).collect::<Vec<_>>())
    };
    let english = "the loan of the bank is a good one and the team has won the game";
    let german = "gestern wurden zwölf Häuser verkauft, heute keines, morgen vielleicht wieder";
    let all = FeatureKind::NGRAM.and(FeatureKind::LSA).and(FeatureKind::STATIC);
    let characters = Some("characters".to_owned());
    assert_eq!(units(all, english, 3), (Units::Words, vec![None, None, None]));
    assert_eq!(units(all, english, 150).0, Units::Both);
    assert_eq!(units(all, german, 3), (Units::Characters, vec![None, characters.clone(), None]));
    assert_eq!(
        units(FeatureKind::NGRAM.and(FeatureKind::STATIC), german, 3),
        (Units::Characters, vec![characters, None])
    );
    // Nothing is known of the language without an embedding of words.
    assert_eq!(units(FeatureKind::LSA, german, 3).0, Units::Both);
    let with = |units| TextFeaturizer::new(self::counter(2), all).with_units(units).fingerprint();
    assert_ne!(with(UnitChoice::Words), with(by_text()));
}
