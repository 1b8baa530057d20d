//! The exponential function and the logarithm.
//!
//! Our own versions have no branches, so that the compiler can work on several numbers at once.
//! They do not use the platform's mathematics library, so that the bits do not depend on it.

/// 1.5 × 2^52. Adding it to a number rounds the number to a whole one, which is then in the lowest
/// bits of the sum.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// The high part of ln 2 (fdlibm): ln 2 without its lowest bits, so that its product with a whole
/// number below 2^11 is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
/// The low part of ln 2, which is ln 2 minus the high part.
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;
/// Below this argument the result would leave the normal numbers.
const LOWEST: f64 = -707.0;

/// Returns e^x for x ≤ 0, with a relative error below 5e-16. Returns 0 for x below -707 and for
/// NaN.
///
/// Let x = k ln 2 + r with |r| ≤ ln 2 / 2, so e^x = 2^k e^r. A Taylor polynomial of degree 13 gives
/// e^r (its remainder is below 5e-18). Adding k to the exponent bits of e^r multiplies it by 2^k.
#[inline]
pub fn exp(x: f64) -> f64 {
    let clamped = if x > LOWEST { x } else { LOWEST };
    let rounded = clamped * std::f64::consts::LOG2_E + ROUND;
    let k = rounded - ROUND;
    let r = (clamped - k * LN_2_HIGH) - k * LN_2_LOW;
    let r2 = r * r;
    let r4 = r2 * r2;
    // The polynomial is grouped so that most operations do not wait for each other (Estrin's
    // scheme).
    let low = (1.0 + r) + r2 * (0.5 + r * (1.0 / 6.0));
    let middle = (1.0 / 24.0 + r * (1.0 / 120.0)) + r2 * (1.0 / 720.0 + r * (1.0 / 5_040.0));
    let high = (1.0 / 40_320.0 + r * (1.0 / 362_880.0)) + r2 * (1.0 / 3_628_800.0 + r * (1.0 / 39_916_800.0));
    let top = 1.0 / 479_001_600.0 + r * (1.0 / 6_227_020_800.0);
    let polynomial = low + r4 * (middle + r4 * (high + r4 * top));
    // The whole number k is in the lowest bits of `rounded`; 52 bits higher it adds to the
    // exponent.
    let scaled = f64::from_bits(polynomial.to_bits().wrapping_add(rounded.to_bits() << 52));
    if x > LOWEST { scaled } else { 0.0 }
}

/// 2^52 plus the bias of exponents. The code reads an exponent as a number in two steps: it puts
/// the biased exponent bits into the lowest bits of 2^52, and subtracts this constant.
const BIAS: f64 = 4_503_599_627_370_496.0 + 1_023.0;
/// The bits of 2^52.
const TWO_52: u64 = 0x4330_0000_0000_0000;
/// The bits of a number slightly below √(1/2). Mantissas are normalised to the interval from this
/// number to its double, about √2 (fdlibm).
const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
/// The bits of 1.
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// The mask of the bits below the exponent.
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
/// The coefficients of fdlibm's approximation of (ln (1 + f) - f) in f / (2 + f).
const LOG: [f64; 7] = [
    6.666_666_666_666_735e-1,
    3.999_999_999_940_942e-1,
    2.857_142_874_366_239e-1,
    2.222_219_843_214_978_4e-1,
    1.818_357_216_161_805e-1,
    1.531_383_769_920_937_3e-1,
    1.479_819_860_511_658_6e-1,
];

/// Returns ln x for a normal, finite x > 0, with an error below one unit in the last place. For
/// any other x the result is arbitrary.
///
/// Let x = 2^k (1 + f) with 1 + f between √(1/2) and √2, so ln x = k ln 2 + ln (1 + f). ln (1 + f)
/// is approximated in s = f / (2 + f), as in fdlibm's `e_log.c` (Sun Microsystems 1993).
#[inline]
pub fn ln(x: f64) -> f64 {
    // This shift moves √(1/2) to 1. The exponent bits of the result then hold k, and 1 + f is
    // computed from its mantissa bits.
    let shifted = x.to_bits().wrapping_add(ONE - ROOT_HALF);
    let k = f64::from_bits((shifted >> 52) | TWO_52) - BIAS;
    let f = f64::from_bits((shifted & MANTISSA) + ROOT_HALF) - 1.0;
    let half_square = 0.5 * f * f;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let odd = w * (LOG[1] + w * (LOG[3] + w * LOG[5]));
    let even = z * (LOG[0] + w * (LOG[2] + w * (LOG[4] + w * LOG[6])));
    let rest = s * (half_square + (odd + even)) + k * LN_2_LOW;
    k * LN_2_HIGH - ((half_square - rest) - f)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_agree_with_the_standard_library() {
        let close = |x: f64| {
            let (found, expected) = (ln(x), x.ln());
            assert!((found - expected).abs() <= 4e-16 * expected.abs().max(1e-3), "{x}: {found} {expected}");
        };
        (1..700_000).for_each(|step| close(f64::from(step) * 1.000_37e-3));
        (-1020..1020).for_each(|power| close(1.3 * f64::from(power).exp2()));
        (1..2000).for_each(|step| close(1.0 + f64::from(step - 1000) * 1e-7));
        assert_eq!(ln(1.0).to_bits(), 0.0_f64.to_bits());
    }

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
