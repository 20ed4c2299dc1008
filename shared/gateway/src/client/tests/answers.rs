//! Whatever the gateway does, this client takes it for what the SDK takes it for.

use std::time::Duration;

use aws_sdk_apigatewaymanagement::error::SdkError;
use aws_sdk_apigatewaymanagement::operation::post_to_connection::PostToConnectionError;
use aws_sdk_apigatewaymanagement::primitives::Blob;
use tokio::net::TcpListener;

use super::reference;
use crate::testing::{Answer, Gateway, TAKEN, Then, ana, credentials, noon, sdk};
use crate::{Client, Frame, PostError};

/// Longer than anything here takes that answers.
const LIMIT: Duration = Duration::from_millis(500);

/// All that a fan-out tells apart.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    Taken,
    Gone,
    TooMuch,
    Nothing,
    Failure,
}

async fn ours(url: &str) -> Verdict {
    let client = Client::new(&sdk(credentials("AKIA", "secret", None)), url, LIMIT);
    match client.post(&ana(), &Frame::new("hello"), noon()).await {
        Ok(()) => Verdict::Taken,
        Err(PostError::Gone) => Verdict::Gone,
        Err(PostError::TooMuch) => Verdict::TooMuch,
        Err(PostError::TimedOut) => Verdict::Nothing,
        Err(_) => Verdict::Failure,
    }
}

async fn theirs(url: &str) -> Verdict {
    let client = reference(&sdk(credentials("AKIA", "secret", None)), url, LIMIT);
    let post = client.post_to_connection().connection_id(ana().as_str()).data(Blob::new("hello"));
    match post.send().await {
        Ok(_) => Verdict::Taken,
        Err(SdkError::TimeoutError(_)) => Verdict::Nothing,
        Err(SdkError::ServiceError(answer)) if answer.raw().status().as_u16() == 429 => {
            Verdict::TooMuch
        }
        Err(SdkError::ServiceError(answer)) => match answer.err() {
            PostToConnectionError::GoneException(_) => Verdict::Gone,
            _ => Verdict::Failure,
        },
        Err(_) => Verdict::Failure,
    }
}

async fn both(url: &str) -> (Verdict, Verdict) {
    tokio::join!(ours(url), theirs(url))
}

macro_rules! answer {
    ($status:literal, $name:literal, $body:literal) => {
        answer!($status, concat!("x-amzn-errortype: ", $name, "\r\n"), , $body)
    };
    ($status:literal, $body:literal) => {
        answer!($status, "", , $body)
    };
    ($status:literal, $headers:expr, , $body:literal) => {
        concat!(
            "HTTP/1.1 ", $status, " X\r\nconnection: close\r\ncontent-type: application/json\r\n",
            $headers, "\r\n", $body
        )
    };
}

#[tokio::test]
async fn every_answer_means_what_it_means_to_the_sdk() {
    use Verdict::{Failure, Gone, Taken, TooMuch};
    for (bytes, expected) in [
        (answer!("200", ""), Taken),
        (answer!("200", "{\"message\":\"text\"}"), Taken),
        (answer!("204", ""), Taken),
        (answer!("410", "GoneException", ""), Gone),
        (answer!("410", "GoneException", "{\"message\":\"x\"}"), Gone),
        (answer!("410", "com.amazonaws#GoneException:http://x/", "{}"), Gone),
        (answer!("410", "{\"__type\":\"GoneException\"}"), Gone),
        (answer!("410", "{\"code\":\"GoneException\",\"__type\":\"Other\"}"), Gone),
        (answer!("400", "GoneException", ""), Gone),
        // The status alone does not say it, nor what is no error of this service.
        (answer!("410", ""), Failure),
        (answer!("410", "{\"__type\":7}"), Failure),
        (answer!("410", "GoneException", "<html>"), Failure),
        (answer!("410", "ForbiddenException", "{\"__type\":\"GoneException\"}"), Failure),
        (answer!("429", "LimitExceededException", ""), TooMuch),
        (answer!("429", "{\"message\":\"Too Many Requests\"}"), TooMuch),
        (answer!("429", "<html>"), TooMuch),
        (answer!("429", "GoneException", ""), TooMuch),
        (answer!("403", "ForbiddenException", "{\"message\":\"Forbidden\"}"), Failure),
        (answer!("403", "{\"message\":\"Forbidden\"}"), Failure),
        (answer!("413", "PayloadTooLargeException", "{\"message\":\"x\"}"), Failure),
        (answer!("400", "BadRequestException", "{\"message\":\"x\"}"), Failure),
        (answer!("400", "LimitExceededException", ""), Failure),
        (answer!("500", "InternalServerErrorException", ""), Failure),
        (answer!("502", "<html>"), Failure),
        (answer!("503", ""), Failure),
        (answer!("504", "{\"message\":\"Endpoint request timed out\"}"), Failure),
        (answer!("307", "location: http://127.0.0.1:1/\r\n", , ""), Failure),
        // No answer, and answers that break off.
        ("", Failure),
        ("HTTP/1.1 2", Failure),
        ("garbage\r\n\r\n", Failure),
        ("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ntext", Failure),
        ("HTTP/1.1 410 X\r\nx-amzn-errortype: GoneException\r\ncontent-length: 9\r\n\r\n", Failure),
    ] {
        let mut gateway = Gateway::start(Answer { bytes, then: Then::Close }).await;
        let (ours, theirs) = both(&gateway.url()).await;
        assert_eq!((&ours, &theirs), (&expected, &expected), "ours, theirs: {bytes}");
        gateway.heard().await;
        gateway.heard().await;
        assert_eq!(gateway.unheard(), 0, "each asks once: {bytes}");
    }
}

#[tokio::test]
async fn who_is_silent_says_nothing_and_who_is_not_there_fails() {
    for bytes in ["", "HTTP/1.1 200 OK\r\n", "HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\ntext"] {
        let gateway = Gateway::start(Answer { bytes, then: Then::Wait }).await;
        let said = both(&gateway.url()).await;
        assert_eq!(said, (Verdict::Nothing, Verdict::Nothing), "{bytes}");
    }
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/live", listener.local_addr().unwrap());
    drop(listener);
    for url in [url.as_str(), "http://[", "/live"] {
        assert_eq!(both(url).await, (Verdict::Failure, Verdict::Failure), "{url}");
    }
}

#[tokio::test]
async fn what_failed_is_told_without_what_was_said() {
    let secret = "secret-of-the-test";
    let keys = credentials("AKIA", secret, Some("token-of-the-test".to_owned()));
    let refused = answer!("403", "ForbiddenException", "{\"message\":\"hello-there\"}");
    let unreached = "garbage hello-there\r\n\r\n";
    for (bytes, told) in
        [(refused, "the gateway answered 403 ForbiddenException"), (unreached, "not reached")]
    {
        let gateway = Gateway::start(Answer { bytes, then: Then::Close }).await;
        let client = Client::new(&sdk(keys.clone()), &gateway.url(), LIMIT);
        let frame = Frame::new("hello-there");
        let error = client.post(&ana(), &frame, noon()).await.unwrap_err();
        assert!(error.to_string().contains(told), "{error}");
        let all = format!("{error:?} {client:?} {frame:?}");
        for hidden in [secret, "token-of-the-test", "hello-there", "Qx7"] {
            assert!(!all.contains(hidden), "{hidden}: {all}");
        }
    }
}

/// A process sleeps between two invocations, and the gateway closes what it keeps.
#[tokio::test]
async fn a_kept_connection_that_was_closed_loses_no_post() {
    let mut gateway = Gateway::start(Answer { then: Then::Close, ..TAKEN }).await;
    let client = Client::new(&sdk(credentials("AKIA", "secret", None)), &gateway.url(), LIMIT);
    for number in 0..50 {
        let posted = client.post(&ana(), &Frame::new("hello"), noon()).await;
        assert!(posted.is_ok(), "{number}: {posted:?}");
        gateway.heard().await;
        gateway.closed().await;
    }
}

/// The control of the one above: such connections are kept where nobody closes them.
#[tokio::test]
async fn a_connection_is_used_again() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/live", listener.local_addr().unwrap());
    let client = Client::new(&sdk(credentials("AKIA", "secret", None)), &url, LIMIT);
    let posts = async {
        for _ in 0..50 {
            client.post(&ana(), &Frame::new("hello"), noon()).await.unwrap();
        }
    };
    let served = async {
        let (stream, _) = listener.accept().await.unwrap();
        let (hear, _heard) = tokio::sync::mpsc::unbounded_channel();
        tokio::join!(crate::testing::serve(stream, TAKEN, &hear), listener.accept())
    };
    tokio::select! {
        () = posts => {}
        _ = served => panic!("there is a second connection"),
    }
}
