//! Reads tables in the layouts of others, which the tests write.

use std::collections::HashMap;
use std::fs;

use safetensors::tensor::TensorView;

use super::*;
use crate::counts::Scratch;
use crate::entry::Entry;

/// Pieces 0 to 8: unknown, and eight words of the test corpus.
const TOKENIZER: &str = r#"{
    "version": "1.0", "truncation": null, "padding": null, "added_tokens": [],
    "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"}, "post_processor": null, "decoder": null,
    "model": {"type": "WordLevel", "unk_token": "?",
              "vocab": {"?": 0, "tax": 1, "bank": 2, "goal": 3, "team": 4, "chip": 5, "code": 6, "the": 7, "of": 8}}
}"#;

type Tensor = (Dtype, Vec<usize>, Vec<u8>);

/// A tensor of single precision.
pub(in super::super) fn floats(values: &[f32], shape: &[usize]) -> Tensor {
    (Dtype::F32, shape.to_vec(), values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

/// Writes a tokenizer and a file of those tensors.
pub(in super::super) fn write_tables(folder: &Path, tensors: &[(&str, Tensor)]) {
    let views = tensors
        .iter()
        .map(|(name, (kind, shape, bytes))| (*name, TensorView::new(*kind, shape.clone(), bytes).unwrap()));
    let notes = HashMap::from([("format".to_owned(), "pt".to_owned())]);
    fs::write(folder.join("model.safetensors"), safetensors::serialize(views, Some(notes)).unwrap()).unwrap();
    fs::write(folder.join("tokenizer.json"), TOKENIZER).unwrap();
}

fn load(tensors: &[(&str, Tensor)]) -> Result<StaticEmbedding, TextError> {
    let folder = tempfile::tempdir().unwrap();
    write_tables(folder.path(), tensors);
    StaticEmbedding::from_folder(folder.path())
}

/// The sum of the vectors of a text's pieces.
fn sum(embedding: &StaticEmbedding, learned: Learned, text: &str) -> Vec<f32> {
    let mut row: Vec<Entry> = Vec::new();
    embedding.counter().count(text, &mut Scratch::default(), &mut row).unwrap();
    let mut sum = vec![0.0; embedding.width()];
    embedding.table(learned).add(&row, &mut sum);
    sum
}

fn plain(embedding: &StaticEmbedding) -> Learned {
    Learned { scales: embedding.scales(None), offset: Vec::new(), texture: Texture::new(1, 1, 1) }
}

#[test]
fn reads_the_layout_of_bert() {
    let values: Vec<f32> = (0..9).flat_map(|piece| [piece as f32, 10.0 * piece as f32]).collect();
    let other = floats(&[1.0], &[1]);
    for name in
        ["embeddings.word_embeddings.weight", "bert.embeddings.word_embeddings.weight", "embedding.weight"]
    {
        let embedding =
            load(&[("a", other.clone()), (name, floats(&values, &[9, 2])), ("z", other.clone())]).unwrap();
        assert_eq!((embedding.n_pieces(), embedding.width()), (9, 2));
        assert_eq!(embedding.pooling, Pooling { smoothing: None, centered: true });
        // tax + tax + the; an unknown word counts for nothing.
        assert_eq!(sum(&embedding, plain(&embedding), "Tax unheard tax the"), [9.0, 90.0]);
    }
}

#[test]
fn reads_the_layout_of_model2vec() {
    // Three rows in half precision: 1, 2, -1 (IEEE 754: 0x3c00, 0x4000, 0xbc00).
    let half = (Dtype::F16, vec![3, 1], vec![0x00, 0x3c, 0x00, 0x40, 0x00, 0xbc]);
    let mapping: Vec<u8> = [0_i64, 1, 2, 0, 1, 2, 0, 1, 2].iter().flat_map(|row| row.to_le_bytes()).collect();
    let weights: Vec<u8> = (0..9).flat_map(|piece| f64::from(piece).to_le_bytes()).collect();
    let tensors = [
        ("embeddings", half),
        ("mapping", (Dtype::I64, vec![9], mapping)),
        ("weights", (Dtype::F64, vec![9], weights)),
    ];
    let embedding = load(&tensors).unwrap();
    assert_eq!(embedding.pooling, Pooling { smoothing: None, centered: false });
    // tax: row 1, weight 1; the: row 1, weight 7; of: row 2, weight 8.
    assert_eq!(sum(&embedding, plain(&embedding), "tax the of of"), [2.0 + 14.0 - 16.0]);
    let without = load(&[("embeddings", floats(&[3.0; 9], &[9, 1]))]).unwrap();
    assert_eq!(sum(&without, plain(&without), "code goal"), [6.0]);
    assert_ne!(embedding.fingerprint(), without.fingerprint());
}

#[test]
fn weights_and_the_mean_by_hand() {
    // Three of the basis's four pieces are "the" (p = 0.75) and one is "tax" (p = 0.25); a = 0.25.
    let values: Vec<f32> = (0..9).map(|piece| piece as f32).collect();
    let pooling = Pooling { smoothing: Some(0.25), centered: true };
    let embedding = load(&[("embedding.weight", floats(&values, &[9, 1]))]).unwrap().with_pooling(pooling);
    let mut totals = [0; 9];
    (totals[7], totals[1]) = (3, 1);
    let scales = embedding.scales(Some(&totals));
    assert_eq!((scales[7], scales[1], scales[4]), (0.25, 0.5, 1.0));
    // (3 · 0.25 · 7 + 1 · 0.5 · 1) / (3 · 0.25 + 1 · 0.5).
    assert_eq!(embedding.mean(&totals, &scales), [4.6]);
    let offset = vec![4.6];
    let found = sum(&embedding, Learned { scales, offset, texture: Texture::new(1, 1, 1) }, "the tax team");
    assert!((found[0] - (0.25 * 2.4 - 0.5 * 3.6 - 0.6)).abs() < 1e-6, "{found:?}");
}

#[test]
fn says_what_is_wrong_with_a_file() {
    let problem = |tensors: &[(&str, Tensor)]| load(tensors).err().unwrap().to_string();
    let table = floats(&[0.0; 18], &[9, 2]);
    let missing = problem(&[("encoder.weight", table.clone())]);
    assert!(
        missing.contains("there is no tensor \"embeddings\"") && missing.contains("\"encoder.weight\""),
        "{missing}"
    );
    let few = problem(&[("embeddings", floats(&[0.0; 8], &[4, 2]))]);
    assert!(few.contains("has 4 vectors for 9 pieces of the tokenizer"), "{few}");
    let flat = problem(&[("embeddings", floats(&[0.0; 9], &[9]))]);
    assert!(flat.contains("has the shape [9]"), "{flat}");
    let kind = problem(&[("embeddings", (Dtype::I8, vec![9, 2], vec![0; 18]))]);
    assert!(kind.contains("is of type I8"), "{kind}");
    let short = problem(&[("embeddings", table.clone()), ("weights", floats(&[1.0], &[1]))]);
    assert!(short.contains("\"weights\" has 1 values for 9 pieces"), "{short}");
    let astray = problem(&[("embeddings", floats(&[0.0; 2], &[1, 2])), ("mapping", floats(&[1.0; 9], &[9]))]);
    assert!(astray.contains("the mapping leads to row 1 of 1"), "{astray}");
    let weightless = problem(&[("embeddings", table.clone()), ("weights", floats(&[f32::NAN; 9], &[9]))]);
    assert!(weightless.contains("not finite"), "{weightless}");
    let empty = problem(&[("embeddings", floats(&[], &[9, 0]))]);
    assert!(empty.contains("have no values"), "{empty}");

    let folder = tempfile::tempdir().unwrap();
    let problem = || StaticEmbedding::from_folder(folder.path()).err().unwrap().to_string();
    assert!(problem().contains("tokenizer.json: the embedding cannot be read"), "{}", problem());
    write_tables(folder.path(), &[("embeddings", table)]);
    let path = folder.path().join("model.safetensors");
    let whole = fs::read(&path).unwrap();
    for bytes in [&whole[..whole.len() - 1], b"{\"json\": true}", b""] {
        fs::write(&path, bytes).unwrap();
        assert!(problem().contains("model.safetensors: the embedding cannot be read"), "{}", problem());
    }
}
