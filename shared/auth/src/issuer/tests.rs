use serde_json::json;

use super::testing::{Kind, TestIssuer, forgeries};
use super::*;

const NOW: i64 = 1_800_000_000;

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

async fn read(issuer: &Issuer, token: &str, now: i64) -> Result<Statement, Error> {
    issuer.read(token, at(now)).await
}

fn refusal(outcome: &Result<Statement, Error>) -> Option<Unauthenticated> {
    match outcome {
        Err(Error::Unauthenticated(reason)) => Some(*reason),
        _ => None,
    }
}

#[tokio::test]
async fn an_honest_token_states_who_bears_it() {
    for kind in Kind::ALL {
        let maker = TestIssuer::new(kind);
        let issuer = Issuer::new(&maker.settings()).unwrap();
        let token = maker.honest("ana", NOW);
        assert!(issuer.is_named_in(&token));
        let stated = read(&issuer, &token, NOW).await.unwrap();
        assert_eq!(stated.name.as_deref(), Some("Ana García"));
        assert_eq!(stated.usernames, ["ana.garcia", "Ana García"]);
        assert_eq!((stated.issued_at, stated.expires_at), (at(NOW), at(NOW + 630)));
        assert_eq!(stated.is_staff, Some(false));
        let other = read(&issuer, &maker.honest("ben", NOW), NOW).await.unwrap();
        assert_ne!(stated.subject, other.subject);
    }
}

#[tokio::test]
async fn forged_tokens_let_nobody_in_whatever_the_issuer_signs_by() {
    for kind in Kind::ALL {
        let maker = TestIssuer::new(kind);
        let issuer = Issuer::new(&maker.settings()).unwrap();
        let table = forgeries(&maker, NOW);
        assert!(table.len() > 40);
        for (what, token) in table {
            let refused = refusal(&read(&issuer, &token, NOW).await);
            let expected = if what.starts_with("expired") {
                Unauthenticated::ExpiredToken
            } else {
                Unauthenticated::InvalidToken
            };
            // Too long a token is refused before an issuer is asked: see `authenticate`.
            if what != "oversize" {
                assert_eq!(refused, Some(expected), "{what}, {kind:?}");
            }
        }
        // The control: the same hands make a good one.
        assert!(read(&issuer, &maker.honest("ana", NOW), NOW).await.is_ok());
    }
}

#[tokio::test]
async fn what_real_issuers_do_differently_is_fine() {
    let maker = TestIssuer::new(Kind::Es256);
    let issuer = Issuer::new(&maker.settings()).unwrap();
    let header = |field: &str, value| {
        let mut header = maker.header();
        header[field] = value;
        maker.token(&header, &maker.claims("ana", NOW))
    };
    let claimed = |field: &str, value| {
        let mut claims = maker.claims("ana", NOW);
        claims[field] = value;
        maker.token(&maker.header(), &claims)
    };
    for (what, token) in [
        ("the type of RFC 9068", header("typ", json!("at+jwt"))),
        ("its long form", header("typ", json!("application/at+jwt"))),
        ("a thumbprint", header("x5t", json!("dGh1bWI"))),
        ("several audiences", claimed("aud", json!(["another-app", TestIssuer::AUDIENCE]))),
        ("a fraction of a second", claimed("iat", json!(1_799_999_999.75))),
        ("a clock that is ahead", claimed("iat", json!(NOW + 29))),
        ("a clock that is behind", claimed("exp", json!(NOW - 29))),
        ("no beginning", claimed("nbf", json!(NOW - 600))),
        ("claims that nobody knows", claimed("https://a.example/x", json!({ "y": [1] }))),
    ] {
        assert!(read(&issuer, &token, NOW).await.is_ok(), "{what}");
    }
    let staff = read(&issuer, &claimed("roles", json!(["moderator"])), NOW).await.unwrap();
    assert_eq!(staff.is_staff, Some(true));
}
