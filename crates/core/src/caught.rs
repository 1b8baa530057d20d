//! Calls into libraries that panic on damaged input instead of returning an error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread is inside [`caught`].
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Whether a panic of this thread would be caught now and become an error. A panic hook then stays
/// silent.
pub fn panic_is_caught() -> bool {
    CATCHES.get()
}

/// The result of `work`; `None` if it panicked. After a panic, nothing that `work` has changed may
/// be used again.
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
        // This holds inside another call too, and no longer after it.
        assert_eq!(
            caught(|| (caught(|| [1][std::hint::black_box(7)]), panic_is_caught())),
            Some((None, true))
        );
        assert!(!panic_is_caught());
    }
}
