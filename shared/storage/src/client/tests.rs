//! What is asked is what the SDK's client asks, and what is answered is read as it reads it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex};

use aws_config::retry::RetryConfig;
use aws_sdk_dynamodb::Client as Sdk;
use aws_sdk_dynamodb::config::Builder;
use aws_sdk_dynamodb::operation::batch_get_item::BatchGetItemInput;
use aws_sdk_dynamodb::operation::batch_write_item::BatchWriteItemInput;
use aws_sdk_dynamodb::operation::delete_item::DeleteItemInput;
use aws_sdk_dynamodb::operation::get_item::GetItemInput;
use aws_sdk_dynamodb::operation::put_item::PutItemInput;
use aws_sdk_dynamodb::operation::query::QueryInput;
use aws_sdk_dynamodb::operation::transact_write_items::TransactWriteItemsInput;
use aws_sdk_dynamodb::operation::update_item::UpdateItemInput;
use aws_sdk_dynamodb::types::{
    AttributeValue, KeysAndAttributes, Put, PutRequest, TransactWriteItem, WriteRequest,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};

use domain::RoomId;

use super::{Call as _, Client};
use crate::samples::{message, start, user};
use crate::testing::sdk;
use crate::{Appended, Store, Tables};

/// What the service does with a request.
#[derive(Debug, Clone, Copy)]
enum Does {
    Answers(u16, &'static str),
    /// It hangs up.
    Leaves,
}

const DONE: Does = Does::Answers(200, "{}");
const THROTTLED: Does = Does::Answers(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ThrottlingException","message":"slow down"}"#,
);
const REFUSED: Does = Does::Answers(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException",
        "message":"The conditional request failed","Item":{"pk":{"S":"R#1"}}}"#,
);
const CANCELLED: Does = Does::Answers(
    400,
    r#"{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException",
        "Message":"Transaction cancelled","CancellationReasons":[{"Code":"None"},
        {"Code":"ConditionalCheckFailed","Message":"failed","Item":{"pk":{"S":"K#1"}}}]}"#,
);

#[derive(Debug, PartialEq, Eq)]
struct Heard {
    first_line: String,
    headers: BTreeMap<String, String>,
    body: Vec<u8>,
}

#[derive(Clone)]
struct Service {
    url: String,
    heard: Arc<Mutex<Vec<Heard>>>,
}

impl Service {
    /// Does these in turn, and the last of them for ever.
    async fn start(does: &[Does]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let heard = Arc::default();
        let service = Self { url, heard: Arc::clone(&heard) };
        let does = Arc::new(Mutex::new(does.iter().copied().collect::<VecDeque<_>>()));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&does), Arc::clone(&heard)));
            }
        });
        service
    }

    fn client(&self) -> Client {
        Client::new(&sdk(&self.url))
    }

    /// The SDK's client, which asks once.
    fn reference(&self) -> Sdk {
        let config = Builder::from(&sdk(&self.url)).retry_config(RetryConfig::disabled());
        Sdk::from_conf(config.build())
    }

    fn heard(&self) -> Vec<Heard> {
        std::mem::take(&mut *self.heard.lock().unwrap())
    }
}

async fn serve(
    stream: TcpStream,
    does: Arc<Mutex<VecDeque<Does>>>,
    heard: Arc<Mutex<Vec<Heard>>>,
) -> Option<()> {
    let mut stream = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(stream.read_u8().await.ok()?);
        }
        let head = String::from_utf8(head).unwrap();
        let mut lines = head.lines();
        let first_line = lines.next()?.to_owned();
        let headers = lines.filter_map(|line| line.split_once(": "));
        let headers: BTreeMap<_, _> =
            headers.map(|(name, value)| (name.to_lowercase(), value.to_owned())).collect();
        let mut body = vec![0; headers["content-length"].parse().unwrap()];
        stream.read_exact(&mut body).await.ok()?;
        heard.lock().unwrap().push(Heard { first_line, headers, body });
        let next = {
            let mut does = does.lock().unwrap();
            if does.len() > 1 { does.pop_front()? } else { *does.front()? }
        };
        let Does::Answers(status, body) = next else { return None };
        let length = body.len();
        let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: {length}\r\n\r\n{body}");
        stream.write_all(answer.as_bytes()).await.ok()?;
    }
}

fn text(value: &str) -> AttributeValue {
    AttributeValue::S(value.to_owned())
}

fn update() -> aws_sdk_dynamodb::operation::update_item::builders::UpdateItemInputBuilder {
    let update = UpdateItemInput::builder().table_name("chat").key("pk", text("R#1"));
    update.update_expression("ADD seq :one").expression_attribute_values(":one", text("ä\"1"))
}

fn transaction()
-> aws_sdk_dynamodb::operation::transact_write_items::builders::TransactWriteItemsInputBuilder {
    let put = Put::builder().table_name("chat").item("pk", text("K#1")).build().unwrap();
    let write = TransactWriteItem::builder().put(put).build();
    TransactWriteItemsInput::builder().transact_items(write).client_request_token("t-1")
}

/// The same request by both: what came of it, as it is printed, and as it was heard.
macro_rules! by_both {
    ($service:expr, $input:expr) => {{
        let (ours, theirs) = ($service.client(), $service.reference());
        let ours = format!("{:?}", $input.call(&ours).await);
        let heard = $service.heard();
        let theirs = format!("{:?}", $input.send_with(&theirs).await);
        ([ours, theirs], [heard, $service.heard()])
    }};
}

#[tokio::test]
async fn the_sdk_asks_the_same_and_understands_the_same() {
    let keys = || KeysAndAttributes::builder().keys([("pk".to_owned(), text("1"))].into());
    let put = || PutRequest::builder().item("pk", text("1")).build().unwrap();
    let write = || WriteRequest::builder().put_request(put()).build();
    let service = Service::start(&[DONE]).await;
    for (answers, heard) in [
        by_both!(service, update()),
        by_both!(service, transaction()),
        by_both!(service, GetItemInput::builder().table_name("chat").key("pk", text("1"))),
        by_both!(service, PutItemInput::builder().table_name("chat").item("pk", text("1"))),
        by_both!(service, DeleteItemInput::builder().table_name("chat").key("pk", text("1"))),
        by_both!(service, QueryInput::builder().table_name("chat").limit(3)),
        by_both!(
            service,
            BatchGetItemInput::builder().request_items("chat", keys().build().unwrap())
        ),
        by_both!(service, BatchWriteItemInput::builder().request_items("chat", vec![write()])),
    ] {
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0].starts_with("Ok("), "{answers:?}");
        let [[ours], [theirs]] = heard.each_ref().map(Vec::as_slice) else { panic!("{heard:?}") };
        assert_eq!((&ours.first_line, &ours.body), (&theirs.first_line, &theirs.body));
        for (name, value) in &ours.headers {
            let is_of_its_time = matches!(name.as_str(), "authorization" | "x-amz-date");
            let said = theirs.headers.get(name);
            assert!(is_of_its_time || said == Some(value), "{name}: {value}, {said:?}");
        }
        assert!(ours.headers.contains_key("authorization"), "{ours:?}");
        let mut left_out = theirs.headers.keys().filter(|name| !ours.headers.contains_key(*name));
        assert!(left_out.all(|name| name.ends_with("user-agent") || name.starts_with("amz-sdk-")));
    }
}

#[tokio::test]
async fn what_a_condition_says_is_final_and_read_as_the_sdk_reads_it() {
    let refused = Service::start(&[REFUSED]).await;
    let cancelled = Service::start(&[CANCELLED]).await;
    for (answers, heard) in [by_both!(refused, update()), by_both!(cancelled, transaction())] {
        assert_eq!(answers[0], answers[1]);
        assert!(answers[0].starts_with("Err(ServiceError("), "{answers:?}");
        assert_eq!(heard[0].len(), 1, "it is asked once");
    }
}

#[tokio::test]
async fn what_comes_to_nothing_is_asked_again_as_often_as_by_the_sdk() {
    const BROKEN: Does = Does::Answers(500, "");
    const NONSENSE: Does = Does::Answers(200, "[");
    for (does, expected, asked) in [
        (&[DONE][..], true, 1),
        (&[THROTTLED, DONE], true, 2),
        (&[BROKEN, DONE], true, 2),
        (&[NONSENSE, DONE], true, 2),
        (&[Does::Leaves, DONE], true, 2),
        (&[THROTTLED, THROTTLED, DONE], true, 3),
        (&[Does::Leaves, THROTTLED, BROKEN, DONE], false, 3),
        // Nobody expects it, so it is asked once more, and told.
        (&[Does::Answers(400, r#"{"__type":"ValidationException"}"#)], false, 2),
    ] {
        let service = Service::start(does).await;
        let done = update().call(&service.client()).await;
        assert_eq!(done.is_ok(), expected, "{does:?}: {done:?}");
        let heard = service.heard();
        assert_eq!(heard.len(), asked, "{does:?}");
        assert!(heard.iter().all(|one| one.body == heard[0].body), "the same each time");
    }
}

/// A transaction that was committed before its answer was lost has to be known again; a message is,
/// by a row of its own.
#[tokio::test]
async fn a_change_keeps_its_token_from_try_to_try_and_a_message_needs_none() {
    let service = Service::start(&[Does::Leaves, THROTTLED, DONE]).await;
    let name = |name: &str| name.to_owned();
    let tables = Tables {
        chat: name("chat"),
        connections: name("connections"),
        ephemeral: name("ephemeral"),
    };
    let store = Store::new(&sdk(&service.url), tables);
    let message = message(RoomId::new(uuid::Uuid::now_v7()), 3, "hello");
    let has_token =
        |heard: &Heard| String::from_utf8_lossy(&heard.body).contains("ClientRequestToken");

    assert!(store.void(message.room_id, message.seq, start()).await.unwrap());
    let tries = service.heard();
    assert_eq!(tries.len(), 3);
    assert!(has_token(&tries[0]) && tries.iter().all(|one| one.body == tries[0].body));

    let client_id = "c-1".parse().unwrap();
    let sent = store.append_message(&message, user(1), &client_id, "hash", start()).await;
    assert_eq!(sent.unwrap(), Appended::Stored);
    assert!(service.heard().iter().all(|one| !has_token(one)));
}
