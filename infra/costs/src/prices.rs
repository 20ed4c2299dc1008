//! List prices in US dollars: us-east-1, on demand, the first tier, without the free tier and
//! without tax. As of September 2026.
//!
//! AWS fills the tables of these pages in by script, so the figures come from the worked examples on
//! them and from published transcriptions. Look again before a decision.
//!
//! | what | where AWS says it |
//! |---|---|
//! | DynamoDB, standard tables | <https://aws.amazon.com/dynamodb/pricing/on-demand/> |
//! | API Gateway, HTTP and WebSocket APIs | <https://aws.amazon.com/api-gateway/pricing/> |
//! | Lambda, arm64 | <https://aws.amazon.com/lambda/pricing/> |
//! | SQS, standard queues | <https://aws.amazon.com/sqs/pricing/> |
//! | S3, standard storage | <https://aws.amazon.com/s3/pricing/> |
//! | data transfer to the internet | <https://aws.amazon.com/ec2/pricing/on-demand/> |
//!
//! Not among them: logs, alarms, what the bucket holds, backups, the secret.

/// When these were looked up.
pub const AS_OF: &str = "September 2026";

/// A million read request units of DynamoDB.
pub const READ_UNITS: f64 = 0.125;

/// A million write request units of DynamoDB.
pub const WRITE_UNITS: f64 = 0.625;

/// A gigabyte in DynamoDB for a month.
pub const GIGABYTE_MONTH: f64 = 0.25;

/// A million requests to an HTTP API, each of up to 512 KB.
pub const HTTP_REQUESTS: f64 = 1.0;

/// A million WebSocket messages in either direction, each of up to 32 KB.
pub const SOCKET_MESSAGES: f64 = 1.0;

/// A million minutes of open WebSocket connections.
pub const CONNECTION_MINUTES: f64 = 0.25;

/// A million invocations of Lambda.
pub const INVOCATIONS: f64 = 0.20;

/// A gigabyte-second of Lambda on arm64.
pub const GIGABYTE_SECOND: f64 = 0.000_013_333_4;

/// A million requests to a standard queue of SQS, each of up to 64 KB.
pub const SQS_REQUESTS: f64 = 0.40;

/// Requests in a day by which Lambda asks two queues whether there is work: five at a time to each, of
/// 20 seconds. **Taken**, not measured: AWS does not say how many they are.
pub const QUEUE_POLLS_PER_DAY: f64 = 2.0 * 5.0 * 24.0 * 60.0 * 60.0 / 20.0;

/// A million requests to S3 that put, copy or post an object.
pub const S3_PUTS: f64 = 5.0;

/// A million requests to S3 that get an object.
pub const S3_GETS: f64 = 0.40;

/// Gigabyte-seconds of the function that draws one picture anew: half a second with its 2 GB.
/// **Taken**, not measured.
pub const PICTURE_GIGABYTE_SECONDS: f64 = 1.0;

/// A gigabyte to the internet.
pub const GIGABYTE_OUT: f64 = 0.09;

/// What a function has: `MemorySize` of the template.
pub const MEMORY_GIGABYTES: f64 = 0.25;

/// Milliseconds that a function waits for one round trip to DynamoDB, or for one round of posts. It is
/// **taken**, not measured: it has not run on AWS.
pub const ROUND_TRIP_MS: f64 = 5.0;

/// Milliseconds of a function's own in one invocation. **Taken**, not measured.
pub const INVOCATION_MS: f64 = 2.0;

/// Posts that are under way at a time.
pub const POSTS_AT_ONCE: u32 = 64;
