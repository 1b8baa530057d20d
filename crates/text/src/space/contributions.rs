//! How much each word of one text adds to a product.
//!
//! A row's product is a sum over its columns, so each column's part is exact. If a column occurs
//! several times in the text, its part is divided evenly among the occurrences. They may belong to
//! different terms, because two n-grams can be hashed into one column.

use std::collections::HashMap;

use querist_core::Contribution;

use super::pass::Pass;
use super::source::Source;
use crate::entry::Entry;
use crate::error::TextError;

/// The terms of a text in the order in which they first occur, with the contribution of each.
pub(super) struct Contributions {
    n_outputs: usize,
    /// The index in `found` of each term; it is only looked up, never iterated.
    known: HashMap<String, usize>,
    found: Vec<Contribution>,
}

impl Contributions {
    /// Returns contributions without terms; each term will have `n_outputs` values.
    pub(super) fn new(n_outputs: usize) -> Self {
        Self { n_outputs, known: HashMap::new(), found: Vec::new() }
    }

    /// Adds the contributions of the terms of `text` through the blocks of `source`. `pass` has the
    /// weights for these blocks, and `row` the text's counts.
    pub(super) fn add(
        &mut self,
        source: &Source,
        pass: &Pass,
        text: &str,
        row: &[Entry],
    ) -> Result<(), TextError> {
        let mut scratch = Vec::new();
        let factors: Vec<f64> =
            source.blocks.iter().map(|block| block.factor(block.length(row, &mut scratch))).collect();
        let mut hits = vec![0_u32; row.len()];
        let place = |column: u32| row.binary_search_by_key(&column, |entry| entry.column()).ok();
        source.counter.for_each_term(text, &mut |column, _| {
            if let Some(place) = place(column) {
                hits[place] += 1;
            }
        })?;
        source.counter.for_each_term(text, &mut |column, term| {
            let Some(place) = place(column) else { return };
            let share = 1.0 / f64::from(hits[place]);
            let values = self.values(term);
            let m = values.len();
            // The terms are the m outputs of one block after the other.
            for (index, part) in pass.terms(row[place]).enumerate() {
                values[index % m] += share * factors[index / m] * f64::from(part);
            }
        })
    }

    /// Returns the values of a term, which are 0 if the term is new.
    fn values(&mut self, term: &str) -> &mut [f64] {
        let index = if let Some(index) = self.known.get(term) {
            *index
        } else {
            let values = vec![0.0; self.n_outputs];
            self.found.push(Contribution { term: term.to_owned(), values });
            self.known.insert(term.to_owned(), self.found.len() - 1);
            self.found.len() - 1
        };
        &mut self.found[index].values
    }

    /// Returns all terms with their values.
    pub(super) fn finish(self) -> Vec<Contribution> {
        self.found
    }
}
