//! Faults by wish: what AWS does to a program now and then, done here when somebody asks for it.
//!
//! Proxies stand in front of the database and the management API. They write down who calls what,
//! and let a call pass, late, twice, in part or not at all, as rules say. Functions cannot tell:
//! nothing of this is in them. Without `--control` nothing of this is started.

mod answer;
mod call;
mod calls;
mod control;
mod database;
mod past;
mod posts;
mod proxy;
mod rule;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use anyhow::bail;
use tokio::sync::watch;
use tokio::time::Instant;

use self::call::Call;
use self::calls::Calls;
use self::proxy::{Answer, lost};
use self::rule::{Active, Fault};
use crate::clock::Clock;
use crate::runtime::{Functions, loopback};
use crate::template::Table;

pub(crate) use self::rule::Rule;

/// The rules that are in force, and what was called so far.
pub(crate) struct Faults {
    inner: Mutex<Inner>,
    calls: Mutex<Calls>,
    /// Where to kill; set once they run.
    functions: OnceLock<Functions>,
    clock: Clock,
}

struct Inner {
    rules: Vec<Active>,
    last_id: u64,
    random: fastrand::Rng,
}

/// A fault that is due.
struct Strike {
    fault: Fault,
    gate: Gate,
}

/// Keeps calls back until its rule is taken away, which waits until the last of these is dropped.
struct Gate(watch::Receiver<bool>);

impl Gate {
    async fn opens(&mut self) {
        // A rule that is gone opens its gate, too.
        let _ = self.0.wait_for(|open| *open).await;
    }
}

/// Where callers find the proxies instead of what lies behind them.
pub(crate) struct Fronts {
    /// The address of the control endpoint.
    pub(crate) control: String,
    /// The address of the database.
    pub(crate) database: String,
    /// Host and port of the management API.
    pub(crate) management: String,
}

impl Faults {
    /// With these rules, whose chances `seed` decides.
    pub(crate) fn new(rules: &[Rule], seed: u64, clock: Clock) -> anyhow::Result<Arc<Self>> {
        let random = fastrand::Rng::with_seed(seed);
        let faults = Self {
            inner: Mutex::new(Inner { rules: Vec::new(), last_id: 0, random }),
            calls: Mutex::default(),
            functions: OnceLock::new(),
            clock,
        };
        for rule in rules {
            if let Err(reason) = faults.add(rule.clone()) {
                bail!("--fault: {reason}");
            }
        }
        Ok(Arc::new(faults))
    }

    /// Starts the control endpoint, and the proxies before these two.
    pub(crate) async fn start(
        self: &Arc<Self>,
        database: &str,
        tables: &[Table],
        management: &str,
    ) -> anyhow::Result<Fronts> {
        let (listener, control) = loopback().await?;
        control::start(listener, Arc::clone(self));
        let (listener, before_database) = loopback().await?;
        database::start(listener, Arc::clone(self), database, tables);
        let (listener, before_management) = loopback().await?;
        posts::start(listener, Arc::clone(self), management);
        tracing::warn!("faults are taken at http://{control}/rules");
        Ok(Fronts {
            control: format!("http://{control}"),
            database: format!("http://{before_database}"),
            management: before_management,
        })
    }

    /// The functions to kill when a rule says so.
    pub(crate) fn over(&self, functions: Functions) {
        let _ = self.functions.set(functions);
    }

    /// Whether the end of this connection is one that no function hears of.
    pub(crate) fn loses_disconnect(&self, connection: &str) -> bool {
        let strike = self.strike(&Call::of_disconnect(connection));
        strike.is_some_and(|strike| strike.fault == Fault::Lose)
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn calls(&self) -> MutexGuard<'_, Calls> {
        self.calls.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Writes down when a call came and how long `answering` it took.
    async fn timed(&self, call: &Call, answering: impl Future<Output = Answer>) -> Answer {
        let (at, began) = (crate::ids::now(), Instant::now());
        let answer = answering.await;
        self.calls().time(call, at, began.elapsed());
        answer
    }

    /// Puts a rule in force; gives its number.
    fn add(&self, rule: Rule) -> Result<u64, String> {
        rule.check()?;
        let mut inner = self.lock();
        inner.last_id += 1;
        let id = inner.last_id;
        inner.rules.push(Active::new(id, rule));
        Ok(id)
    }

    /// Takes one rule away, or all, and returns once what they kept back has passed.
    async fn remove(&self, id: Option<u64>) -> usize {
        let gone: Vec<_> = {
            let mut inner = self.lock();
            let is_meant = |rule: &mut Active| id.is_none_or(|id| rule.id == id);
            inner.rules.extract_if(.., is_meant).collect()
        };
        for rule in &gone {
            rule.open().await;
        }
        gone.len()
    }

    fn seed(&self, seed: u64) {
        self.lock().random = fastrand::Rng::with_seed(seed);
    }

    /// Writes the call down, and finds the fault that is due for it.
    fn strike(&self, call: &Call) -> Option<Strike> {
        self.calls().record(call);
        let Inner { rules, random, .. } = &mut *self.lock();
        rules.iter_mut().find_map(|rule| rule.strike(call, random))
    }

    /// Whether a rule asks for what was there before.
    fn looks_back(&self) -> bool {
        self.lock().rules.iter().any(|rule| matches!(rule.rule.fault, Fault::Stale { .. }))
    }

    /// Kills the process that makes this call.
    fn kill(&self, call: &Call) {
        if let (Some((function, instance)), Some(functions)) = (&call.caller, self.functions.get())
        {
            tracing::warn!("{function} is killed at {}", call.operation);
            functions.kill(function, *instance);
        }
    }

    /// Does to a call what can be done to any; `pass` lets it through.
    async fn around(
        &self,
        call: &Call,
        strike: Strike,
        pass: impl Future<Output = Answer>,
    ) -> Answer {
        let Strike { fault, mut gate } = strike;
        match fault {
            Fault::Hold => {
                gate.opens().await;
                pass.await
            }
            Fault::Delay { ms } => {
                tokio::time::sleep_until(Instant::now() + Duration::from_millis(ms)).await;
                pass.await
            }
            Fault::KillBefore => {
                self.kill(call);
                Err(lost())
            }
            Fault::KillAfter => {
                let _ = pass.await;
                self.kill(call);
                Err(lost())
            }
            Fault::LoseAnswer => {
                let _ = pass.await;
                Err(lost())
            }
            Fault::TimeOut => {
                let _ = pass.await;
                gate.opens().await;
                Err(lost())
            }
            // What only one of the services can do was done before, or does not apply.
            Fault::Refuse(_)
            | Fault::Unprocessed
            | Fault::Stale { .. }
            | Fault::Omit { .. }
            | Fault::Lose
            | Fault::Duplicate
            | Fault::Reorder => pass.await,
        }
    }
}

/// The names of the attributes of each table's key: hash, then range.
type Keys = BTreeMap<String, Vec<String>>;
