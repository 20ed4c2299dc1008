use std::fs;
use std::path::Path;

use axum::body::{Body, to_bytes};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, ETAG, IF_NONE_MATCH,
};
use axum::http::{HeaderMap, Request, StatusCode};
use tower::ServiceExt as _;

const CLIENT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/client");

struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: impl axum::http::header::AsHeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

async fn get(path: &str, known: Option<&str>) -> Answer {
    let mut request = Request::get(path);
    if let Some(tag) = known {
        request = request.header(IF_NONE_MATCH, tag);
    }
    let router = rest::app(super::router("https://media.example").unwrap());
    let answer = router.oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
    let (parts, body) = answer.into_parts();
    let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    Answer { status: parts.status, headers: parts.headers, body }
}

/// Every file under the client's directory, as paths from there.
fn files(below: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(below).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path.strip_prefix(CLIENT).unwrap().to_str().unwrap().to_owned());
        }
    }
    found
}

#[tokio::test]
async fn every_file_of_the_client_is_served_as_it_is() {
    let files = files(Path::new(CLIENT));
    assert!(files.len() > 20);
    for file in files {
        let answer = get(&format!("/{file}"), None).await;
        assert_eq!(answer.status, StatusCode::OK, "add {file} to the table in files.rs");
        assert_eq!(answer.body, fs::read(Path::new(CLIENT).join(&file)).unwrap(), "{file}");
        let expected = match file.rsplit_once('.').unwrap().1 {
            "html" => "text/html; charset=utf-8",
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            other => panic!("no content type for .{other}"),
        };
        assert_eq!(answer.header(CONTENT_TYPE), expected, "{file}");
    }
}

#[tokio::test]
async fn every_module_is_fetched_ahead() {
    let page = fs::read_to_string(format!("{CLIENT}/index.html")).unwrap();
    for file in files(Path::new(CLIENT)) {
        // Modules import one another in a chain; each link would be a round trip. The types are
        // never fetched.
        if file.ends_with(".js") && file != "app.js" && !file.ends_with("types.js") {
            let link = format!("<link rel=\"modulepreload\" href=\"/{file}\">");
            assert!(page.contains(&link), "add {link} to index.html");
        }
    }
}

#[tokio::test]
async fn the_page_is_at_the_root() {
    let answer = get("/", None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.header(CACHE_CONTROL), "no-cache");
    let policy = answer.header(CONTENT_SECURITY_POLICY);
    assert!(policy.starts_with("default-src 'none'"));
    assert_eq!(policy.matches("https://media.example").count(), 3, "{policy}");
    assert!(answer.body.starts_with(b"<!doctype html>"));
}

#[tokio::test]
async fn a_known_file_is_not_sent_again() {
    let tag = get("/app.js", None).await.header(ETAG).to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}"), "*".to_owned()] {
        let answer = get("/app.js", Some(&known)).await;
        assert_eq!(answer.status, StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(answer.header(ETAG), tag);
        assert!(answer.body.is_empty());
    }
    assert_eq!(get("/app.js", Some("\"other\"")).await.status, StatusCode::OK);
}

#[tokio::test]
async fn the_tag_comes_from_the_content() {
    let tags = [get("/app.js", None).await, get("/dom.js", None).await]
        .map(|answer| answer.header(ETAG).to_owned());
    assert_ne!(tags[0], tags[1]);
    assert_eq!(get("/app.js", None).await.header(ETAG), tags[0]);
}

#[tokio::test]
async fn health_is_fine() {
    let answer = get("/health", None).await;
    assert_eq!(answer.status, StatusCode::OK);
    assert_eq!(answer.body, br#"{"status":"ok"}"#);
}

#[tokio::test]
async fn an_unknown_path_is_a_problem() {
    for path in ["/nope.js", "/views", "/../Cargo.toml", "/views/..%2fapp.js"] {
        let answer = get(path, None).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.header(CONTENT_TYPE), "application/problem+json");
        let problem: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
        assert_eq!(problem["code"], "not_found");
    }
}
