//! Which documents to label next, from probabilities that any model may have made: two strategies
//! by name, then a batch of several shares.

use std::error::Error;

use querist_query::ndarray::Array2;
use querist_query::{
    BatchSettings, Features, Ingredients, LabelSet, Order, PoolView, Probabilities, Seed, Stock, catalog,
    compose, pick,
};

/// How many documents there are.
const DOCUMENTS: usize = 40;

#[expect(clippy::print_stdout, reason = "an example shows what it found")]
fn main() -> Result<(), Box<dyn Error>> {
    let labels = LabelSet::new(["billing", "delivery"])?;
    // Row i has the probability i / 40 of "delivery": rows around 20 are the least sure.
    let share = |row: usize| row as f64 / DOCUMENTS as f64;
    let probabilities = Probabilities::new(Array2::from_shape_fn((DOCUMENTS, 2), |(row, class)| {
        if class == 0 { 1.0 - share(row) } else { share(row) }
    }))?;
    // Four groups of documents that say the same.
    let features = Features::Dense(Array2::from_shape_fn((DOCUMENTS, 4), |(row, column)| {
        f32::from(u8::from(row % 4 == column))
    }));
    let open: Vec<usize> = (0..DOCUMENTS).collect();
    let pool = PoolView::new(&features, &open).with_probabilities(&probabilities);

    for name in ["margin", "badge"] {
        let strategy = catalog::by_name(name, &Ingredients::new(labels.clone()))?;
        let picks = pick(&*strategy, pool, 4, Seed(1))?;
        println!("{name}: {:?}", picks.iter().map(|pick| pick.row).collect::<Vec<_>>());
    }

    let mix = "uncertainty=0.5,ratio=0.3,random=0.2".parse()?;
    let settings = BatchSettings { size: 10, mix, strategy: "badge".into(), ..BatchSettings::default() };
    let badge = catalog::by_name("badge", &Ingredients::new(labels.clone()))?;
    let order = Order::new(&settings, Some(&*badge))?;
    let batch = compose(order, Stock::new(pool, &labels, &[0, 0]), Seed(1), 1)?;
    for share in batch.shares.iter().filter(|share| share.given > 0) {
        let rows = batch.picks.iter().filter(|pick| pick.share == share.share);
        println!("{}: {:?}", share.share.name(), rows.map(|pick| pick.document).collect::<Vec<_>>());
    }
    Ok(())
}
