//! The threads for parallel work: as many as the user asks for, or fewer if the system cannot start
//! more.
//!
//! The library for parallel work fails if it cannot start a thread, so the threads are started
//! here. The number of threads does not change any result. So a single thread, the current one, is
//! enough if need be.

use std::sync::mpsc::{Sender, channel};

use rayon::{ThreadBuilder, ThreadPoolBuilder};

/// Starts `wanted` threads that wait for work, or as many as the system can start. Returns a
/// channel to each thread, which sends it its work.
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

/// Returns the default number of threads: the value of `RAYON_NUM_THREADS`, or one per processor.
fn usual() -> usize {
    let said = std::env::var("RAYON_NUM_THREADS").ok().and_then(|said| said.parse().ok());
    said.filter(|threads| *threads > 0)
        .or_else(|| std::thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1)
}

/// Starts the threads for parallel work: `wanted` threads, or the default number if it is `None`.
///
/// # Errors
/// The threads of this process were already started.
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
