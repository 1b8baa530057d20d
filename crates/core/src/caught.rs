//! Catches panics of libraries that panic on damaged input instead of returning an error.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind};

thread_local! {
    /// Whether this thread is inside [`caught`].
    static CATCHES: Cell<bool> = const { Cell::new(false) };
}

/// Returns whether this thread is inside [`caught`], where a panic is caught. A panic hook then
/// prints nothing.
pub fn panic_is_caught() -> bool {
    CATCHES.get()
}

/// Calls `work` and returns its result, or `None` if it panicked. After a panic, the caller must
/// not use anything that `work` may have changed.
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
        // The flag is still set after an inner call that panics, and cleared after the outer call.
        assert_eq!(
            caught(|| (caught(|| [1][std::hint::black_box(7)]), panic_is_caught())),
            Some((None, true))
        );
        assert!(!panic_is_caught());
    }
}
