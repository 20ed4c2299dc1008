//! The proxy before the management API: frames are lost, doubled, overtaken or refused on their way.

use std::sync::Arc;

use axum::body::Bytes;
use http::Response;
use http::request::Parts;
use tokio::net::TcpListener;
use tokio::sync::broadcast;

use super::call::Call;
use super::proxy::{self, Answer, Upstream};
use super::rule::Fault;
use super::{Faults, Gate, answer};

/// Frames that may pass while one that is held is not looking.
const REMEMBERED: usize = 1024;

#[derive(Clone)]
struct Posts {
    faults: Arc<Faults>,
    upstream: Upstream,
    /// The addresses of connections that a frame went to.
    passed: broadcast::Sender<String>,
}

pub(super) fn start(listener: TcpListener, faults: Arc<Faults>, management: &str) {
    let upstream = Upstream::new(format!("http://{management}"));
    let posts = Posts { faults, upstream, passed: broadcast::Sender::new(REMEMBERED) };
    proxy::serve(listener, move |parts, body| posts.clone().handle(parts, body));
}

impl Posts {
    async fn handle(self, parts: Parts, body: Bytes) -> Answer {
        let call = Call::of_management(&parts, &body);
        let faults = Arc::clone(&self.faults);
        faults.timed(&call, self.answer(&call, parts, body)).await
    }

    async fn answer(self, call: &Call, parts: Parts, body: Bytes) -> Answer {
        let pass = self.pass(&parts, body.clone());
        let Some(strike) = self.faults.strike(call) else { return pass.await };
        match strike.fault {
            Fault::Refuse(name) => Ok(answer::refusal(&name, 1)),
            Fault::Lose => Ok(Response::default()),
            Fault::Duplicate => {
                let _ = pass.await;
                self.pass(&parts, body).await
            }
            Fault::Reorder => {
                drop(pass);
                self.keep(parts, body, strike.gate);
                Ok(Response::default())
            }
            _ => self.faults.around(call, strike, pass).await,
        }
    }

    async fn pass(&self, parts: &Parts, body: Bytes) -> Answer {
        let answer = self.upstream.pass(parts, body).await;
        // Nobody listens unless a frame is held.
        let _ = self.passed.send(parts.uri.path().to_owned());
        answer
    }

    /// Lets a frame pass after the next one to the same connection, or once the rule is gone.
    fn keep(self, parts: Parts, body: Bytes, mut gate: Gate) {
        let mut passed = self.passed.subscribe();
        tokio::spawn(async move {
            let overtaken = async {
                // One that passed unseen counts as one: the frame is late in any case.
                while passed.recv().await.is_ok_and(|other| other != parts.uri.path()) {}
            };
            tokio::select! {
                () = overtaken => {}
                () = gate.opens() => {}
            }
            let _ = self.upstream.pass(&parts, body).await;
            // Only now is it no longer kept back.
            drop(gate);
        });
    }
}
