//! Which route a request belongs to.
//!
//! Full matches come first, then greedy paths, then `$default`; within a level the comparison goes
//! from left to right, a literal before a variable, and then an exact method before `ANY`. AWS
//! documents the levels and one example; ties beyond them are warned about, not relied on.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use crate::template::Route;

#[derive(Debug)]
pub(super) struct Routes(Vec<Compiled>);

#[derive(Debug)]
struct Compiled {
    route: Route,
    /// `None` for `ANY` and `$default`.
    method: Option<String>,
    /// `None` for `$default`.
    segments: Option<Vec<Segment>>,
}

/// In order of preference.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Segment {
    Literal(String),
    Variable(String),
    Greedy(String),
}

/// A route and what its variables stand for, decoded.
#[derive(Debug)]
pub(super) struct Matched<'r> {
    pub(super) route: &'r Route,
    pub(super) parameters: BTreeMap<String, String>,
}

impl Routes {
    pub(super) fn new(routes: &[Route]) -> Self {
        Self(routes.iter().map(Compiled::new).collect())
    }

    pub(super) fn select(&self, method: &str, path: &str) -> Option<Matched<'_>> {
        let found = self.0.iter().filter_map(|route| Some((route, route.matches(method, path)?)));
        let (route, parameters) = found.min_by_key(|(route, _)| route.rank())?;
        Some(Matched { route: &route.route, parameters })
    }

    /// Pairs of routes of which AWS may choose the other one.
    pub(super) fn ties(&self) -> Vec<String> {
        let mut ties = Vec::new();
        for (at, left) in self.0.iter().enumerate() {
            for right in &self.0[at + 1..] {
                if left.rank() == right.rank() && left.method == right.method {
                    let (left, right) = (&left.route.key, &right.route.key);
                    if left != "$default" && left.split(' ').count() == right.split(' ').count() {
                        ties.push(format!("`{left}` and `{right}` may match the same request"));
                    }
                }
            }
        }
        ties
    }
}

impl Compiled {
    fn new(route: &Route) -> Self {
        let (method, path) = match route.key.split_once(' ') {
            Some((method, path)) => (Some(method), Some(path)),
            None => (None, None),
        };
        let method = method.filter(|method| *method != "ANY").map(str::to_owned);
        let segments = path.map(|path| path.split('/').skip(1).map(segment).collect());
        Self { route: route.clone(), method, segments }
    }

    fn matches(&self, method: &str, path: &str) -> Option<BTreeMap<String, String>> {
        if self.method.as_ref().is_some_and(|own| own != method) {
            return None;
        }
        let mut parameters = BTreeMap::new();
        let Some(segments) = &self.segments else { return Some(parameters) };
        let mut rest = path.strip_prefix('/')?.split('/');
        for segment in segments {
            match segment {
                Segment::Literal(text) => {
                    if crate::encoding::decode(rest.next()?) != *text {
                        return None;
                    }
                }
                Segment::Variable(name) => {
                    let value = rest.next().filter(|value| !value.is_empty())?;
                    parameters.insert(name.clone(), crate::encoding::decode(value));
                }
                Segment::Greedy(name) => {
                    let value = rest.by_ref().collect::<Vec<_>>().join("/");
                    parameters.insert(name.clone(), crate::encoding::decode(&value));
                }
            }
        }
        rest.next().is_none().then_some(parameters)
    }

    /// The lowest wins. The names of variables do not count.
    fn rank(&self) -> (u8, Vec<(u8, String)>, bool, Reverse<usize>) {
        let Some(segments) = &self.segments else {
            return (2, Vec::new(), true, Reverse(0));
        };
        let greedy = segments.iter().any(|segment| matches!(segment, Segment::Greedy(_)));
        let weight = |segment: &Segment| match segment {
            Segment::Literal(text) => (0, text.clone()),
            Segment::Variable(_) => (1, String::new()),
            Segment::Greedy(_) => (2, String::new()),
        };
        let weights = segments.iter().map(weight).collect();
        (u8::from(greedy), weights, self.method.is_none(), Reverse(segments.len()))
    }
}

fn segment(text: &str) -> Segment {
    match text.strip_prefix('{').and_then(|text| text.strip_suffix('}')) {
        Some(name) => match name.strip_suffix('+') {
            Some(name) => Segment::Greedy(name.to_owned()),
            None => Segment::Variable(name.to_owned()),
        },
        None => Segment::Literal(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn routes(keys: &[&str]) -> Routes {
        let route = |key: &&str| Route {
            key: (*key).to_owned(),
            line: 1,
            function: "F".to_owned(),
            authorizer: None,
            timeout: Duration::from_secs(30),
        };
        Routes::new(&keys.iter().map(route).collect::<Vec<_>>())
    }

    #[test]
    fn the_most_specific_route_is_selected() {
        let routes = routes(&[
            "$default",
            "GET /{proxy+}",
            "ANY /pets/{proxy+}",
            "GET /pets/{id}",
            "ANY /pets/{id}",
            "GET /pets/dog/1",
            "GET /pets/{id}/toys",
            "GET /",
        ]);
        for (method, path, expected) in [
            ("GET", "/pets/dog/1", "GET /pets/dog/1"),
            ("GET", "/pets/6", "GET /pets/{id}"),
            ("PUT", "/pets/6", "ANY /pets/{id}"),
            ("GET", "/pets/6/toys", "GET /pets/{id}/toys"),
            ("GET", "/pets/dog/2", "ANY /pets/{proxy+}"),
            ("POST", "/pets/dog/2", "ANY /pets/{proxy+}"),
            ("GET", "/test/5", "GET /{proxy+}"),
            ("POST", "/test/5", "$default"),
            ("GET", "/", "GET /"),
            ("GET", "/Pets/6", "GET /{proxy+}"),
            ("GET", "/pets/6/", "ANY /pets/{proxy+}"),
        ] {
            let matched = routes.select(method, path).unwrap();
            assert_eq!(matched.route.key, expected, "{method} {path}");
        }
    }

    #[test]
    fn nothing_else_is_matched() {
        let routes = routes(&["GET /a/{id}", "POST /b"]);
        for (method, path) in
            [("GET", "/a"), ("GET", "/a/"), ("POST", "/a/1"), ("GET", "/b"), ("POST", "/b/")]
        {
            assert!(routes.select(method, path).is_none(), "{method} {path}");
        }
    }

    #[test]
    fn variables_are_decoded_and_ties_are_told() {
        let routes = routes(&["GET /a/{x}", "GET /a/{y}", "GET /f/{rest+}"]);
        let matched = routes.select("GET", "/f/b%20c/d").unwrap();
        assert_eq!(matched.parameters["rest"], "b c/d");
        assert_eq!(routes.ties(), ["`GET /a/{x}` and `GET /a/{y}` may match the same request"]);
    }
}
