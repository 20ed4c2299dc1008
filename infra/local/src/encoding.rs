//! Percent-encoding and query strings, as API Gateway reads them.

/// Decodes `%41`; what is no valid escape stays, what is no UTF-8 is replaced.
pub(crate) fn decode(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let hex = (bytes[at] == b'%').then(|| text.get(at + 1..at + 3)).flatten();
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                out.push(byte);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The decoded names and values of a query string, in order.
pub(crate) fn query(text: &str) -> Vec<(String, String)> {
    let part = |part: &str| {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        (decode(&name.replace('+', " ")), decode(&value.replace('+', " ")))
    };
    text.split('&').filter(|part| !part.is_empty()).map(part).collect()
}

/// Encodes a key as S3 does in its notifications: as in a form, but for slashes.
pub(crate) fn form_encode(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        match byte {
            b' ' => encoded.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-_.*/".contains(&byte) => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_decoded_and_the_rest_is_kept() {
        assert_eq!(decode("a%20b%3D%C3%A9"), "a b=é");
        assert_eq!(decode("100%|%zz|%4"), "100%|%zz|%4");
        let pairs =
            [("a", "1 2"), ("b", ""), ("a", "=")].map(|(n, v)| (n.to_owned(), v.to_owned()));
        assert_eq!(form_encode("m/Happy Face+é.jpg"), "m/Happy+Face%2B%C3%A9.jpg");
        assert_eq!(query("a=1+2&b&&a=%3D"), pairs);
    }
}
