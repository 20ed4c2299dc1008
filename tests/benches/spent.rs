//! What a request costs the process that makes it: microseconds of its thread's CPU, by the SDK's
//! client and by ours, at a server on this machine whose threads are not counted. A part of the
//! benchmarks of `gateway` and `storage`.
//!
//! After `--` a name measures one client only, and a number is how many requests it makes: few, under
//! a profiler.

use std::error::Error;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use nix::time::{ClockId, clock_gettime};

/// Not reached, under a profiler either.
pub(crate) const LIMIT: Duration = Duration::from_secs(60);

const REPETITIONS: usize = 5;

pub(crate) type Outcome<T> = Result<T, Box<dyn Error>>;

/// Tells what a request costs by each of two clients, the SDK's before ours, as `cost` measures it.
pub(crate) async fn compare(
    clients: [&str; 2],
    cost: impl AsyncFn(&str, usize) -> Outcome<f64>,
) -> Outcome<()> {
    let arguments = || std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let requests = arguments().find_map(|argument| argument.parse().ok()).unwrap_or(20_000);
    let only = arguments().find(|argument| argument.parse::<usize>().is_err());
    let is_asked_for = |name: &str| only.as_ref().is_none_or(|only| only == name);

    eprintln!("{}", machine()?);
    eprintln!("{requests} requests, {REPETITIONS} times");
    let mut spent = clients.map(|_| Vec::new());
    // In turn, so that what else the machine does is shared by both.
    for _ in 0..REPETITIONS {
        for (name, spent) in clients.into_iter().zip(&mut spent) {
            if is_asked_for(name) {
                spent.push(cost(name, requests).await?);
            }
        }
    }
    let mut medians = Vec::new();
    for (name, mut spent) in clients.into_iter().zip(spent) {
        spent.sort_by(f64::total_cmp);
        if let [least, .., most] = spent[..] {
            let median = spent[spent.len() / 2];
            eprintln!("{name}: {median:.1} µs of CPU a request ({least:.1} – {most:.1})");
            medians.push(median);
        }
    }
    if let [theirs, ours] = medians[..] {
        eprintln!("ours costs {:.2} of the SDK's", ours / theirs);
    }
    Ok(())
}

/// Microseconds of CPU, with connections that are open already, and so many requests under way.
pub(crate) async fn measured(
    requests: usize,
    in_flight: usize,
    request: impl AsyncFn() -> Outcome<()>,
) -> Outcome<f64> {
    let all = async |count| {
        let all = stream::iter(0..count).map(|_| request()).buffer_unordered(in_flight);
        all.try_collect::<()>().await
    };
    all(in_flight).await?;
    let before = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    all(requests).await?;
    let after = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?;
    let spent = Duration::from(after) - Duration::from(before);
    #[expect(clippy::cast_precision_loss, reason = "a few thousand requests")]
    Ok(spent.as_secs_f64() * 1e6 / requests as f64)
}

/// As a function on Lambda has it: its credentials have a session token of a kilobyte.
pub(crate) fn sdk(url: &str) -> SdkConfig {
    let token = Some("token".repeat(200));
    let keys = Credentials::new("AKIAIOSFODNN7EXAMPLE", "secret", token, None, "benchmark");
    let timeouts =
        TimeoutConfig::builder().connect_timeout(LIMIT).operation_attempt_timeout(LIMIT).build();
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::from_static("eu-central-1"))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .endpoint_url(url)
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts)
        .build()
}

/// Gives every request this answer, by a thread for each connection.
pub(crate) fn serve(answer: &'static str) -> std::io::Result<SocketAddr> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            std::thread::spawn(move || answer_all(stream, answer));
        }
    });
    Ok(address)
}

/// Until the client leaves.
fn answer_all(mut stream: TcpStream, answer: &str) -> Option<()> {
    stream.set_nodelay(true).ok()?;
    let mut buffer = [0; 64 * 1024];
    loop {
        let mut filled = 0;
        while !is_whole(&buffer[..filled]) {
            match stream.read(&mut buffer[filled..]).ok()? {
                0 => return None,
                more => filled += more,
            }
        }
        stream.write_all(answer.as_bytes()).ok()?;
    }
}

fn is_whole(request: &[u8]) -> bool {
    let Some(end) = request.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { return false };
    let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    let length = length.and_then(|length| length.parse().ok()).unwrap_or(0);
    request.len() >= end + 4 + length
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
