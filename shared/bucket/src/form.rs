//! A form by which a client uploads one file, of one type and length, to one key.

use std::collections::BTreeMap;

use aws_credential_types::Credentials;
use aws_credential_types::provider::ProvideCredentials;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::Media;
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::signature::sign;
use crate::{Bucket, Error, SIGNATURE_LIFE, object, unavailable};

/// A signed form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Form {
    /// Where it is posted to.
    pub url: String,
    /// What it holds besides the file.
    pub fields: BTreeMap<String, String>,
    /// After this it is refused.
    pub expires_at: Timestamp,
}

impl Bucket {
    /// A form for the file of `media`. Nothing is asked of S3.
    ///
    /// # Errors
    /// If this process has no keys to sign with.
    pub async fn form(&self, media: &Media, now: Timestamp) -> Result<Form, Error> {
        const OPERATION: &str = "sign an upload";
        let provider =
            self.credentials.as_ref().ok_or_else(|| unavailable(OPERATION, "there are no keys"))?;
        let credentials =
            provider.provide_credentials().await.map_err(|error| unavailable(OPERATION, error))?;
        let url = self.url().await?;
        let expires_at = now + SIGNATURE_LIFE;
        Ok(Form { url, fields: self.fields(media, &credentials, now, expires_at), expires_at })
    }

    fn fields(
        &self,
        media: &Media,
        credentials: &Credentials,
        now: Timestamp,
        expires_at: Timestamp,
    ) -> BTreeMap<String, String> {
        let region = &self.region;
        let date = now.strftime("%Y%m%d").to_string();
        let credential = format!("{}/{date}/{region}/s3/aws4_request", credentials.access_key_id());
        let mut fields = vec![
            ("key", object::uploaded(media.id)),
            ("Content-Type", media.declared.content_type.as_str().to_owned()),
            ("x-amz-algorithm", "AWS4-HMAC-SHA256".to_owned()),
            ("x-amz-credential", credential),
            ("x-amz-date", now.strftime("%Y%m%dT%H%M%SZ").to_string()),
        ];
        if let Some(token) = credentials.session_token() {
            fields.push(("x-amz-security-token", token.to_owned()));
        }
        // Each field exactly: S3 refuses a form with one that the policy does not name.
        let mut conditions: Vec<Value> =
            fields.iter().map(|(name, value)| json!(["eq", format!("${name}"), value])).collect();
        let size = media.declared.size_bytes;
        conditions.push(json!({ "bucket": self.name }));
        conditions.push(json!(["content-length-range", size, size]));
        let policy = json!({
            "expiration": expires_at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string(),
            "conditions": conditions,
        });
        let policy = STANDARD.encode(policy.to_string());
        let signature = sign(credentials.secret_access_key(), &date, region, &policy);
        fields.push(("policy", policy));
        fields.push(("x-amz-signature", signature));
        fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

#[cfg(test)]
mod tests;
