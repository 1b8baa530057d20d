//! `[cost]`: the price of an hour of annotation. It affects only the figures in reports.

use querist_core::SettingError;
use querist_core::visible::NameFault;
use serde::{Deserialize, Serialize};

/// Number of characters in the name of a currency, at most.
const LONGEST: usize = 8;

/// The price of an hour of annotation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CostSettings {
    /// Price of an hour, above 0; without it (`None`), reports show hours only.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hourly_rate: Option<f64>,
    /// The currency, which reports write after the price; 1 to 8 characters.
    pub currency: String,
}

impl Default for CostSettings {
    fn default() -> Self {
        Self { hourly_rate: None, currency: "EUR".to_owned() }
    }
}

impl CostSettings {
    /// Checks that the hourly rate is positive and that the currency is a short, visible name.
    ///
    /// # Errors
    /// A value is invalid; the error names its key.
    pub fn check(&self) -> Result<(), SettingError> {
        if let Some(rate) = self.hourly_rate.filter(|rate| !(*rate > 0.0 && rate.is_finite())) {
            return Err(SettingError::new("hourly_rate", format!("{rate}; expected a number above 0")));
        }
        let length = self.currency.chars().count();
        if !(1..=LONGEST).contains(&length) || self.currency.trim() != self.currency {
            let what = format!("{:?}; expected 1 to {LONGEST} characters, such as \"EUR\"", self.currency);
            return Err(SettingError::new("currency", what));
        }
        match NameFault::of(&self.currency) {
            Some(fault) => Err(SettingError::new("currency", format!("it {fault}"))),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_above_0_and_a_currency_short() {
        let of = |rate, currency: &str| {
            CostSettings { hourly_rate: rate, currency: currency.to_owned() }
                .check()
                .map_err(|error| error.path)
        };
        assert!(CostSettings::default().check().is_ok() && of(Some(24.5), "Kč").is_ok());
        for rate in [0.0, -3.0, f64::NAN, f64::INFINITY] {
            assert_eq!(of(Some(rate), "EUR").unwrap_err(), ["hourly_rate"]);
        }
        for currency in ["", "too long a", " EUR", "E\u{200b}R"] {
            assert_eq!(of(None, currency).unwrap_err(), ["currency"], "{currency:?}");
        }
    }
}
