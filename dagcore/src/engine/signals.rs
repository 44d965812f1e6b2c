//! Ctrl-C and SIGTERM, for runs that are to end in order when they come.

use super::shared::Shared;
use crate::dag::Unwanted;
use std::future::Future;
use std::io;
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

/// What a process exits with that was interrupted.
const INTERRUPTED: i32 = 130;

impl Shared {
    /// Cancels the run at the first signal, waits for nothing at the second, and ends the process at the third.
    pub(super) async fn heed_signals(self: Arc<Self>) {
        let mut signals = match Signals::new() {
            Ok(signals) => signals,
            Err(error) => {
                let why = format!("it is to end in order at a signal, and cannot hear of signals: {error}");
                return self.stop(&mut self.state.lock(), why, self.clock.now());
            }
        };
        for nth in 1.. {
            let mut ended = pin!(self.ended.notified());
            ended.as_mut().enable();
            if self.state.lock().stopped {
                return;
            }
            let mut signal = pin!(signals.next());
            let heard = std::future::poll_fn(|context| {
                if ended.as_mut().poll(context).is_ready() {
                    return Poll::Ready(None);
                }
                signal.as_mut().poll(context).map(Some)
            });
            match heard.await {
                None => return,
                Some(_) if nth > 2 => std::process::exit(INTERRUPTED),
                Some(signal) => self.cancel(Unwanted::Run, &format!("the process was told to end by {signal}")),
            }
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
        std::future::poll_fn(|context| {
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
