//! The operations that can be asked for, each by the builder of its input.

use std::sync::OnceLock;

use aws_sdk_dynamodb::error::{ProvideErrorMetadata as _, SdkError};
use aws_sdk_dynamodb::operation::{
    batch_get_item, batch_write_item, delete_item, get_item, put_item, query, transact_write_items,
    update_item,
};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input};
use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::runtime_plugin::RuntimePlugin as _;
use aws_smithy_types::config_bag::FrozenLayer;
use tokio::time::Instant;

use super::{Client, PAUSE, Tried};

/// What can be asked of DynamoDB.
pub(crate) trait Call: Sized {
    type Output;
    type Error;

    /// Asks it: up to three times, if need be.
    ///
    /// # Errors
    /// Those of the SDK's client.
    async fn call(
        self,
        client: &Client,
    ) -> Result<Self::Output, SdkError<Self::Error, HttpResponse>>;
}

macro_rules! calls {
    ($($module:ident $operation:ident $builder:ident $output:ident $error:ident $units:ident;)*) => {$(
        impl Call for $module::builders::$builder {
            type Output = $module::$output;
            type Error = $module::$error;

            async fn call(
                self,
                client: &Client,
            ) -> Result<Self::Output, SdkError<Self::Error, HttpResponse>> {
                #[cfg(any(test, feature = "testing"))]
                if let Some(meter) = &client.meter {
                    use aws_sdk_dynamodb::types::ReturnConsumedCapacity::Total;
                    let place = meter.begin(stringify!($operation));
                    let unmetered = Client { meter: None, ..client.clone() };
                    let done = Box::pin(self.return_consumed_capacity(Total).call(&unmetered)).await;
                    let refused = done.as_ref().is_err_and(|error| error.code() == Some(REFUSED));
                    let spent = done.as_ref().map(|output| &output.consumed_capacity);
                    meter.end(&place, crate::testing::Unit::$units, spent.ok(), refused);
                    return done;
                }
                static OPERATION: OnceLock<Option<FrozenLayer>> = OnceLock::new();
                let operation = OPERATION.get_or_init(|| $module::$operation::new().config());
                let Some(operation) = operation else {
                    return Box::pin(self.send_with(client.sdk())).await;
                };
                let input = self.clone().build().map_err(SdkError::construction_failure)?;
                fn code(error: &Error) -> Option<&str> {
                    error.downcast_ref::<$module::$error>()?.code()
                }
                // In boxes, as what is rare below: otherwise every future that waits for this one is as
                // large as all that a call may come to, and is moved about.
                let trying = client.inner.attempt(operation, Input::erase(input), code);
                match Box::pin(trying).await {
                    Tried::Answered(output) => {
                        if let Ok(output) = output.downcast() {
                            return Ok(output);
                        }
                    }
                    Tried::Refused(error, answer) => {
                        if let Ok(error) = error.downcast() {
                            return Err(SdkError::service_error(error, *answer));
                        }
                    }
                    Tried::InVain { answered: true } => {
                        let pause = PAUSE.mul_f64(fastrand::f64());
                        tokio::time::sleep_until(Instant::now() + pause).await;
                    }
                    Tried::InVain { answered: false } => {}
                }
                Box::pin(self.send_with(client.sdk())).await
            }
        }
    )*};
}

/// What a condition that did not hold is called.
#[cfg(any(test, feature = "testing"))]
const REFUSED: &str = "ConditionalCheckFailedException";

calls! {
    batch_get_item BatchGetItem BatchGetItemInputBuilder BatchGetItemOutput BatchGetItemError Read;
    batch_write_item BatchWriteItem BatchWriteItemInputBuilder BatchWriteItemOutput BatchWriteItemError Write;
    delete_item DeleteItem DeleteItemInputBuilder DeleteItemOutput DeleteItemError Write;
    get_item GetItem GetItemInputBuilder GetItemOutput GetItemError Read;
    put_item PutItem PutItemInputBuilder PutItemOutput PutItemError Write;
    query Query QueryInputBuilder QueryOutput QueryError Read;
    transact_write_items TransactWriteItems TransactWriteItemsInputBuilder TransactWriteItemsOutput TransactWriteItemsError Write;
    update_item UpdateItem UpdateItemInputBuilder UpdateItemOutput UpdateItemError Write;
}
