//! Calls into libraries that panic over damaged input where they should fail.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread is within [`caught`].
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread, now, will be caught and become an error: then there is nothing
/// to tell of it.
pub fn panic_is_caught() -> bool {
    CATCHES.get()
}

/// What the work gives; `None` when it panicked, after which whatever it has changed must not be
/// used again.
pub fn caught<T>(work: impl FnOnce() -> T) -> Option<T> {
    let within = CATCHES.replace(true);
    let done = catch_unwind(AssertUnwindSafe(work));
    CATCHES.set(within);
    done.ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_becomes_nothing_and_is_known_to_be_caught() {
        assert_eq!(caught(panic_is_caught), Some(true));
        // Within another one too, and not after it.
        assert_eq!(
            caught(|| (caught(|| [1][std::hint::black_box(7)]), panic_is_caught())),
            Some((None, true))
        );
        assert!(!panic_is_caught());
    }
}
