//! The threads for parallel work: as many as were asked for, or as the system allows.
//!
//! The library for parallel work fails if it cannot start a thread. Results do not depend on the
//! number of threads, so fewer threads are fine, down to the current one.

use std::sync::mpsc::{Sender, channel};

use rayon::{ThreadBuilder, ThreadPoolBuilder};

/// Starts threads that wait for their work; fewer than `wanted` if the system refuses.
fn waiting(wanted: usize) -> Vec<Sender<ThreadBuilder>> {
    let start = |_| {
        let (sender, receiver) = channel::<ThreadBuilder>();
        let work = move || {
            if let Ok(thread) = receiver.recv() {
                thread.run();
            }
        };
        std::thread::Builder::new().spawn(work).ok().map(|_| sender)
    };
    (0..wanted).map_while(start).collect()
}

/// Default number of threads: the value of `RAYON_NUM_THREADS`, or one per processor.
fn usual() -> usize {
    let said = std::env::var("RAYON_NUM_THREADS").ok().and_then(|said| said.parse().ok());
    said.filter(|threads| *threads > 0)
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
}

/// Starts the threads for parallel work.
///
/// # Errors
/// The threads were started before.
pub fn start(wanted: Option<usize>) -> Result<(), rayon::ThreadPoolBuildError> {
    let mut threads = waiting(wanted.unwrap_or_else(usual));
    if threads.is_empty() {
        return ThreadPoolBuilder::new().num_threads(1).use_current_thread().build_global();
    }
    ThreadPoolBuilder::new()
        .num_threads(threads.len())
        .spawn_handler(|thread| {
            let sender = threads.pop().ok_or_else(|| std::io::Error::other("no thread is left"))?;
            sender.send(thread).map_err(|_| std::io::Error::other("a thread has ended"))
        })
        .build_global()
}
