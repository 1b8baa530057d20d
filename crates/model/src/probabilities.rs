//! Softmax and loss of one row of logits, without overflow for logits of any size.

/// Replaces the logits of a row by their softmax, the probabilities of the classes. A logit of
/// minus infinity becomes 0.
pub(crate) fn softmax_in_place(logits: &mut [f64]) {
    let max = logits.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    let mut sum = 0.0;
    for z in &mut *logits {
        *z = (*z - max).exp();
        sum += *z;
    }
    for p in logits {
        *p /= sum;
    }
}

/// Returns the loss -ln softmax(logits)\[target\] of a row whose class is `target`, in nats.
pub(crate) fn loss(logits: &[f64], target: usize) -> f64 {
    let max = logits.iter().fold(f64::NEG_INFINITY, |a, b| a.max(*b));
    let sum: f64 = logits.iter().map(|z| (z - max).exp()).sum();
    sum.ln() + max - logits[target]
}

/// Returns the index of the largest logit; of several equally large logits, the lowest index.
pub(crate) fn largest(logits: &[f64]) -> usize {
    let mut best = 0;
    for (place, z) in logits.iter().enumerate() {
        if *z > logits[best] {
            best = place;
        }
    }
    best
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_by_hand() {
        let mut row = [1000.0 + 3_f64.ln(), 1000.0, f64::NEG_INFINITY];
        assert!((loss(&row, 1) - 4_f64.ln()).abs() < 1e-12);
        assert_eq!(largest(&row), 0);
        assert_eq!(largest(&[0.5, 1.0, 1.0]), 1);
        softmax_in_place(&mut row);
        assert!((row[0] - 0.75).abs() < 1e-12 && (row[1] - 0.25).abs() < 1e-12);
        assert_eq!(row[2].to_bits(), 0);
    }
}
