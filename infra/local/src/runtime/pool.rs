//! The processes of one function, and the invocations that wait for one.
//!
//! AWS starts a process for each invocation that finds none idle, up to a thousand. Here a process
//! is started for each waiting invocation up to a small cap, and the rest wait: a function never
//! invokes another, so waiting cannot become a deadlock.

use std::collections::{BTreeMap, VecDeque};
use std::path::PathBuf;
use std::process::ExitStatus;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::body::Bytes;
use tokio::sync::oneshot;
use tokio::task::AbortHandle;
use tokio::time::Instant;
use uuid::Uuid;

use super::instance::{self, Process, Started};
use super::{Outcome, Settings};
use crate::template::Function;

/// From the start of a process to its first question for work.
const INIT_LIMIT: Duration = Duration::from_secs(10);
/// Without work, of the process that had some last.
const IDLE_LIMIT: Duration = Duration::from_secs(300);
/// Of the others, which a burst started: they take memory, and the next burst starts them in no time.
const SPARE_LIMIT: Duration = Duration::from_secs(3);

/// Why a question for work is not answered with any.
#[derive(Debug, PartialEq)]
pub(super) enum Refused {
    UnknownInstance,
    /// The last invocation is not answered yet.
    StillBusy,
}

/// An invocation on its way to a process.
#[derive(Debug)]
pub(super) struct Job {
    pub(super) id: String,
    pub(super) event: Bytes,
    pub(super) deadline_epoch_ms: i64,
}

#[derive(Debug)]
struct Waiting {
    event: Bytes,
    reply: oneshot::Sender<Outcome>,
}

#[derive(Debug)]
struct Slot {
    process: Process,
    state: State,
    /// Whether it has ever asked for work.
    ready: bool,
}

#[derive(Debug)]
enum State {
    Starting,
    Idle {
        since: Instant,
        wake: oneshot::Sender<Job>,
    },
    Busy {
        id: String,
        reply: oneshot::Sender<Outcome>,
        deadline: AbortHandle,
    },
    /// Answered, but it has not asked for more.
    Answered,
}

#[derive(Debug, Default)]
struct Inner {
    next_instance: u64,
    slots: BTreeMap<u64, Slot>,
    queue: VecDeque<Waiting>,
    failed_starts: u32,
}

impl Inner {
    /// Of the idle processes the one that worked last: its caches are warm, and the others can
    /// retire.
    fn last_idle(&self) -> Option<u64> {
        let idle = |(number, slot): (&u64, &Slot)| match slot.state {
            State::Idle { since, .. } => Some((since, *number)),
            _ => None,
        };
        self.slots.iter().filter_map(idle).max().map(|(_, number)| number)
    }
}

#[derive(Debug)]
pub(super) struct Pool {
    id: String,
    pub(super) function: Function,
    binary: PathBuf,
    settings: Arc<Settings>,
    inner: Mutex<Inner>,
}

impl Pool {
    pub(super) fn new(
        id: &str,
        function: Function,
        binary: PathBuf,
        settings: Arc<Settings>,
    ) -> Self {
        let inner = Mutex::new(Inner::default());
        Self { id: id.to_owned(), function, binary, settings, inner }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Queues an invocation; `None` if the reserved concurrency is used up.
    pub(super) fn invoke(self: &Arc<Self>, event: Bytes) -> Option<oneshot::Receiver<Outcome>> {
        let (reply, answer) = oneshot::channel();
        let mut inner = self.lock();
        if let Some(reserved) = self.function.reserved_concurrency {
            let busy = |slot: &&Slot| matches!(slot.state, State::Busy { .. });
            let running = inner.slots.values().filter(busy).count();
            if running + inner.queue.len() >= reserved {
                return None;
            }
        }
        inner.queue.push_back(Waiting { event, reply });
        self.dispatch(&mut inner);
        Some(answer)
    }

    /// Hands waiting invocations to idle processes, and starts processes for the rest.
    fn dispatch(self: &Arc<Self>, inner: &mut Inner) {
        while !inner.queue.is_empty() {
            let Some(number) = inner.last_idle() else { break };
            let Some(slot) = inner.slots.get_mut(&number) else { break };
            let Some(waiting) = inner.queue.pop_front() else { break };
            let (job, reply) = self.job(waiting);
            let deadline = self.enforce_deadline(number, job.id.clone());
            let busy = State::Busy { id: job.id.clone(), reply, deadline };
            let State::Idle { wake, .. } = std::mem::replace(&mut slot.state, busy) else { break };
            if self.settings.freeze {
                slot.process.thaw();
            }
            // If it hung up while idle it is ending: the invocation goes to another.
            if let Err(job) = wake.send(job)
                && let State::Busy { reply, deadline, .. } =
                    std::mem::replace(&mut slot.state, State::Answered)
            {
                deadline.abort();
                inner.queue.push_front(Waiting { event: job.event, reply });
            }
        }
        let starting =
            inner.slots.values().filter(|slot| matches!(slot.state, State::Starting)).count();
        let wanted = inner.queue.len().saturating_sub(starting);
        let room = self.cap().saturating_sub(inner.slots.len());
        for _ in 0..wanted.min(room) {
            self.start(inner);
        }
    }

    fn cap(&self) -> usize {
        let reserved = self.function.reserved_concurrency.unwrap_or(usize::MAX);
        self.settings.concurrency.min(reserved)
    }

    fn job(&self, waiting: Waiting) -> (Job, oneshot::Sender<Outcome>) {
        let timeout = self.function.timeout;
        let deadline_epoch_ms = crate::ids::now().as_millisecond()
            + i64::try_from(timeout.as_millis()).unwrap_or(i64::MAX);
        let job = Job { id: Uuid::now_v7().to_string(), event: waiting.event, deadline_epoch_ms };
        (job, waiting.reply)
    }

    fn start(self: &Arc<Self>, inner: &mut Inner) {
        let number = inner.next_instance;
        inner.next_instance += 1;
        let started =
            instance::start(&self.id, number, &self.function, &self.binary, &self.settings);
        match started {
            Ok(started) => {
                let process = started.process;
                let slot = Slot { process, state: State::Starting, ready: false };
                inner.slots.insert(number, slot);
                tokio::spawn(Arc::clone(self).watch(number, started));
                let pool = Arc::clone(self);
                tokio::spawn(async move {
                    tokio::time::sleep_until(Instant::now() + INIT_LIMIT).await;
                    pool.kill_if(number, |slot| matches!(slot.state, State::Starting));
                });
            }
            Err(error) => {
                let message = format!("cannot start {}: {error}", self.binary.display());
                tracing::error!("{}: {message}", self.id);
                inner.queue.drain(..).for_each(|waiting| {
                    let _ = waiting.reply.send(Outcome::failed("Runtime.ExitError", &message));
                });
            }
        }
    }

    async fn watch(self: Arc<Self>, number: u64, started: Started) {
        let status = started.ended().await;
        self.gone(number, status);
    }

    /// A process has ended, whoever ended it.
    fn gone(self: &Arc<Self>, number: u64, status: Option<ExitStatus>) {
        let reason = instance::exit_message(status);
        let mut inner = self.lock();
        let Some(slot) = inner.slots.remove(&number) else { return };
        match slot.state {
            State::Busy { id, reply, deadline } => {
                deadline.abort();
                tracing::error!("{} died in an invocation: {reason}", self.id);
                let message = format!("RequestId: {id} Error: {reason}");
                let _ = reply.send(Outcome::failed("Runtime.ExitError", message));
            }
            _ if slot.ready => tracing::debug!("{} ended: {reason}", self.id),
            _ => {
                tracing::error!("{} did not start: {reason}", self.id);
                inner.failed_starts += 1;
            }
        }
        // Lambda tries a failed start once more. After that whoever waits is told.
        if inner.failed_starts > 1 {
            inner.failed_starts = 0;
            for waiting in std::mem::take(&mut inner.queue) {
                let id = Uuid::now_v7();
                let message = format!("RequestId: {id} Error: {reason}");
                let _ = waiting.reply.send(Outcome::failed("Runtime.ExitError", message));
            }
        }
        self.dispatch(&mut inner);
    }

    fn enforce_deadline(self: &Arc<Self>, number: u64, id: String) -> AbortHandle {
        let pool = Arc::clone(self);
        let deadline = Instant::now() + self.function.timeout;
        let task = tokio::spawn(async move {
            tokio::time::sleep_until(deadline).await;
            let mut inner = pool.lock();
            let Some(slot) = inner.slots.get_mut(&number) else { return };
            if !matches!(&slot.state, State::Busy { id: busy, .. } if *busy == id) {
                return;
            }
            slot.process.kill();
            if let State::Busy { reply, .. } = std::mem::replace(&mut slot.state, State::Answered) {
                let seconds = pool.function.timeout.as_secs_f64();
                tracing::error!("{} timed out after {seconds:.2} seconds", pool.id);
                let message =
                    format!("RequestId: {id} Error: Task timed out after {seconds:.2} seconds");
                let _ = reply.send(Outcome::failed("Sandbox.Timedout", message));
            }
        });
        task.abort_handle()
    }

    fn kill_if(&self, number: u64, condition: impl Fn(&Slot) -> bool) {
        let inner = self.lock();
        if let Some(slot) = inner.slots.get(&number).filter(|slot| condition(slot)) {
            tracing::error!("{} took longer than {INIT_LIMIT:?} to start", self.id);
            slot.process.kill();
        }
    }

    /// Ends a process in the midst of whatever it does.
    pub(super) fn kill(&self, number: u64) {
        if let Some(slot) = self.lock().slots.get(&number) {
            slot.process.kill();
        }
    }

    /// Ends the processes that had nothing to do for long.
    pub(super) fn retire_idle(&self) {
        self.retire(SPARE_LIMIT, IDLE_LIMIT);
    }

    fn retire(&self, spare_limit: Duration, last_limit: Duration) {
        let mut inner = self.lock();
        let last = inner.last_idle();
        for (number, slot) in &mut inner.slots {
            let State::Idle { since, .. } = slot.state else { continue };
            let limit = if Some(*number) == last { last_limit } else { spare_limit };
            if since.elapsed() > limit {
                slot.state = State::Answered; // So that it is given nothing any more.
                slot.process.kill();
            }
        }
    }

    /// A process asks for work. The receiver resolves when there is some.
    pub(super) fn next(self: &Arc<Self>, number: u64) -> Result<oneshot::Receiver<Job>, Refused> {
        let (wake, work) = oneshot::channel();
        let mut inner = self.lock();
        let slot = inner.slots.get_mut(&number).ok_or(Refused::UnknownInstance)?;
        if matches!(slot.state, State::Busy { .. }) {
            return Err(Refused::StillBusy);
        }
        slot.state = State::Idle { since: Instant::now(), wake };
        slot.ready = true;
        inner.failed_starts = 0;
        self.dispatch(&mut inner);
        // Frozen only if there was no work. Under the lock, so that no thaw can come before.
        if self.settings.freeze
            && let Some(slot) = inner.slots.get(&number)
            && matches!(slot.state, State::Idle { .. })
        {
            slot.process.freeze();
        }
        Ok(work)
    }

    /// A process answers its invocation. False if `id` is not the one it works on.
    pub(super) fn answer(&self, number: u64, id: &str, outcome: Outcome) -> bool {
        let mut inner = self.lock();
        let Some(slot) = inner.slots.get_mut(&number) else { return false };
        if !matches!(&slot.state, State::Busy { id: busy, .. } if busy == id) {
            return false;
        }
        if let State::Busy { reply, deadline, .. } =
            std::mem::replace(&mut slot.state, State::Answered)
        {
            deadline.abort();
            if let Some(message) = outcome.error_message() {
                tracing::warn!("{} failed: {message}", self.id);
            }
            let _ = reply.send(outcome);
        }
        true
    }
}

#[cfg(test)]
mod tests;
