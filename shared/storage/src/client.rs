//! Asking DynamoDB: first by a request of our own, and again by the SDK's client.
//!
//! Of a call's processor time the SDK spends most on what never changes from one call to the next:
//! layers of configuration, the way to an endpoint, a key. A function is billed by its time, and a
//! send makes four calls. So the SDK's own code writes the request and reads the answer, and what
//! lies between them is ours: a signature by a key that stays, and one try.
//!
//! Where that try comes to nothing (no answer, throttling, whatever nobody expects), the SDK's
//! client goes on: it knows when to ask again, and what to say in the end.

mod address;
mod call;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use aws_config::SdkConfig;
use aws_config::retry::RetryConfig;
use aws_sdk_dynamodb::Client as Sdk;
use aws_sdk_dynamodb::config::{Builder, StalledStreamProtectionConfig};
use aws_smithy_http_client::Connector;
use aws_smithy_http_client::tls::Provider;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_runtime_api::client::http::{
    HttpConnector as _, HttpConnectorSettings, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::interceptors::context::{Error, Input, Output};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::ser_de::{
    DeserializeResponse as _, SerializeRequest as _, SharedRequestSerializer,
    SharedResponseDeserializer,
};
use aws_smithy_types::body::SdkBody;
use aws_smithy_types::config_bag::{ConfigBag, FrozenLayer};
use aws_types::sdk_config::SharedTimeSource;
use environment::Lazy;
use http_body_util::BodyExt as _;
use jiff::Timestamp;
use signing::{Form, Keys, Place, Stamp, digest};

pub(crate) use self::call::Call;

const FORM: Form =
    Form { service: "dynamodb", content_type: "application/x-amz-json-1.0", has_target: true };

/// A try that takes longer is lost, as one of the SDK's client is.
const LIMIT: Duration = Duration::from_secs(3);
const CONNECT_LIMIT: Duration = Duration::from_secs(1);

/// How often the SDK's client asks: with the try before it, as often as it would by itself.
const TRIES_LEFT: u32 = 2;

/// The most that passes between an answer and the next try: those who were refused together do not
/// come back together. Where there was no answer nobody waits.
const PAUSE: Duration = Duration::from_millis(50);

/// The way to DynamoDB. Cheap to clone; made once in a process.
#[derive(Clone)]
pub(crate) struct Client {
    inner: Arc<Inner>,
    #[cfg(any(test, feature = "testing"))]
    meter: Option<crate::testing::Meter>,
}

struct Inner {
    clock: SharedTimeSource,
    keys: Keys,
    way: Lazy<Option<Way>>,
    sdk: Lazy<Sdk>,
}

/// Where DynamoDB is, and the connections to it, which the SDK's client uses too. `None` if it is
/// nowhere.
#[derive(Debug)]
struct Way {
    place: Place,
    url: String,
    connector: SharedHttpConnector,
}

/// How the first try ended.
enum Tried {
    Answered(Output),
    /// By an error that another try would not change.
    Refused(Error, Box<HttpResponse>),
    /// By nothing that says what is the case.
    InVain {
        answered: bool,
    },
}

impl Client {
    pub(crate) fn new(config: &SdkConfig) -> Self {
        let (for_way, for_sdk) = (config.clone(), config.clone());
        let way = Lazy::new(move || Way::of(&for_way));
        let shared = way.clone();
        let sdk = Lazy::new(move || sdk(&for_sdk, shared.as_ref()));
        let clock = config.time_source().unwrap_or_default();
        let inner = Inner { clock, keys: Keys::new(config, FORM), way, sdk };
        Self {
            inner: Arc::new(inner),
            #[cfg(any(test, feature = "testing"))]
            meter: None,
        }
    }

    /// The same, with a meter on it.
    #[cfg(any(test, feature = "testing"))]
    pub(crate) fn metered(&self, meter: crate::testing::Meter) -> Self {
        Self { inner: Arc::clone(&self.inner), meter: Some(meter) }
    }

    /// The SDK's client, for what is rare.
    pub(crate) fn sdk(&self) -> &Sdk {
        &self.inner.sdk
    }
}

impl Inner {
    /// Asks once. `code` finds the name of an error of this operation.
    async fn attempt(
        &self,
        operation: &FrozenLayer,
        input: Input,
        code: fn(&Error) -> Option<&str>,
    ) -> Tried {
        let answer = tokio::time::timeout(LIMIT, self.ask(operation, input)).await;
        let Ok(Some(answer)) = answer else { return Tried::InVain { answered: false } };
        let again = Tried::InVain { answered: true };
        let Some(deserializer) = operation.load::<SharedResponseDeserializer>() else {
            return again;
        };
        let read = deserializer.deserialize_nonstreaming_with_config(&answer, &ConfigBag::base());
        let error = match read {
            Ok(output) => return Tried::Answered(output),
            Err(error) => error,
        };
        let mut refusal = None;
        error.map_operation_error(|error| refusal = Some(error));
        match refusal {
            Some(refusal) if code(&refusal).is_some_and(is_final) => {
                Tried::Refused(refusal, Box::new(answer))
            }
            _ => again,
        }
    }

    /// Sends the request of this input, and reads the answer to its end. `None`: the SDK's client may
    /// find out why.
    async fn ask(&self, operation: &FrozenLayer, input: Input) -> Option<HttpResponse> {
        let way = self.way.as_ref()?;
        let request = self.request(way, operation, input).await?;
        let mut answer = way.connector.call(request).await.ok()?;
        let body = answer.take_body().collect().await.ok()?.to_bytes();
        *answer.body_mut() = SdkBody::from(body);
        Some(answer)
    }

    async fn request(
        &self,
        Way { place, url, .. }: &Way,
        operation: &FrozenLayer,
        input: Input,
    ) -> Option<HttpRequest> {
        let serializer = operation.load::<SharedRequestSerializer>()?;
        let mut request = serializer.serialize_input(input, &mut ConfigBag::base()).ok()?;
        request.set_uri(url.as_str()).ok()?;

        // The SDK's clock: storage has none, and not every call is told the time.
        let now = Timestamp::try_from(self.clock.now()).ok()?;
        let stamp = Stamp::new(now);
        let key = self.keys.key(&place.host, &stamp, now).await.ok()?;
        let sha256 = digest(request.body().bytes()?);
        let target = request.headers().get("x-amz-target");
        let signed = key.sign(&place.path, &stamp, target, &sha256);
        let headers = request.headers_mut();
        for (name, value) in signed {
            headers.try_insert(name, value).ok()?;
        }
        Some(request)
    }
}

impl Way {
    fn of(config: &SdkConfig) -> Option<Self> {
        let place = address::of(config)?;
        let settings = HttpConnectorSettings::builder().connect_timeout(CONNECT_LIMIT).build();
        let connector = Connector::builder().connector_settings(settings);
        let connector = if place.is_plain {
            connector.build_http()
        } else {
            connector.tls_provider(Provider::Rustls(CryptoMode::Ring)).build()
        };
        let url = format!("{}{}", place.origin, place.path);
        Some(Self { place, url, connector: SharedHttpConnector::new(connector) })
    }
}

fn sdk(config: &SdkConfig, way: Option<&Way>) -> Sdk {
    // An attempt has an end anyway, and every answer is read within it; the watch over a body that
    // comes too slowly is for files.
    let mut builder = Builder::from(config)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .retry_config(RetryConfig::standard().with_max_attempts(TRIES_LEFT));
    if let Some(Way { connector, .. }) = way {
        let connector = connector.clone();
        builder = builder.http_client(http_client_fn(move |_, _| connector.clone()));
    }
    Sdk::from_conf(builder.build())
}

/// Whether asking again would bring the same: a condition was looked at, and did not hold.
fn is_final(code: &str) -> bool {
    matches!(code, "ConditionalCheckFailedException" | "TransactionCanceledException")
}

/// Without what signs.
impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("way", &self.inner.way).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
