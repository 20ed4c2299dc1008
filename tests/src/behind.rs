//! What stands behind a stack: the stand-ins for AWS, asked directly. For what people cannot do or see
//! from outside, such as filling a town.

use serde_json::{Value, json};
use uuid::Uuid;

use crate::{Person, Stack};

/// The stand-ins for AWS behind a stack, as its functions reach them.
#[derive(Debug)]
pub struct Behind {
    endpoints: Value,
    client: reqwest::Client,
}

impl Behind {
    /// Those of this stack.
    ///
    /// # Panics
    /// If it has never run.
    #[must_use]
    pub fn of(stack: &Stack) -> Self {
        let file = stack.data().join("endpoints.json");
        let text = std::fs::read_to_string(file).expect("a running stack says where they are");
        let endpoints = serde_json::from_str(&text).expect("JSON");
        Self { endpoints, client: reqwest::Client::new() }
    }

    async fn call(&self, service: &str, target: &str, body: Value) -> Value {
        let url = self.endpoints[service].as_str().expect("an address");
        let request = self.client.post(url).header("x-amz-target", target).body(body.to_string());
        // Nobody checks a signature here; there only has to be one.
        let signature = "AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/any/aws4_request, \
                         SignedHeaders=host;x-amz-date, Signature=0";
        let request = request
            .header("content-type", "application/x-amz-json-1.0")
            .header("authorization", signature)
            .header("x-amz-date", "20260101T000000Z");
        let response = request.send().await.expect("it answers");
        let (status, text) = (response.status(), response.text().await.expect("a body"));
        assert!(status.is_success(), "{target}: {text}");
        serde_json::from_str(&text).expect("JSON")
    }

    /// A call of DynamoDB.
    pub async fn dynamodb(&self, call: &str, body: Value) -> Value {
        self.call("dynamodb", &format!("DynamoDB_20120810.{call}"), body).await
    }

    /// A call of SQS.
    pub async fn sqs(&self, call: &str, body: Value) -> Value {
        self.call("sqs", &format!("AmazonSQS.{call}"), body).await
    }

    /// Every row of every table. Only a test looks at all of them.
    ///
    /// # Panics
    /// If the database does not answer as it should.
    pub async fn everything(&self) -> Vec<Value> {
        let mut rows = Vec::new();
        for table in ["CHAT_TABLE", "CONNECTIONS_TABLE", "EPHEMERAL_TABLE"] {
            let name = &self.endpoints["variables"][table];
            let mut request = json!({ "TableName": name, "ConsistentRead": true });
            loop {
                let mut answer = self.dynamodb("Scan", request.clone()).await;
                rows.extend(answer["Items"].as_array().expect("rows").iter().cloned());
                match answer["LastEvaluatedKey"].take() {
                    Value::Null => break,
                    key => request["ExclusiveStartKey"] = key,
                }
            }
        }
        rows
    }

    fn chat_table(&self) -> &Value {
        &self.endpoints["variables"]["CHAT_TABLE"]
    }

    /// A row of the chat table; null if it is not there.
    pub async fn row(&self, pk: &str, sk: &str) -> Value {
        let key = json!({ "pk": { "S": pk }, "sk": { "S": sk } });
        let request = json!({ "TableName": self.chat_table(), "Key": key, "ConsistentRead": true });
        self.dynamodb("GetItem", request).await["Item"].take()
    }

    /// Makes every row of this key of this table so many days older, and nothing younger.
    ///
    /// # Panics
    /// If the database does not answer as it should.
    pub async fn age(&self, table: &str, pk: &str, days: i64) {
        const DAY: i64 = 24 * 60 * 60;
        for mut row in self.rows_of(table, pk).await {
            for (attribute, unit) in
                [("created_at", 1_000), ("last_activity_at", 1_000), ("expires_at", 1)]
            {
                if let Some(time) = row[attribute]["N"].as_str() {
                    let time: i64 = time.parse().expect("a time");
                    row[attribute] = json!({ "N": (time - days * DAY * unit).to_string() });
                }
            }
            let request = json!({ "TableName": self.endpoints["variables"][table], "Item": row });
            self.dynamodb("PutItem", request).await;
        }
    }

    /// Does what DynamoDB does some time after rows of this key have expired. Gives how many did.
    ///
    /// # Panics
    /// If the database does not answer as it should.
    pub async fn sweep(&self, table: &str, pk: &str, now: i64) -> usize {
        let mut swept = 0;
        for row in self.rows_of(table, pk).await {
            let ends = row["expires_at"]["N"].as_str().map(|at| at.parse::<i64>().expect("a time"));
            if ends.is_some_and(|ends| ends < now) {
                let key = json!({ "pk": row["pk"], "sk": row["sk"] });
                let table = &self.endpoints["variables"][table];
                self.dynamodb("DeleteItem", json!({ "TableName": table, "Key": key })).await;
                swept += 1;
            }
        }
        swept
    }

    /// The rows of a key, of which there must be few.
    async fn rows_of(&self, table: &str, pk: &str) -> Vec<Value> {
        let request = json!({
            "TableName": self.endpoints["variables"][table], "ConsistentRead": true,
            "KeyConditionExpression": "pk = :pk", "ExpressionAttributeValues": { ":pk": { "S": pk } },
        });
        let mut answer = self.dynamodb("Query", request).await;
        assert_eq!(answer["LastEvaluatedKey"], Value::Null, "these are not few");
        answer["Items"].as_array_mut().map(std::mem::take).expect("rows")
    }

    /// How many rows the room has.
    ///
    /// # Panics
    /// If the database does not answer as it should.
    pub async fn rows(&self, room: &str) -> u64 {
        let request = json!({
            "TableName": self.chat_table(), "Select": "COUNT", "ConsistentRead": true,
            "KeyConditionExpression": "pk = :room",
            "ExpressionAttributeValues": { ":room": { "S": format!("R#{room}") } },
        });
        let (mut count, mut request) = (0, request);
        loop {
            let answer = self.dynamodb("Query", request.clone()).await;
            count += answer["Count"].as_u64().expect("a count");
            match &answer["LastEvaluatedKey"] {
                Value::Null => return count,
                key => request["ExclusiveStartKey"] = key.clone(),
            }
        }
    }

    /// Makes a room one that cannot be read: its version is this text.
    pub async fn spoil(&self, room: &str, text: &str) {
        let key = json!({ "pk": { "S": format!("R#{room}") }, "sk": { "S": "HEAD" } });
        let request = json!({
            "TableName": self.chat_table(), "Key": key, "UpdateExpression": "SET version = :text",
            "ExpressionAttributeValues": { ":text": { "S": text } },
        });
        self.dynamodb("UpdateItem", request).await;
    }

    /// Fills a room up to `members` with people who have the same standing as `like`, and are rows and
    /// nothing more. Gives their ids.
    ///
    /// # Panics
    /// If the database does not answer as it should.
    pub async fn fill(&self, room: &str, like: &Person, members: usize) -> Vec<String> {
        let already = like.room(room).await["member_count"].as_u64().expect("a count");
        let already = usize::try_from(already).expect("rooms are small");
        let table = self.chat_table().as_str().expect("a name");
        let (room_key, user_key) = (format!("R#{room}"), format!("U#{}", like.id));
        let member = self.row(&room_key, &user_key).await;
        let my_room = self.row(&user_key, &room_key).await;
        let ids: Vec<_> = (already..members).map(|_| Uuid::now_v7().to_string()).collect();
        let rows: Vec<_> = ids
            .iter()
            .flat_map(|id| {
                let user = json!({ "S": format!("U#{id}") });
                let (mut member, mut my_room) = (member.clone(), my_room.clone());
                member["sk"] = user.clone();
                my_room["pk"] = user;
                [member, my_room]
            })
            .map(|row| json!({ "PutRequest": { "Item": row } }))
            .collect();
        for chunk in rows.chunks(25) {
            let mut tables = serde_json::Map::new();
            tables.insert(table.to_owned(), json!(chunk));
            self.dynamodb("BatchWriteItem", json!({ "RequestItems": tables })).await;
        }
        let key = json!({ "pk": { "S": room_key }, "sk": { "S": "HEAD" } });
        let count = json!({ ":count": { "N": members.to_string() } });
        let request = json!({
            "TableName": table, "Key": key, "UpdateExpression": "SET member_count = :count",
            "ExpressionAttributeValues": count,
        });
        self.dynamodb("UpdateItem", request).await;
        ids
    }
}
