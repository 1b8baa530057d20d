//! Warnings: what is odd, though nothing is wrong. They go to stderr, and in `--json` into an array `warnings`.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::output::{Talk, one_line};

impl Talk {
    /// A remark for each warning.
    pub fn warn(&self, warnings: &[String]) {
        for warning in warnings {
            self.remark(&format!("warning: {}", one_line(warning)));
        }
    }
}

/// This computer's clock, in microseconds since 1970.
pub fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX / 2)
}
