//! What a post costs the process that makes it: microseconds of its thread's CPU, by the SDK's client
//! and by ours, at a server on this machine whose threads are not counted.
//!
//! `cargo bench --profile local -p gateway`. After `--` a name measures one client only, and a number
//! is how many posts it makes: few, under a profiler.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_apigatewaymanagement::config::retry::RetryConfig;
use aws_sdk_apigatewaymanagement::config::timeout::TimeoutConfig;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use domain::ConnectionId;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use gateway::{Client, Frame};
use jiff::Timestamp;
use nix::time::{ClockId, clock_gettime};

/// As many as a fan-out has under way.
const IN_FLIGHT: usize = 64;

const BYTES: usize = 400;
const REPETITIONS: usize = 5;
/// Not reached, under a profiler either.
const LIMIT: Duration = Duration::from_secs(60);
const CLIENTS: [&str; 2] = ["aws-sdk-apigatewaymanagement", "gateway"];

type Outcome<T> = Result<T, Box<dyn Error>>;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Outcome<()> {
    let arguments = || std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let posts = arguments().find_map(|argument| argument.parse().ok()).unwrap_or(20_000);
    let only = arguments().find(|argument| argument.parse::<usize>().is_err());
    let is_asked_for = |name: &str| only.as_ref().is_none_or(|only| only == name);

    eprintln!("{}", machine()?);
    eprintln!("{posts} posts of {BYTES} bytes, {IN_FLIGHT} at a time, {REPETITIONS} times");
    let url = format!("http://{}/live", serve()?);
    let mut spent = CLIENTS.map(|_| Vec::new());
    // In turn, so that what else the machine does is shared by both.
    for _ in 0..REPETITIONS {
        for (name, spent) in CLIENTS.into_iter().zip(&mut spent) {
            if is_asked_for(name) {
                spent.push(per_post(name, &url, posts).await?);
            }
        }
    }
    let mut medians = Vec::new();
    for (name, mut spent) in CLIENTS.into_iter().zip(spent) {
        spent.sort_by(f64::total_cmp);
        if let [least, .., most] = spent[..] {
            let median = spent[spent.len() / 2];
            eprintln!("{name}: {median:.1} µs of CPU a post ({least:.1} – {most:.1})");
            medians.push(median);
        }
    }
    if let [theirs, ours] = medians[..] {
        eprintln!("ours costs {:.2} of the SDK's", ours / theirs);
    }
    Ok(())
}

/// Microseconds of CPU, with connections that are open already.
async fn per_post(name: &str, url: &str, posts: usize) -> Outcome<f64> {
    let sdk = sdk();
    let text = "x".repeat(BYTES);
    let to = ConnectionId::new("Qx7bLd3-oAMCFTg=");
    if name == CLIENTS[0] {
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(LIMIT)
            .operation_attempt_timeout(LIMIT)
            .build();
        let config = aws_sdk_apigatewaymanagement::config::Builder::from(&sdk)
            .endpoint_url(url)
            .retry_config(RetryConfig::disabled())
            .timeout_config(timeouts);
        let client = aws_sdk_apigatewaymanagement::Client::from_conf(config.build());
        let frame = Blob::new(text);
        let post = async || {
            let post = client.post_to_connection().connection_id(to.as_str());
            post.data(frame.clone()).send().await.map(drop).map_err(Box::from)
        };
        measured(posts, post).await
    } else {
        let client = Client::new(&sdk, url, LIMIT);
        let frame = Frame::new(text);
        let now = now();
        measured(posts, async || client.post(&to, &frame, now).await.map_err(Box::from)).await
    }
}

async fn measured(posts: usize, post: impl AsyncFn() -> Outcome<()>) -> Outcome<f64> {
    let all = async |count| {
        let all = stream::iter(0..count).map(|_| post()).buffer_unordered(IN_FLIGHT);
        all.try_collect::<()>().await
    };
    all(IN_FLIGHT).await?;
    let before = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    all(posts).await?;
    let after = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    let spent = Duration::from(after) - Duration::from(before);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand posts")]
    Ok(spent.as_secs_f64() * 1e6 / posts as f64)
}

/// As a function on Lambda has it: its credentials have a session token of a kilobyte.
fn sdk() -> SdkConfig {
    let token = Some("token".repeat(200));
    let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", token, None, "benchmark");
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build()
}

#[expect(clippy::disallowed_methods, reason = "what is measured is an edge that asks the clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

/// Takes every post, by a thread for each connection.
fn serve() -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || take_posts(stream));
        }
    });
    Ok(address)
}

/// Until the client leaves.
fn take_posts(mut stream: TcpStream) -> Option<()> {
    const TAKEN: &[u8] = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n";
    stream.set_nodelay(true).ok()?;
    let mut buffer = [0; 64 * 1024];
    loop {
        let mut filled = 0;
        loop {
            let end = buffer[..filled].windows(4).position(|bytes| bytes == b"\r\n\r\n");
            if end.is_some_and(|end| filled >= end + 4 + BYTES) {
                break;
            }
            match stream.read(&mut buffer[filled..]).ok()? {
                0 => return None,
                more => filled += more,
            }
        }
        stream.write_all(TAKEN).ok()?;
    }
}

/// What a reader must know to judge a figure.
fn machine() -> Outcome<String> {
    let processors = std::fs::read_to_string("/proc/cpuinfo")?;
    let model = processors.lines().find(|line| line.starts_with("model name"));
    let model = model.and_then(|line| line.split_once(": ")).map_or("unknown", |(_, name)| name);
    let load = std::fs::read_to_string("/proc/loadavg")?;
    let cores = std::thread::available_parallelism()?;
    Ok(format!("{model}, {cores} cores, load {}", load.split(' ').next().unwrap_or_default()))
}
