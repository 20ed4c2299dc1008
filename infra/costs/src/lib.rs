//! What Banter costs on AWS: what each operation uses, at list prices.
//!
//! What is used is counted on the real operations and kept in `figures.json`, which no hand writes:
//! `cargo run -p tests --bin costs` does, and a test fails where they differ. [`prices`] has what AWS
//! asks for it, and [`month`] puts a month of many people together. Nothing here reads a table.

pub mod month;
pub mod prices;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What one operation uses, from the client's request until everybody is told.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Used {
    /// Requests to the HTTP API.
    pub requests: u32,
    /// Frames from the client, and what goes back to it.
    pub frames: u32,
    /// Frames to others, each posted through the management API.
    pub pushed: u32,
    /// Invocations of functions, the authorizer's of a new connection among them.
    pub invocations: u32,
    /// Read request units.
    pub read: f64,
    /// Write request units.
    pub write: f64,
    /// Calls of DynamoDB.
    pub calls: u32,
    /// Those that wait for one another.
    pub round_trips: u32,
    /// Requests to SQS, each of up to 64 KB, at both ends of a queue.
    pub sqs: u32,
    /// Requests to S3 that put an object or copy one, the client's own among them.
    pub s3_puts: u32,
    /// Requests to S3 that get an object, the client's own among them. To delete one is free.
    pub s3_gets: u32,
    /// Pictures that are drawn anew.
    pub pictures: u32,
    /// Bytes to clients, in answers and frames. JSON, not compressed.
    pub bytes_out: u64,
}

/// What operations use, by name.
pub type Figures = BTreeMap<String, Used>;

/// The figures as counted last.
///
/// # Errors
/// If the file is damaged.
pub fn figures() -> serde_json::Result<Figures> {
    serde_json::from_str(include_str!("../figures.json"))
}

/// What a million of something costs, in US dollars, by who asks for it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct PerMillion {
    /// DynamoDB's reads and writes.
    pub dynamodb: f64,
    /// API Gateway's requests and messages.
    pub gateway: f64,
    /// Lambda's invocations, and their time as [`prices`] takes it.
    pub lambda: f64,
    /// Requests to SQS.
    pub sqs: f64,
    /// Requests to S3.
    pub s3: f64,
    /// Bytes to the internet.
    pub transfer: f64,
}

impl PerMillion {
    /// All of it.
    #[must_use]
    pub fn total(&self) -> f64 {
        let Self { dynamodb, gateway, lambda, sqs, s3, transfer } = self;
        dynamodb + gateway + lambda + sqs + s3 + transfer
    }
}

impl Used {
    /// What a million of these cost.
    #[must_use]
    pub fn per_million(&self) -> PerMillion {
        let gateway = f64::from(self.requests) * prices::HTTP_REQUESTS
            + f64::from(self.frames + self.pushed) * prices::SOCKET_MESSAGES;
        #[expect(clippy::cast_precision_loss, reason = "an answer has fewer bytes than 2^52")]
        let gigabytes = self.bytes_out as f64 * 1e6 / 1e9;
        PerMillion {
            dynamodb: self.read * prices::READ_UNITS + self.write * prices::WRITE_UNITS,
            gateway,
            lambda: f64::from(self.invocations) * prices::INVOCATIONS
                + self.gigabyte_seconds() * 1e6 * prices::GIGABYTE_SECOND,
            sqs: f64::from(self.sqs) * prices::SQS_REQUESTS,
            s3: f64::from(self.s3_puts) * prices::S3_PUTS
                + f64::from(self.s3_gets) * prices::S3_GETS,
            transfer: gigabytes * prices::GIGABYTE_OUT,
        }
    }

    /// Taken, not counted: see [`prices::ROUND_TRIP_MS`].
    fn gigabyte_seconds(&self) -> f64 {
        let posts = self.pushed.div_ceil(prices::POSTS_AT_ONCE);
        let waits = f64::from(self.round_trips + posts) * prices::ROUND_TRIP_MS;
        let ms = f64::from(self.invocations) * prices::INVOCATION_MS + waits;
        ms / 1e3 * prices::MEMORY_GIGABYTES
            + f64::from(self.pictures) * prices::PICTURE_GIGABYTE_SECONDS
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_million_costs_what_the_price_lists_say() {
        let used = Used {
            requests: 1,
            frames: 2,
            pushed: 65,
            invocations: 1,
            read: 8.0,
            write: 4.0,
            calls: 9,
            round_trips: 3,
            sqs: 5,
            s3_puts: 2,
            s3_gets: 5,
            pictures: 1,
            bytes_out: 1_000,
        };
        let cost = used.per_million();
        assert_eq!(cost.dynamodb, 1.0 + 2.5);
        assert_eq!(cost.gateway, 68.0);
        assert_eq!(cost.transfer, 0.09);
        assert_eq!(cost.sqs, 2.0);
        assert_eq!(cost.s3, 10.0 + 2.0);
        // Three round trips and two rounds of posts.
        let seconds = (prices::INVOCATION_MS + 5.0 * prices::ROUND_TRIP_MS) * 1e3;
        let pictures = prices::PICTURE_GIGABYTE_SECONDS * 1e6;
        let time = (seconds * prices::MEMORY_GIGABYTES + pictures) * prices::GIGABYTE_SECOND;
        assert!((cost.lambda - 0.2 - time).abs() < 1e-9, "{cost:?}");
        assert!((cost.total() - 3.5 - 68.0 - 0.09 - 2.0 - 12.0 - 0.2 - time).abs() < 1e-9);
    }

    #[test]
    fn the_figures_can_be_read() {
        assert!(!figures().unwrap().is_empty());
    }
}
