use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_credential_types::provider::{self, ProvideCredentials, future};

use super::*;

const FORM: Form =
    Form { service: "execute-api", content_type: "application/octet-stream", has_target: false };

fn noon() -> Timestamp {
    "2026-01-31T12:00:00Z".parse().unwrap()
}

/// Gives the same credentials each time, and counts how often.
#[derive(Debug)]
struct Counted(Arc<AtomicUsize>, Option<Timestamp>);

impl ProvideCredentials for Counted {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            tokio::task::yield_now().await;
            let asked = self.0.fetch_add(1, Ordering::Relaxed);
            let end = self.1.map(SystemTime::from);
            let id = format!("AKIA{asked}");
            provider::Result::Ok(Credentials::new(id, "secret", None, end, "test"))
        })
    }
}

async fn asked(end: Option<Timestamp>, seconds: &[i64]) -> usize {
    let count = Arc::new(AtomicUsize::new(0));
    let provider = SharedCredentialsProvider::new(Counted(Arc::clone(&count), end));
    let keys = Keys::new(&SdkConfig::builder().credentials_provider(provider).build(), FORM);
    for &second in seconds {
        let now = noon() + jiff::SignedDuration::from_secs(second);
        let stamp = Stamp::new(now);
        let key = || keys.key("localhost", &stamp, now);
        // Several at once ask once.
        let (one, other, third) = tokio::join!(key(), key(), key());
        assert!([one, other, third].into_iter().all(|key| key.unwrap().is_for(&stamp)));
    }
    count.load(Ordering::Relaxed)
}

#[tokio::test]
async fn credentials_are_asked_for_when_they_or_the_day_end() {
    let after = |seconds| Some(noon() + jiff::SignedDuration::from_secs(seconds));
    for (end, seconds, expected) in [
        (after(3_600), &[0, 1, 1_000, 3_539][..], 1),
        (after(100_000), &[0, 43_199], 1),
        (after(100_000), &[0, 43_200, 43_201], 2),
        (None, &[0, 899], 1),
        (None, &[0, 901], 2),
        // The end is near, or over: whoever provides them may have others any moment.
        (after(3_600), &[0, 3_541], 4),
        (after(30), &[0, 1, 2], 9),
        (after(-30), &[0], 3),
    ] {
        assert_eq!(asked(end, seconds).await, expected, "until {end:?}, at {seconds:?}");
    }
}

#[tokio::test]
async fn without_a_provider_there_is_no_key() {
    let keys = Keys::new(&SdkConfig::builder().build(), FORM);
    assert!(keys.key("localhost", &Stamp::new(noon()), noon()).await.is_err());
}
