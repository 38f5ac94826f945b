//! Shows on the terminal how far a scan has come.

use indicatif::{HumanBytes, HumanCount, ProgressBar, ProgressDrawTarget, ProgressStyle};
use scanner_core::Progress;
use std::io::IsTerminal;
use std::sync::atomic::Ordering;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::Duration;

/// A scan that is done sooner needs no progress.
const DELAY: Duration = Duration::from_millis(500);
const TICK: Duration = Duration::from_millis(100);

/// Whether anybody watches: a terminal, and no build server that pretends to be one.
pub(crate) fn is_wanted() -> bool {
    std::io::stderr().is_terminal() && std::env::var_os("CI").is_none_or(|ci| ci.is_empty() || ci == "false")
}

/// Runs `work`, and shows its progress from another thread meanwhile.
pub(crate) fn during<T>(wanted: bool, progress: &Progress, work: impl FnOnce() -> T) -> T {
    if !wanted {
        return work();
    }
    std::thread::scope(|scope| {
        let (done, wait) = mpsc::channel::<()>();
        scope.spawn(move || show(progress, &wait));
        let result = work();
        // The other thread sees the closed channel, also when `work` panics.
        drop(done);
        result
    })
}

fn show(progress: &Progress, wait: &mpsc::Receiver<()>) {
    if wait.recv_timeout(DELAY) != Err(RecvTimeoutError::Timeout) {
        return;
    }
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
    bar.set_style(ProgressStyle::with_template("{spinner} {msg} {elapsed}").expect("the template is valid"));
    loop {
        let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
        let (files, bytes) = (HumanCount(read(&progress.files)), HumanBytes(read(&progress.bytes)));
        let total = match read(&progress.total) {
            0 => String::new(),
            total => format!(" of {}", HumanCount(total)),
        };
        bar.set_message(format!("{files}{total} files, {bytes}, {} findings", HumanCount(read(&progress.findings))));
        bar.tick();
        if wait.recv_timeout(TICK) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    bar.finish_and_clear();
}
