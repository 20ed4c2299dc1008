//! The SDK's own client, unchanged: what it takes for an error must be that error.

use aws_sdk_sqs::Client;
use aws_sdk_sqs::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_sqs::error::ProvideErrorMetadata;
use aws_sdk_sqs::types::{
    DeleteMessageBatchRequestEntry, MessageSystemAttributeName, QueueAttributeName,
    SendMessageBatchRequestEntry,
};

use super::*;
use crate::template;

const URL: &str = "https://sqs.us-east-1.amazonaws.com/000000000000/banter-Queue";

async fn client() -> Client {
    let (listener, address) = crate::runtime::loopback().await.unwrap();
    Queues::start(
        listener,
        &[template::Queue {
            name: "banter-Queue".to_owned(),
            arn: "arn:aws:sqs:us-east-1:000000000000:banter-Queue".to_owned(),
            line: 1,
            visibility: std::time::Duration::from_secs(30),
            retention: std::time::Duration::from_secs(600),
            redrive: Some(template::Redrive { queue_arn: "dead".to_owned(), max_receive_count: 3 }),
        }],
    );
    let config = aws_sdk_sqs::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .credentials_provider(Credentials::new("local", "local", None, None, "local"))
        .endpoint_url(format!("http://{address}"))
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Client::from_conf(config)
}

fn entry(id: &str, body: &str) -> SendMessageBatchRequestEntry {
    SendMessageBatchRequestEntry::builder().id(id).message_body(body).build().unwrap()
}

#[tokio::test]
async fn a_message_goes_through_the_queue() {
    let client = client().await;
    let sent = client.send_message().queue_url(URL).message_body("hello").send().await.unwrap();
    assert_eq!(sent.md5_of_message_body(), Some("5d41402abc4b2a76b9719d911017c592"));
    let batch = client.send_message_batch().queue_url(URL);
    let batch = batch.entries(entry("a", "x")).entries(entry("b", ""));
    let answer = batch.send().await.unwrap();
    assert_eq!(answer.successful()[0].id(), "a");
    assert_eq!((answer.failed()[0].id(), answer.failed()[0].sender_fault()), ("b", true));

    let received = client
        .receive_message()
        .queue_url(URL)
        .max_number_of_messages(10)
        .wait_time_seconds(20)
        .message_system_attribute_names(MessageSystemAttributeName::ApproximateReceiveCount)
        .send()
        .await
        .unwrap();
    let [first, second] = received.messages() else { panic!("{received:?}") };
    assert_eq!((first.body(), second.body()), (Some("hello"), Some("x")));
    let count = &first.attributes().unwrap()[&MessageSystemAttributeName::ApproximateReceiveCount];
    assert_eq!(count, "1");

    let (first, second) = (first.receipt_handle().unwrap(), second.receipt_handle().unwrap());
    let change = client.change_message_visibility().queue_url(URL).receipt_handle(second);
    change.visibility_timeout(0).send().await.unwrap();
    client.delete_message().queue_url(URL).receipt_handle(first).send().await.unwrap();
    let again = client.receive_message().queue_url(URL).send().await.unwrap();
    let again = again.messages()[0].receipt_handle().unwrap();
    let gone = DeleteMessageBatchRequestEntry::builder().id("a").receipt_handle(again);
    let gone = client.delete_message_batch().queue_url(URL).entries(gone.build().unwrap());
    assert_eq!(gone.send().await.unwrap().successful().len(), 1);
    let attributes = client.get_queue_attributes().queue_url(URL);
    let attributes = attributes.attribute_names(QueueAttributeName::All).send().await.unwrap();
    let attributes = attributes.attributes().unwrap();
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessages], "0");
    assert_eq!(attributes[&QueueAttributeName::ApproximateNumberOfMessagesNotVisible], "0");
}

#[tokio::test]
async fn what_sqs_refuses_is_refused_by_its_name() {
    let client = client().await;
    let send = |url: &str| client.send_message().queue_url(url).message_body("x");
    let refused = send(&format!("{URL}-no")).send().await.unwrap_err().into_service_error();
    assert!(refused.is_queue_does_not_exist(), "{refused:?}");
    let refused = send(URL).delay_seconds(1).send().await.unwrap_err();
    assert_eq!(refused.code(), Some("InvalidParameterValue"), "not emulated, so not ignored");

    let large = "x".repeat(1024 * 1024);
    let over = send(URL).message_body(format!("{large}x")).send().await.unwrap_err();
    assert_eq!(over.code(), Some("InvalidParameterValue"));
    send(URL).message_body(&large).send().await.unwrap();

    let batch = async |entries: Vec<SendMessageBatchRequestEntry>| {
        let batch = client.send_message_batch().queue_url(URL).set_entries(Some(entries));
        batch.send().await.unwrap_err().into_service_error()
    };
    assert!(batch(vec![]).await.is_empty_batch_request());
    assert!(batch(vec![entry("a", "x"), entry("a", "y")]).await.is_batch_entry_ids_not_distinct());
    assert!(batch(vec![entry("a b", "x")]).await.is_invalid_batch_entry_id());
    let eleven = (0..11).map(|id| entry(&id.to_string(), "x")).collect();
    assert!(batch(eleven).await.is_too_many_entries_in_batch_request());
    assert!(batch(vec![entry("a", &large), entry("b", "x")]).await.is_batch_request_too_long());

    let delete = client.delete_message().queue_url(URL).receipt_handle("nonsense");
    let refused = delete.send().await.unwrap_err().into_service_error();
    assert!(refused.is_receipt_handle_is_invalid(), "{refused:?}");
    let refused = client.purge_queue().queue_url(URL).send().await.unwrap_err();
    assert!(refused.into_service_error().is_unsupported_operation());
}
