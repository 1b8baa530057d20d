//! The exponential function.
//!
//! Our own: without branches, so that the compiler works on several numbers at once, and without the platform's
//! mathematics library, so that the bits do not depend on it.

/// 1.5 × 2^52: adding it rounds to a whole number, which is then in the lowest bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 without its lowest bits, so that its product with a whole number below 2^11 is exact; and the rest (fdlibm).
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Where the result would leave the normal numbers.
const LOWEST: f64 = -707.0;

/// e^x for x ≤ 0, with a relative error below 5e-16; 0 below -707.
///
/// x = k ln 2 + r with |r| ≤ ln 2 / 2; e^r by its Taylor polynomial of degree 13 (what is left is below 5e-18), 2^k by its
/// bits.
#[inline]
pub(super) fn exp(x: f64) -> f64 {
    let clamped = if x > LOWEST { x } else { LOWEST };
    let rounded = clamped * std::f64::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = (clamped - k * LN_2_HIGH) - k * LN_2_LOW;
    let r2 = r * r;
    let r4 = r2 * r2;
    let low = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6.0));
    let middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5_040.0));
    let high = (1.0 / 40_320.0 + r * (1.0 / 362_880.0)) + r2 * (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0));
    let top = 1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0);
    let polynomial = low + r4 * (middle + r4 * (high + r4 * top));
    let scaled = f64::from_bits(polynomial.to_bits().wrapping_add(rounded.to_bits() << 52));
    if x > LOWEST { scaled } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_the_standard_library() {
        let mut worst = 0.0_f64;
        for step in 0..700_000 {
            let x = -f64::from(step) * 1.000_37e-3;
            worst = worst.max((exp(x) / x.exp() - 1.0).abs());
        }
        assert!(worst < 5e-16, "{worst}");
    }

    #[test]
    fn ends_are_exact() {
        assert_eq!(exp(0.0).to_bits(), 1.0_f64.to_bits());
        assert_eq!(exp(-0.0).to_bits(), 1.0_f64.to_bits());
        for x in [-707.0, -1e4, -1e300, f64::NEG_INFINITY] {
            assert_eq!(exp(x).to_bits(), 0.0_f64.to_bits());
        }
        assert!(exp(-706.9) > 0.0);
    }
}
