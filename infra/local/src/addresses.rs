//! The addresses that a template computes for AWS, turned into those of this machine.

use crate::template::{REGION, Stack};

/// Pairs of an address on AWS and its local twin.
#[derive(Debug, Default)]
pub(crate) struct Addresses(Vec<(String, String)>);

impl Addresses {
    /// Hosts with ports; `management` is where functions find the management API.
    pub(crate) fn new(stack: &Stack, http: &str, socket: &str, management: &str, s3: &str) -> Self {
        let aws =
            |scheme: &str, id: &str| format!("{scheme}://{id}.execute-api.{REGION}.amazonaws.com");
        let mut pairs = Vec::new();
        if let Some(api) = &stack.http {
            pairs.push((aws("https", &api.id), format!("http://{http}")));
        }
        if let Some(api) = &stack.socket {
            pairs.push((aws("wss", &api.id), format!("ws://{socket}")));
            pairs.push((aws("https", &api.id), format!("http://{management}")));
        }
        for bucket in &stack.buckets {
            let host = format!("https://{}.s3.{REGION}.amazonaws.com", bucket.name);
            pairs.push((host, format!("http://{s3}")));
        }
        Self(pairs)
    }

    pub(crate) fn localise(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, (aws, local)| text.replace(aws, local))
    }
}
