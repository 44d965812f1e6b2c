//! Graceful cancellation on Ctrl-C and SIGTERM.

use crate::dag::{CancelScope, Cause};
use crate::engine::Helm;
use crate::workflow::Workflow;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

/// The exit code of an interrupted process.
const INTERRUPTED: i32 = 130;

impl Workflow {
    /// Cancels the run gracefully when the process receives Ctrl-C or SIGTERM: the run is
    /// [cancelled](crate::Run::cancel), running nodes have their [grace period](Self::grace), and the report and the
    /// trackers are finished. A second signal ends the grace period at once, and a third one ends the process with code
    /// 130.
    ///
    /// Once the first such run has started, these signals no longer end the process by themselves, even when no run is
    /// in progress. Where signals cannot be received, the run is stopped, and its report has the reason. Requires the
    /// feature `signal`.
    ///
    /// ```no_run
    /// # use dagcore::prelude::*;
    /// #[stage]
    /// async fn serve() -> u32 {
    ///     std::future::pending().await
    /// }
    ///
    /// let mut flow = Workflow::new("server").stop_on_signals();
    /// flow.add(serve::new());
    /// let report = flow.run_blocking().or_else(dagcore::Error::into_report)?;
    /// eprintln!("{report}"); // workflow `server` was stopped .. the process received Ctrl-C
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn stop_on_signals(mut self) -> Self {
        self.settings.beside.push(heed);
        self
    }
}

/// Cancels the run at the first signal, ends the grace period at the second, and ends the process at the third. Signals
/// are received from the moment of this call.
fn heed(helm: Helm) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    // tokio panics if its runtime has no signal driver.
    let signals = catch_unwind(AssertUnwindSafe(Signals::new));
    Box::pin(async move {
        match signals {
            Ok(Ok(signals)) => wait(helm, signals).await,
            Ok(Err(error)) => deaf(&helm, &error.to_string()),
            Err(panic) => deaf(&helm, &Cause::panic(panic).to_string()),
        }
    })
}

/// Stops a run that cannot receive the signals it should be cancelled by.
fn deaf(helm: &Helm, why: &str) {
    let why = format!("`stop_on_signals` is set, but signals cannot be received: {why}");
    helm.cancel(CancelScope::EntireRun, &why);
    helm.cancel(CancelScope::EntireRun, &why); // the second call ends the grace period
}

async fn wait(helm: Helm, mut signals: Signals) {
    let mut ended = pin!(helm.ended());
    for nth in 1.. {
        let mut signal = pin!(signals.next());
        let heard = poll_fn(|context| match ended.as_mut().poll(context) {
            Poll::Ready(()) => Poll::Ready(None),
            Poll::Pending => signal.as_mut().poll(context).map(Some),
        });
        match heard.await {
            None => return,
            Some(_) if nth > 2 => std::process::exit(INTERRUPTED),
            Some(signal) => helm.cancel(CancelScope::EntireRun, &format!("the process received {signal}")),
        }
    }
}

#[cfg(unix)]
struct Signals {
    interrupt: tokio::signal::unix::Signal,
    terminate: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self { interrupt: signal(SignalKind::interrupt())?, terminate: signal(SignalKind::terminate())? })
    }

    /// Waits for the next signal, and returns its name.
    async fn next(&mut self) -> &'static str {
        poll_fn(|context| {
            if self.interrupt.poll_recv(context).is_ready() {
                return Poll::Ready("Ctrl-C");
            }
            self.terminate.poll_recv(context).map(|_| "SIGTERM")
        })
        .await
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self)
    }

    /// Waits for the next signal, and returns its name.
    async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            Err(_) => std::future::pending().await,
        }
    }
}
