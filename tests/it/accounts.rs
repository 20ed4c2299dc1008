//! Signing up, in and out; profiles; finding people; what a token must be.

use serde_json::{Value, json};
use tests::proc::{field, kibibytes};
use tests::{Person, Stack};

use crate::forge;

fn account(username: &str, password: &str, name: &str) -> Value {
    json!({ "username": username, "password": password, "name": name })
}

fn ids(page: &Value) -> Vec<&str> {
    let users = page["data"].as_array().expect("a page has data");
    users.iter().map(|user| user["id"].as_str().expect("a user has an id")).collect()
}

#[tokio::test]
async fn signing_up_signs_in() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;

    let me = ana.get("/v1/users/me").await.ok();
    assert_eq!(me["id"], ana.id);
    assert_eq!(me["username"], ana.username);
    assert_eq!(me["name"], "ana");
    assert_eq!(me["is_staff"], false);
    assert_eq!(me["avatar_media_id"], Value::Null);
    let created_at = me["created_at"].as_str().unwrap();
    assert!(created_at.len() == 24 && created_at.ends_with('Z'), "{created_at}");
}

#[tokio::test]
async fn a_username_is_taken_once_however_many_ask_at_once() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let anonymous = stack.anonymous();
    let again = account(&ana.username, "another horse", "Other Ana");
    anonymous.post("/v1/accounts", again).await.refused(409, "username_taken");

    let rush = format!("{}.2", ana.username);
    let sign_up = || anonymous.post("/v1/accounts", account(&rush, Person::PASSWORD, "Rush"));
    let replies = futures_util::future::join_all((0..4).map(|_| sign_up())).await;
    let mut created = 0;
    for reply in replies {
        if reply.status == 201 {
            created += 1;
        } else {
            reply.refused(409, "username_taken");
        }
    }
    assert_eq!(created, 1);
}

#[tokio::test]
async fn accounts_at_and_past_their_limits() {
    let stack = Stack::start().await;
    let anonymous = stack.anonymous();
    let unique = stack.person("a").await.username;
    let longest = format!("{unique}{}", "z".repeat(32 - unique.len()));
    for (username, password, name) in [
        (longest.as_str(), "12345678", "n".repeat(100).as_str()),
        (&longest[..31], &"é".repeat(128), "Ó"),
    ] {
        let body = account(username, password, name);
        let session = anonymous.post("/v1/accounts", body).await.created();
        assert_eq!(session["user"]["name"], name);
        assert_eq!(session["expires_in"], 900);
    }
    let too_long = format!("{longest}z");
    for (body, pointer) in [
        (account("ab", Person::PASSWORD, "Ana"), "/username"),
        (account(&too_long, Person::PASSWORD, "Ana"), "/username"),
        (account("Ana", Person::PASSWORD, "Ana"), "/username"),
        (account("an a", Person::PASSWORD, "Ana"), "/username"),
        (account("ana#", Person::PASSWORD, "Ana"), "/username"),
        (account("fresh-name", "1234567", "Ana"), "/password"),
        (account("fresh-name", &"x".repeat(129), "Ana"), "/password"),
        (account("fresh-name", Person::PASSWORD, ""), "/name"),
        (account("fresh-name", Person::PASSWORD, "  "), "/name"),
        (account("fresh-name", Person::PASSWORD, &"n".repeat(101)), "/name"),
        (account("fresh-name", Person::PASSWORD, "two\nlines"), "/name"),
    ] {
        anonymous.post("/v1/accounts", body).await.refused_at(400, "invalid_request", pointer);
    }
}

#[tokio::test]
async fn a_wrong_password_and_an_unknown_user_get_the_same_answer() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let login = async |username: &str, password: &str| {
        let body = json!({ "username": username, "password": password });
        stack.anonymous().post("/v1/accounts/login", body).await
    };

    let session = login(&ana.username, Person::PASSWORD).await.ok();
    assert_eq!(session["user"]["id"], ana.id);

    let sentence = |body: Value| (body["title"].clone(), body["detail"].clone());
    let wrong = login(&ana.username, "wrong horse").await.refused(401, "unauthenticated");
    let unknown = login("nobody-at-all", "wrong horse").await.refused(401, "unauthenticated");
    let malformed = login("NOBODY", "x").await.refused(401, "unauthenticated");
    assert_eq!(sentence(wrong.clone()), sentence(unknown));
    assert_eq!(sentence(wrong), sentence(malformed));
}

#[tokio::test]
async fn the_memory_of_a_password_is_given_back() {
    // That of one hash.
    const HASHING: u64 = 19_456;
    let directory = tempfile::tempdir().unwrap();
    let stack = Stack::start_own(directory.path()).await;
    for _ in 0..30 {
        stack.person("somebody").await;
    }
    let statuses = stack.own(|process| process.functions()).into_iter();
    let statuses = statuses.map(|process| format!("/proc/{process}/status"));
    // Now, in KiB: what each holds of its own, what it holds at all, and the most that it held.
    let held: Vec<_> = statuses
        .filter(|status| field(status, "Name").is_ok_and(|name| name == "accounts"))
        .map(|status| {
            ["RssAnon", "VmRSS", "VmHWM"].map(|name| kibibytes(&status, name).expect("a figure"))
        })
        .collect();
    // The control: one has held a hash's memory, and holds it no more.
    assert!(held.iter().any(|[_, now, most]| most - now > HASHING / 2), "{held:?}");
    assert!(held.iter().all(|[own, ..]| *own < HASHING), "{held:?}");
}

#[tokio::test]
async fn a_refresh_token_is_good_for_one_pair_and_a_thief_ends_the_session() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let refresh = async |token: &Value| {
        stack.anonymous().post("/v1/accounts/refresh", json!({ "refresh_token": token })).await
    };

    let first = json!(ana.refresh_token);
    let second = refresh(&first).await.ok();
    assert_ne!(second["refresh_token"], first);
    let fresh = stack.with_token(second["access_token"].as_str().map(str::to_owned));
    assert_eq!(fresh.get("/v1/users/me").await.ok()["id"], ana.id);

    // Its answer was lost: the same one comes again.
    assert_eq!(refresh(&first).await.ok()["refresh_token"], second["refresh_token"]);
    // Once that one was used, whoever comes with the first is not whom it was given to.
    let third = refresh(&second["refresh_token"]).await.ok();
    refresh(&first).await.refused(401, "unauthenticated");
    refresh(&third["refresh_token"]).await.refused(401, "unauthenticated");
    refresh(&json!("nonsense")).await.refused(401, "unauthenticated");
}

#[tokio::test]
async fn signing_out_ends_that_session_and_no_other() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let anonymous = stack.anonymous();
    let login = json!({ "username": ana.username, "password": Person::PASSWORD });
    let other = anonymous.post("/v1/accounts/login", login).await.ok();

    let token = json!({ "refresh_token": ana.refresh_token });
    anonymous.post("/v1/accounts/logout", token.clone()).await.no_content();
    anonymous.post("/v1/accounts/logout", token.clone()).await.no_content();
    anonymous.post("/v1/accounts/refresh", token).await.refused(401, "unauthenticated");

    let other = json!({ "refresh_token": other["refresh_token"] });
    assert_eq!(anonymous.post("/v1/accounts/refresh", other).await.ok()["user"]["id"], ana.id);
}

#[tokio::test]
async fn a_profile_changes_only_as_far_as_one_may_change_it() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;

    let changed = ana.patch("/v1/users/me", json!({ "name": "  Anita  " })).await.ok();
    assert_eq!(changed["name"], "Anita");
    assert_eq!(changed["username"], ana.username);
    assert_eq!(ana.get("/v1/users/me").await.ok(), changed);
    let seen = ben.get(&format!("/v1/users?ids={}", ana.id)).await.ok();
    assert_eq!(seen["data"][0], changed);
    assert_eq!(ana.patch("/v1/users/me", json!({})).await.ok(), changed);

    let long = json!({ "name": "n".repeat(101) });
    ana.patch("/v1/users/me", long).await.refused_at(400, "invalid_request", "/name");
    for field in ["is_staff", "username", "id"] {
        let body = json!({ field: "x" });
        let pointer = format!("/{field}");
        ana.patch("/v1/users/me", body).await.refused_at(400, "unknown_field", &pointer);
    }
    let nowhere = json!({ "avatar_media_id": "0199e3a0-7c1f-7d6e-9a51-2f3b4c5d6e7f" });
    ana.patch("/v1/users/me", nowhere).await.refused(404, "media_not_found");
    assert_eq!(ana.get("/v1/users/me").await.ok(), changed);
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_a_word_whatever_its_case_and_accents() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    // A family name that nobody else on this stack has.
    let family = format!("Łúz{}", &ana.username["ana-".len()..]);
    let name = format!("José María {family}");
    ana.patch("/v1/users/me", json!({ "name": name })).await.ok();

    let search = async |query: &str| {
        let query = query.replace(' ', "%20");
        ana.get(&format!("/v1/users?limit=200&q={query}")).await.ok()
    };
    let upper = family.to_uppercase();
    let beginning: String = family.chars().take(10).collect();
    let unaccented = family.replace('ú', "u");
    for query in [
        family.as_str(),
        &upper,
        &beginning,
        &unaccented,
        &format!("jose {family}"),
        &format!("{family} MAR"),
        &ana.username,
        &ana.username[..10],
    ] {
        assert_eq!(ids(&search(query).await), [ana.id.as_str()], "{query}");
    }
    let end: String = family.chars().skip(2).collect();
    for query in [end, format!("ben {family}")] {
        assert_eq!(search(&query).await["data"], json!([]), "{query}");
    }
    // Who is renamed is not found by the old name any more.
    ana.patch("/v1/users/me", json!({ "name": "Nobody" })).await.ok();
    assert_eq!(search(&family).await["data"], json!([]));
}

#[tokio::test]
async fn users_are_listed_by_their_ids_up_to_a_hundred() {
    let stack = Stack::start().await;
    let [ana, ben] = stack.people(["ana", "ben"]).await;
    let nobody = |last: usize| format!("0199e3a0-7c1f-7d6e-9a51-{last:012}");

    let query = format!("/v1/users?ids={},{},{}", ben.id, nobody(1), ana.id);
    let page = ana.get(&query).await.ok();
    assert_eq!(ids(&page), [ben.id.as_str(), &ana.id]);
    assert_eq!(page["page"]["next"], Value::Null);

    let mut many: Vec<_> = (0..99).map(nobody).collect();
    many.push(ben.id.clone());
    let query = |ids: &[String]| format!("/v1/users?ids={}", ids.join(","));
    assert_eq!(ids(&ana.get(&query(&many)).await.ok()), [ben.id.as_str()]);
    many.push(ana.id.clone());
    ana.get(&query(&many)).await.refused_at(400, "invalid_request", "/ids");

    ana.get("/v1/users").await.refused(400, "invalid_request");
    ana.get("/v1/users?q=").await.refused_at(400, "invalid_request", "/q");
    ana.get("/v1/users?ids=ana").await.refused_at(400, "invalid_request", "/ids");
    ana.get("/v1/users?q=a&limit=0").await.refused_at(400, "invalid_request", "/limit");
    ana.get("/v1/users?q=a&limit=201").await.refused_at(400, "invalid_request", "/limit");
    ana.get("/v1/users?q=a&nmae=b").await.refused_at(400, "unknown_field", "/nmae");
}

#[tokio::test]
async fn without_a_token_the_gateway_itself_refuses() {
    let stack = Stack::start().await;
    let reply = stack.anonymous().get("/v1/users/me").await;
    assert_eq!((reply.status, reply.body), (401, json!({ "message": "Unauthorized" })));
}

#[tokio::test]
async fn a_token_that_is_not_ours_is_told_so() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let token = ana.token.clone().unwrap();
    let [header, claims, signature] = forge::parts(&token);
    let staff = forge::claims(&claims, |claims| claims["is_staff"] = json!(true));
    let none = forge::encode(&json!({ "alg": "none", "typ": "JWT" }));
    let bad = [
        "garbage".to_owned(),
        "a.b.c".to_owned(),
        format!("{header}.{claims}"),
        format!("{header}.{claims}."),
        format!("{header}.{staff}.{signature}"),
        format!("{none}.{claims}."),
        format!("{none}.{claims}.{signature}"),
        format!("{none}.{staff}."),
        forge::signed(&header, &staff, "some other secret, as long as the one of the stack is"),
        ana.refresh_token.clone(),
        "x".repeat(5_000),
    ];
    for token in bad {
        let reply = stack.with_token(Some(token.clone())).get("/v1/users/me").await;
        let refusal = reply.clone().refused(401, "unauthenticated");
        assert_eq!(reply.header("www-authenticate"), "Bearer", "{token}");
        assert!(!refusal.to_string().contains(&token), "{token} comes back");
    }
    // The scheme is part of the header, and its case is up to the client.
    let own = |value: &str| {
        let (value, stack) = (value.to_owned(), stack.clone());
        async move {
            let headers = [("authorization", value.as_str())];
            let get = reqwest::Method::GET;
            stack.anonymous().request(get, "/v1/users/me", None, &headers).await
        }
    };
    own(&token).await.refused(401, "unauthenticated");
    own(&format!("Basic {token}")).await.refused(401, "unauthenticated");
    assert_eq!(own(&format!("bearer {token}")).await.ok()["id"], ana.id);
}

#[tokio::test]
async fn a_token_that_has_expired_is_told_so() {
    let stack = Stack::start().await;
    let ana = stack.person("ana").await;
    let [header, claims, _] = forge::parts(&ana.token.clone().unwrap());
    let secret = forge::secret_of(&stack);
    let until = |exp: i64| {
        let claims = forge::claims(&claims, |claims| claims["exp"] = json!(exp));
        stack.with_token(Some(forge::signed(&header, &claims, &secret)))
    };
    let now = forge::issued_at(&claims);

    // The control: signed like this, a token that has not expired is good.
    assert_eq!(until(now + 600).get("/v1/users/me").await.ok()["id"], ana.id);
    for exp in [0, now - 1] {
        let refusal = until(exp).get("/v1/users/me").await.refused(401, "unauthenticated");
        assert_eq!(refusal["detail"], "The access token has expired.");
    }
}
