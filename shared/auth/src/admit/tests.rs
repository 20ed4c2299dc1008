use serde_json::json;

use super::*;
use crate::identity::tests::{at, identity};
use crate::issuer::testing::{Kind, TestIssuer};

/// An identity beside the issuer, and a way to sign in with these claims instead of the honest ones.
struct Beside {
    identity: Identity,
    issuer: TestIssuer,
}

impl Beside {
    async fn new() -> Self {
        let issuer = TestIssuer::new(Kind::EdDsa);
        let identity = identity().await.trusting(&issuer.settings());
        Self { identity, issuer }
    }

    async fn sign_in(
        &self,
        subject: &str,
        second: i64,
        claims: &[(&str, serde_json::Value)],
    ) -> Result<Claims, Error> {
        let mut all = self.issuer.claims(subject, at(second).as_second());
        for (name, value) in claims {
            all[*name] = value.clone();
        }
        let token = self.issuer.token(&self.issuer.header(), &all);
        self.identity.authenticate(&token, at(second)).await
    }
}

fn is_invalid(outcome: Result<Claims, Error>) -> bool {
    matches!(outcome.err(), Some(Error::Unauthenticated(Unauthenticated::InvalidToken)))
}

#[tokio::test]
async fn who_comes_first_becomes_a_user_and_stays_that_user() {
    let beside = Beside::new().await;
    let first = beside.sign_in("subject-1", 0, &[]).await.unwrap();
    assert_eq!((first.username.as_str(), first.name.as_str()), ("ana.garcia", "Ana García"));
    assert_eq!(first.proof, Proof::Token { issued_at: at(0) });
    assert!(!first.is_staff);
    let again = beside.sign_in("subject-1", 5, &[]).await.unwrap();
    assert_eq!(again.user_id, first.user_id);
    let found = beside.identity.search_users("garcia", 5).await.unwrap();
    assert_eq!(found.iter().map(|user| user.id).collect::<Vec<_>>(), [first.user_id]);

    // Somebody else of that name is somebody else, and nobody gets in by a password.
    let other = beside.sign_in("subject-2", 0, &[]).await.unwrap();
    assert_ne!(other.user_id, first.user_id);
    assert!(other.username.starts_with("ana.garcia-"), "{}", other.username);
    let login = beside.identity.login("ana.garcia", "correct horse", at(1)).await.err();
    assert!(matches!(login, Some(Error::Unauthenticated(Unauthenticated::WrongPassword))));
}

#[tokio::test]
async fn of_many_first_times_at_once_one_user_comes() {
    let beside = Beside::new().await;
    let arrive = || beside.sign_in("subject-1", 0, &[]);
    let (a, b, c) = tokio::join!(arrive(), arrive(), arrive());
    let ids = [a, b, c].map(|claims| claims.unwrap().user_id);
    assert!(ids.iter().all(|id| *id == ids[0]));
    assert_eq!(beside.identity.search_users("garcia", 5).await.unwrap().len(), 1);
}

#[tokio::test]
async fn the_issuers_word_is_taken_over_when_it_changes_and_only_then() {
    let beside = Beside::new().await;
    let moderator = [("roles", json!(["moderator"])), ("name", json!("Ana Lopez"))];
    let first = beside.sign_in("s", 0, &[]).await.unwrap();
    let second = beside.sign_in("s", 10, &moderator).await.unwrap();
    assert_eq!((second.name.as_str(), second.is_staff), ("Ana Lopez", true));
    // A token from before says nothing new.
    let late = beside.sign_in("s", 5, &[]).await.unwrap();
    assert_eq!((late.name.as_str(), late.is_staff), ("Ana Lopez", true));

    // What is changed here stays, as long as the issuer says the same as before.
    let id = first.user_id;
    let change = crate::UserChange { name: Some("Anita".to_owned()), ..Default::default() };
    beside.identity.update_user(id, &change).await.unwrap();
    beside.identity.store.set_staff(id, false).await.unwrap();
    let third = beside.sign_in("s", 20, &moderator).await.unwrap();
    assert_eq!((third.name.as_str(), third.is_staff), ("Anita", false));
    let fourth = beside.sign_in("s", 30, &[]).await.unwrap();
    assert_eq!((fourth.name.as_str(), fourth.is_staff), ("Ana García", false));
    assert_eq!(beside.identity.user(id).await.unwrap().name.as_str(), "Ana García");
}

#[tokio::test]
async fn a_token_that_says_the_same_writes_nothing() {
    let issuer = TestIssuer::new(Kind::EdDsa);
    let store = storage::testing::store().await;
    let (store, meter) = storage::testing::metered(&store);
    let identity = Identity::with_secret(store, crate::identity::tests::SECRET);
    let beside = Beside { identity: identity.trusting(&issuer.settings()), issuer };
    beside.sign_in("s", 0, &[]).await.unwrap();
    let _ = meter.take();
    beside.sign_in("s", 10, &[]).await.unwrap();
    let spent = meter.take();
    assert_eq!((spent.write, spent.read, spent.calls), (0.0, 2.0, 2));
    // The control: news is written.
    beside.sign_in("s", 20, &[("name", json!("Zoë"))]).await.unwrap();
    assert!(meter.take().write > 0.0);
}

#[tokio::test]
async fn who_was_revoked_needs_a_later_token() {
    let beside = Beside::new().await;
    let id = beside.sign_in("s", 0, &[]).await.unwrap().user_id;
    beside.identity.store.revoke(id, at(60)).await.unwrap();
    assert!(is_invalid(beside.sign_in("s", 59, &[]).await));
    assert_eq!(beside.sign_in("s", 60, &[]).await.unwrap().user_id, id);
}

#[tokio::test]
async fn usernames_are_made_of_what_the_token_proposes() {
    let nothing = || json!(null);
    for (username, mail, name, expected) in [
        (json!("Ana_1"), nothing(), nothing(), "ana_1"),
        (json!("José María"), nothing(), nothing(), "jose.maria"),
        (json!("x"), json!("ana.lopez+chat@a.example"), nothing(), "ana.lopezchat"),
        (json!(7), json!("no address"), json!("Ben Ode"), "ben.ode"),
        (json!("李"), nothing(), json!("李 小龍"), "user-"),
        (json!("a".repeat(50)), nothing(), nothing(), &"a".repeat(32)),
    ] {
        let beside = Beside::new().await;
        let claims = [("preferred_username", username), ("email", mail), ("name", name)];
        let signed_in = beside.sign_in("s", 0, &claims).await.unwrap();
        let fits = if expected.ends_with('-') {
            signed_in.username.starts_with(expected)
        } else {
            signed_in.username == expected
        };
        assert!(fits, "{} is not {expected}", signed_in.username);
    }
}

#[tokio::test]
async fn our_own_accounts_go_on_beside_it_unless_they_are_switched_off() {
    let beside = Beside::new().await;
    let ben = beside.identity.sign_up("ben", "correct horse", "Ben", at(0)).await.unwrap();
    let claims = beside.identity.authenticate(&ben.access_token, at(1)).await.unwrap();
    assert_eq!(claims.user_id, ben.user.id);

    let alone = Beside { identity: beside.identity.without_accounts(), issuer: beside.issuer };
    assert!(is_invalid(alone.identity.authenticate(&ben.access_token, at(1)).await));
    assert!(alone.sign_in("s", 0, &[]).await.is_ok());
    for refused in [
        alone.identity.sign_up("cai", "correct horse", "Cai", at(0)).await.err(),
        alone.identity.login("ben", "correct horse", at(0)).await.err(),
        alone.identity.refresh(&ben.refresh_token, at(0)).await.err(),
    ] {
        assert!(matches!(refused, Some(Error::SwitchedOff)));
    }
}
