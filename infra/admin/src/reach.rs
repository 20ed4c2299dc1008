//! The way to a deployment's data: to its tables, or to its sockets and files as well.

use anyhow::{Context, bail};
use bucket::Bucket;
use chat::{App, Settings};
use push::{Push, QueueUrls};
use storage::{Store, Tables};

use crate::cli::{Operate, Reach};

/// A deployment, as far as a command reaches it.
pub(crate) struct Reached {
    store: Store,
    bucket: Option<Bucket>,
    push: Option<Push>,
}

impl Reached {
    /// What the variables of a function name.
    pub(crate) async fn of_environment(operate: &Operate) -> anyhow::Result<Self> {
        let sdk = environment::sdk().await;
        if operate.reach() == Reach::Everything {
            let App { store, bucket, push, .. } = App::with_sdk(&sdk)?;
            return Ok(Self { store, bucket: Some(bucket), push: Some(push) });
        }
        let store = Store::new(&sdk, Tables::from_env()?);
        let bucket = match operate.reach() {
            Reach::Files => Some(Bucket::from_env(&sdk)?),
            _ => None,
        };
        Ok(Self { store, bucket, push: None })
    }

    /// What belongs to the CloudFormation stack `name`.
    pub(crate) async fn of_stack(
        operate: &Operate,
        name: &str,
        socket_url: Option<&str>,
    ) -> anyhow::Result<Self> {
        let sdk = environment::sdk().await;
        let none = || format!("there is no stack `{name}` here");
        let tables = Tables::of_stack(&sdk, name).await?.with_context(none)?;
        let store = Store::new(&sdk, tables);
        let bucket = match operate.reach() {
            Reach::Files | Reach::Everything => {
                Some(Bucket::of_stack(&sdk, name).await?.with_context(none)?)
            }
            Reach::Tables => None,
        };
        if operate.reach() != Reach::Everything {
            return Ok(Self { store, bucket, push: None });
        }
        let Some(management) = socket_url.and_then(|url| url.strip_prefix("wss://")) else {
            bail!("this closes sockets: give --socket-url, the output `SocketUrl` of the stack");
        };
        let queues = QueueUrls::of_stack(&sdk, name).await?.with_context(none)?;
        let push = Push::new(&sdk, &format!("https://{management}"), queues, store.clone());
        Ok(Self { store, bucket, push: Some(push) })
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) const fn bucket(&self) -> Option<&Bucket> {
        self.bucket.as_ref()
    }

    /// The whole of it. Nobody limits whoever runs the deployment: the settings are the defaults.
    pub(crate) fn app(&self) -> anyhow::Result<App> {
        let (Some(bucket), Some(push)) = (self.bucket.clone(), self.push.clone()) else {
            bail!("this command reaches neither sockets nor files");
        };
        Ok(App::new(self.store.clone(), bucket, push, Settings::default()))
    }
}
