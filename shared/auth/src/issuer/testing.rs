//! An identity provider in a test's hands, and what a forger would try: for tests only.

#![expect(
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a test without its keys fails"
)]

mod forgeries;

use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_URL_SAFE_NO_PAD};
use ring::rand::SystemRandom;
use ring::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair, RsaPublicKeyComponents,
};
use serde_json::{Value, json};

use super::IssuerSettings;

pub use forgeries::{Forgery, forgeries};

/// ring makes no RSA keys, so here is one. It guards nothing.
const RSA_KEY: &str = include_str!("testing/rsa-2048.base64");

/// By what algorithm an issuer signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names of RFC 7518")]
pub enum Kind {
    Rs256,
    Es256,
    EdDsa,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rs256, Self::Es256, Self::EdDsa];

    /// As it stands in headers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

#[derive(Debug)]
enum Key {
    Rsa(Box<RsaKeyPair>),
    Ec(EcdsaKeyPair),
    Ed(Ed25519KeyPair),
}

/// An issuer with one key, which is made anew but for RSA.
#[derive(Debug)]
pub struct TestIssuer {
    /// What it signs by.
    pub kind: Kind,
    /// What its tokens call the key.
    pub key_id: String,
    key: Key,
}

impl TestIssuer {
    /// As it stands in `iss`.
    pub const NAME: &str = "https://issuer.example/";
    /// Whom its tokens are for.
    pub const AUDIENCE: &str = "banter-of-the-tests";

    /// An issuer that signs by this.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let random = SystemRandom::new();
        let key = match kind {
            Kind::Rs256 => {
                let key: String = RSA_KEY.split_whitespace().collect();
                let key = BASE64_STANDARD.decode(key).expect("base64");
                Key::Rsa(Box::new(RsaKeyPair::from_der(&key).expect("a key")))
            }
            Kind::Es256 => {
                let kind = &ECDSA_P256_SHA256_FIXED_SIGNING;
                let key = EcdsaKeyPair::generate_pkcs8(kind, &random).expect("a key");
                Key::Ec(EcdsaKeyPair::from_pkcs8(kind, key.as_ref(), &random).expect("a key"))
            }
            Kind::EdDsa => {
                let key = Ed25519KeyPair::generate_pkcs8(&random).expect("a key");
                Key::Ed(Ed25519KeyPair::from_pkcs8(key.as_ref()).expect("a key"))
            }
        };
        Self { kind, key_id: "key-1".to_owned(), key }
    }

    /// How a deployment would describe it: staff are those with the role `moderator`.
    #[must_use]
    pub fn settings(&self) -> IssuerSettings {
        IssuerSettings {
            issuer: Self::NAME.to_owned(),
            audience: Self::AUDIENCE.to_owned(),
            keys: self.key_set().to_string(),
            algorithm: self.kind.name().to_owned(),
            staff_claim: "roles=moderator".to_owned(),
        }
    }

    /// What it publishes.
    #[must_use]
    pub fn key_set(&self) -> Value {
        json!({ "keys": [self.public_key()] })
    }

    /// Its key, as it publishes it.
    #[must_use]
    pub fn public_key(&self) -> Value {
        let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
        let mut key = match &self.key {
            Key::Rsa(key) => {
                let key = RsaPublicKeyComponents::<Vec<u8>>::from(key.public());
                json!({ "kty": "RSA", "n": encode(&key.n), "e": encode(&key.e) })
            }
            Key::Ec(key) => {
                let point = key.public_key().as_ref();
                let (x, y) = (encode(&point[1..33]), encode(&point[33..]));
                json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
            }
            Key::Ed(key) => {
                json!({ "kty": "OKP", "crv": "Ed25519", "x": encode(key.public_key().as_ref()) })
            }
        };
        key["kid"] = json!(self.key_id);
        key["use"] = json!("sig");
        key["alg"] = json!(self.kind.name());
        key
    }

    /// The header of its tokens.
    #[must_use]
    pub fn header(&self) -> Value {
        json!({ "alg": self.kind.name(), "typ": "JWT", "kid": self.key_id })
    }

    /// What its tokens claim for `subject`, from `now` on for ten minutes.
    #[must_use]
    pub fn claims(&self, subject: &str, now: i64) -> Value {
        json!({
            "iss": Self::NAME, "aud": Self::AUDIENCE, "sub": subject, "iat": now, "nbf": now,
            "exp": now + 600, "name": "Ana García", "preferred_username": "ana.garcia",
        })
    }

    /// A token of this header and these claims, signed by this issuer.
    #[must_use]
    pub fn token(&self, header: &Value, claims: &Value) -> String {
        assembled(header, claims, |message| self.sign(message))
    }

    /// An honest token for `subject`.
    #[must_use]
    pub fn honest(&self, subject: &str, now: i64) -> String {
        self.token(&self.header(), &self.claims(subject, now))
    }

    fn sign(&self, message: &[u8]) -> Vec<u8> {
        let random = SystemRandom::new();
        match &self.key {
            Key::Rsa(key) => {
                let mut signature = vec![0; key.public().modulus_len()];
                key.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature).expect("a signature");
                signature
            }
            Key::Ec(key) => key.sign(&random, message).expect("a signature").as_ref().to_vec(),
            Key::Ed(key) => key.sign(message).as_ref().to_vec(),
        }
    }
}

/// A token made by hand: this header, these claims, signed by `sign`.
pub(crate) fn assembled(header: &Value, claims: &Value, sign: impl Fn(&[u8]) -> Vec<u8>) -> String {
    let part = |value: &Value| BASE64_URL_SAFE_NO_PAD.encode(value.to_string());
    let message = format!("{}.{}", part(header), part(claims));
    let signature = BASE64_URL_SAFE_NO_PAD.encode(sign(message.as_bytes()));
    format!("{message}.{signature}")
}
