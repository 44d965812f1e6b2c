//! Ctrl-C and SIGTERM, for runs that are to end in order when they come.

use crate::dag::{CancelScope, Cause};
use crate::engine::Helm;
use crate::workflow::Workflow;
use std::future::{Future, poll_fn};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

/// What a process exits with that was interrupted.
const INTERRUPTED: i32 = 130;

impl Workflow {
    /// Ends the run in order when the process is told to end, by Ctrl-C or SIGTERM: the run is [cancelled](crate::Run::cancel), what
    /// runs has its [time of grace](Self::grace), and the report and the trackers are finished. A second signal ends the time
    /// of grace at once, a third one ends the process, with code 130.
    ///
    /// From the first run that is told so, signals do not end the process by themselves any more, also when no run goes on.
    /// Where it cannot be told of signals, the run is stopped and says why. With the feature `signal`.
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
    /// eprintln!("{report}"); // workflow `server` was stopped .. the process was told to end by Ctrl-C
    /// # Ok::<(), dagcore::Error>(())
    /// ```
    pub fn stop_on_signals(mut self) -> Self {
        self.settings.beside.push(heed);
        self
    }
}

/// Cancels the run at the first signal, waits for nothing at the second, and ends the process at the third. It hears of
/// signals from the moment on when this is called.
fn heed(helm: Helm) -> Pin<Box<dyn Future<Output = ()> + Send>> {
    // Without a driver for signals the runtime panics.
    let signals = catch_unwind(AssertUnwindSafe(Signals::new));
    Box::pin(async move {
        match signals {
            Ok(Ok(signals)) => wait(helm, signals).await,
            Ok(Err(error)) => deaf(&helm, &error.to_string()),
            Err(panic) => deaf(&helm, &Cause::panic(panic).to_string()),
        }
    })
}

/// Ends a run that was to end in order at a signal, and cannot.
fn deaf(helm: &Helm, why: &str) {
    let why = format!("it is to end in order at a signal, and cannot hear of signals: {why}");
    helm.cancel(CancelScope::EntireRun, &why);
    helm.cancel(CancelScope::EntireRun, &why); // waiting for nothing
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
            Some(signal) => helm.cancel(CancelScope::EntireRun, &format!("the process was told to end by {signal}")),
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

    /// The next signal's name.
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

    /// The next signal's name.
    async fn next(&mut self) -> &'static str {
        match tokio::signal::ctrl_c().await {
            Ok(()) => "Ctrl-C",
            Err(_) => std::future::pending().await,
        }
    }
}
