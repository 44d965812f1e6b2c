//! Threads owned by the library, for work that must go on when the host's blocking pool is full.
//!
//! Workers of plain functions run on the runtime's pool, which is shared with other code: [`run_soon`] checks that
//! they are begun, and begins them here otherwise. The library's own waiting uses that pool only to hold a paused
//! test clock.

use parking_lot::{Condvar, Mutex};
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Sender, channel};
use std::time::{Duration, Instant};
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::time;

type Task = Box<dyn FnOnce() + Send>;

/// How long an idle thread waits for the next task.
const KEPT: Duration = Duration::from_secs(5);

/// The idle threads, each with a number of its own.
static IDLE: Mutex<Vec<(u64, Sender<Task>)>> = Mutex::new(Vec::new());
/// The next thread number. None is reused, so a thread that ends removes only itself.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// Runs a task on a thread of the library. Tasks never wait for each other: there are as many threads as tasks. A
/// paused clock of the runtime does not advance meanwhile.
///
/// # Errors
///
/// When the system cannot create a thread; the task is dropped.
pub(crate) fn run(runtime: &Handle, task: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let held = hold_clock(runtime);
    start(Box::new(move || {
        task();
        drop(held);
    }))
}

fn start(mut task: Task) -> io::Result<()> {
    loop {
        let Some((_, idle)) = IDLE.lock().pop() else { break };
        match idle.send(task) {
            Ok(()) => return Ok(()),
            Err(unsent) => task = unsent.0,
        }
    }
    std::thread::Builder::new().name("dagcore".to_owned()).spawn(move || serve(task)).map(drop)
}

/// Holds the runtime's clock, if it is paused, until the sender is dropped. Tokio advances a paused clock when the runtime is idle; a task of its
/// blocking pool prevents that, another thread does not.
fn hold_clock(runtime: &Handle) -> Option<Sender<()>> {
    // Tokio can pause its clock only in a current-thread runtime.
    if runtime.runtime_flavor() != RuntimeFlavor::CurrentThread || !stands_still(runtime) {
        return None;
    }
    let (held, dropped) = channel::<()>();
    runtime.spawn_blocking(move || dropped.recv());
    Some(held)
}

/// Returns `true` if the runtime's clock is paused.
fn stands_still(runtime: &Handle) -> bool {
    let _runtime = runtime.enter(); // `Instant::now` reads the clock of the entered runtime
    let (begin, moment) = (time::Instant::now(), Instant::now());
    // Tokio has no query for a paused clock: wait until real time has advanced, and compare.
    while moment.elapsed().is_zero() {}
    time::Instant::now() == begin
}

/// Runs tasks until none arrives for `KEPT`.
fn serve(first: Task) {
    let mut next = Some(first);
    while let Some(task) = next {
        let ran = catch_unwind(AssertUnwindSafe(task));
        std::mem::forget(ran); // dropping a panic payload may panic
        let (sender, tasks) = channel();
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        IDLE.lock().push((number, sender));
        // After a timeout a race is possible: a sender may have popped this thread from the list and not sent yet.
        // Then the entry is gone, and the task must be awaited.
        next = tasks.recv_timeout(KEPT).ok().or_else(|| {
            let mut idle = IDLE.lock();
            match idle.iter().position(|(own, _)| *own == number) {
                Some(at) => {
                    idle.remove(at);
                    None
                }
                None => tasks.recv().ok(), // a task is on its way
            }
        });
    }
}

/// How long the host's pool may take to begin a task before a thread of the library does.
const LATE: Duration = Duration::from_millis(20);

static WATCHED: Mutex<Watch> = Mutex::new(Watch { tasks: Vec::new(), has_thread: false });
/// Notified when the list of watched tasks becomes non-empty.
static WATCHER: Condvar = Condvar::new();

struct Watch {
    /// Tasks that were submitted to a pool and may not have begun, in no particular order.
    tasks: Vec<Watched>,
    /// `true` if the watching thread runs. It never ends.
    has_thread: bool,
}

struct Watched {
    since: Instant,
    is_begun: Arc<AtomicBool>,
    runtime: Handle,
    begin: Task,
}

/// Submits a task to the runtime's pool, and begins it on a thread of the library if the pool has not begun it after
/// 20 to 40 ms. `begin` makes the task on demand, and runs it; it is called once.
pub(crate) fn run_soon(runtime: &Handle, begin: impl Fn() + Clone + Send + 'static) {
    let is_begun = Arc::new(AtomicBool::new(false));
    // The pool and the watcher race for the task; the swap makes exactly one of them run it.
    let once = move |is_begun: &AtomicBool| {
        if !is_begun.swap(true, Ordering::AcqRel) {
            begin();
        }
    };
    let (own, here) = (Arc::clone(&is_begun), once.clone());
    runtime.spawn_blocking(move || here(&own));
    let (own, runtime) = (Arc::clone(&is_begun), runtime.clone());
    let begin = Box::new(move || once(&own));
    let mut watched = WATCHED.lock();
    watched.tasks.push(Watched { since: Instant::now(), is_begun, runtime, begin });
    if watched.tasks.len() == 1 {
        WATCHER.notify_one();
    }
    let is_first = !std::mem::replace(&mut watched.has_thread, true);
    drop(watched);
    if is_first && start(Box::new(watch)).is_err() {
        WATCHED.lock().has_thread = false; // the next call tries again
    }
}

/// Begins late tasks on threads of the library, once per `LATE`.
fn watch() {
    loop {
        let mut watched = WATCHED.lock();
        while watched.tasks.is_empty() {
            WATCHER.wait(&mut watched);
        }
        let now = Instant::now();
        let (mut late, mut begun) = (Vec::new(), Vec::new());
        let tasks = &mut watched.tasks;
        let mut at = 0;
        while at < tasks.len() {
            let is_begun = tasks[at].is_begun.load(Ordering::Acquire);
            let is_late = now.duration_since(tasks[at].since) >= LATE;
            match (is_begun, is_late) {
                (true, _) => begun.push(tasks.swap_remove(at)),
                (false, true) => late.push(tasks.swap_remove(at)),
                (false, false) => at += 1,
            }
        }
        drop(watched);
        // The closures own what the program captured: they are dropped without the lock.
        drop(begun);
        for Watched { runtime, begin, .. } in late {
            // The clock is held before the task begins: the pool's task holds it until then, and may end at once.
            let _ = run(&runtime, begin); // without a thread it stays in the pool's queue
        }
        std::thread::sleep(LATE);
    }
}
