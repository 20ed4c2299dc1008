//! Real processes that do nothing; the test asks for work and answers in their place.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::json;

use super::super::Endpoints;
use super::*;

struct House {
    pool: Arc<Pool>,
    _scratch: tempfile::TempDir,
}

fn house(script: &str, timeout: Duration, concurrency: usize) -> House {
    let scratch = tempfile::tempdir().unwrap();
    let binary = scratch.path().join("bootstrap");
    std::fs::write(&binary, format!("#!/bin/sh\n{script}\n")).unwrap();
    std::fs::set_permissions(&binary, PermissionsExt::from_mode(0o755)).unwrap();
    let function = Function {
        line: 1,
        name: "banter-F".to_owned(),
        arn: "arn".to_owned(),
        code: "f".to_owned(),
        memory_mb: 128,
        timeout,
        environment: BTreeMap::new(),
        reserved_concurrency: None,
        event_invoke: crate::template::EventInvoke { retries: 0, on_failure: None },
        policy_texts: Vec::new(),
        has_role: false,
    };
    let settings = Settings {
        address: "127.0.0.1:1".to_owned(),
        scratch: scratch.path().to_owned(),
        group: 0,
        concurrency,
        freeze: true,
        endpoints: Endpoints::default(),
    };
    let pool = Arc::new(Pool::new("F", function, binary, Arc::new(settings)));
    House { pool, _scratch: scratch }
}

const WAITS: &str = "exec sleep 60";
const LONG: Duration = Duration::from_secs(60);

impl House {
    fn invoke(&self, event: &'static str) -> oneshot::Receiver<Outcome> {
        self.pool.invoke(Bytes::from_static(event.as_bytes())).unwrap()
    }

    fn answer(&self, number: u64, job: &Job) -> bool {
        self.pool.answer(number, &job.id, Outcome::Answered(job.event.clone()))
    }

    /// The state letter of a process: `T` is stopped.
    fn state(&self, number: u64) -> char {
        let pid = self.pool.lock().slots[&number].process.0.as_raw();
        let stat = std::fs::read_to_string(Path::new("/proc").join(pid.to_string()).join("stat"));
        stat.unwrap().rsplit_once(") ").unwrap().1.chars().next().unwrap()
    }

    async fn until_gone(&self, number: u64) {
        while self.pool.lock().slots.contains_key(&number) {
            tokio::task::yield_now().await;
        }
    }
}

async fn failure(answer: oneshot::Receiver<Outcome>) -> serde_json::Value {
    match answer.await.unwrap() {
        Outcome::Failed(error) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_idle_process_is_frozen_and_used_again() {
    let house = house(WAITS, LONG, 8);
    let answer = house.invoke("1");
    let job = house.pool.next(0).unwrap().await.unwrap();
    assert!(house.answer(0, &job));
    assert!(!house.answer(0, &job), "a second answer is refused");
    assert!(matches!(answer.await.unwrap(), Outcome::Answered(body) if body == "1"));

    let next = house.pool.next(0).unwrap();
    while house.state(0) != 'T' {
        tokio::task::yield_now().await;
    }
    let answer = house.invoke("2");
    let job = next.await.unwrap();
    assert_ne!(house.state(0), 'T');
    assert!(house.answer(0, &job));
    assert!(matches!(answer.await.unwrap(), Outcome::Answered(body) if body == "2"));
    assert_eq!(house.pool.lock().next_instance, 1);
}

#[tokio::test]
async fn parallel_invocations_take_processes_up_to_the_cap_and_then_wait() {
    let house = house(WAITS, LONG, 2);
    let answers = ["1", "2", "3"].map(|event| house.invoke(event));
    assert_eq!(house.pool.lock().slots.len(), 2);
    for number in [0, 1, 0] {
        assert_eq!(house.pool.next(9).unwrap_err(), Refused::UnknownInstance);
        let job = house.pool.next(number).unwrap().await.unwrap();
        assert_eq!(house.pool.next(number).unwrap_err(), Refused::StillBusy);
        assert!(house.answer(number, &job));
    }
    for answer in answers {
        assert!(matches!(answer.await.unwrap(), Outcome::Answered(_)));
    }
}

#[tokio::test]
async fn of_idle_processes_the_last_that_worked_stays_longest() {
    let house = house(WAITS, LONG, 3);
    let answers = ["1", "2", "3"].map(|event| house.invoke(event));
    for number in [2, 0, 1] {
        let job = house.pool.next(number).unwrap().await.unwrap();
        assert!(house.answer(number, &job));
    }
    drop(answers);
    let mut next = [2, 0].map(|number| house.pool.next(number).unwrap());
    let there = || house.pool.lock().slots.keys().copied().collect::<Vec<_>>();
    house.pool.retire(LONG, LONG);
    assert_eq!(there(), [0, 1, 2]);
    // Number 1 has not asked for more: it may still be at work.
    house.pool.retire(Duration::ZERO, LONG);
    house.until_gone(2).await;
    assert_eq!(there(), [0, 1]);

    let answer = house.invoke("4");
    let job = (&mut next[1]).await.unwrap();
    assert!(house.answer(0, &job));
    assert!(matches!(answer.await.unwrap(), Outcome::Answered(_)));
    let _next = house.pool.next(0).unwrap();
    house.pool.retire(Duration::ZERO, Duration::ZERO);
    house.until_gone(0).await;
    assert_eq!(there(), [1]);
}

#[tokio::test]
async fn a_deadline_kills_and_the_next_invocation_gets_a_fresh_process() {
    let house = house(WAITS, Duration::from_millis(20), 8);
    let answer = house.invoke("1");
    let job = house.pool.next(0).unwrap().await.unwrap();
    let message = format!("RequestId: {} Error: Task timed out after 0.02 seconds", job.id);
    let expected = json!({ "errorType": "Sandbox.Timedout", "errorMessage": message });
    assert_eq!(failure(answer).await, expected);
    house.until_gone(0).await;
    let _answer = house.invoke("2");
    assert!(house.pool.next(1).is_ok());
}

#[tokio::test]
async fn a_process_that_does_not_start_fails_the_invocation_at_the_second_attempt() {
    let house = house("exit 7", LONG, 8);
    let error = failure(house.invoke("1")).await;
    assert_eq!(error["errorType"], "Runtime.ExitError");
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("Error: Runtime exited with error: exit status 7"), "{message}");
    assert_eq!(house.pool.lock().next_instance, 2);
}

#[tokio::test]
async fn a_crash_fails_its_invocation_only() {
    let house = house(WAITS, LONG, 8);
    let answer = house.invoke("1");
    let _job = house.pool.next(0).unwrap().await.unwrap();
    house.pool.lock().slots[&0].process.kill();
    let error = failure(answer).await;
    let message = error["errorMessage"].as_str().unwrap();
    assert!(message.ends_with("signal: SIGKILL"), "{message}");
    let _answer = house.invoke("2");
    assert!(house.pool.next(1).is_ok());
}
