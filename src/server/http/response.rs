//! An answer of HTTP.

/// An answer other than the upgrade. The connection ends with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    status: &'static str,
    /// Further fields of the head, each with its line end.
    fields: String,
    body: &'static [u8],
    text: String,
}

/// The fields of every answer. A text is never taken for a page, nor kept.
const FIELDS: &str = "X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\n";

impl Response {
    /// A text, whose first line is the status.
    pub(crate) fn text(status: &'static str, why: &str) -> Response {
        let fields = "Content-Type: text/plain; charset=utf-8\r\n".to_owned();
        Response { status, fields, body: b"", text: format!("{status}\n{why}\n") }
    }

    /// A page with these fields.
    pub(super) fn page(fields: &str, body: &'static [u8]) -> Response {
        Response { status: "200 OK", fields: fields.to_owned(), body, text: String::new() }
    }

    /// A text of this type.
    pub(crate) fn document(content_type: &str, text: String) -> Response {
        Response {
            status: "200 OK",
            fields: format!("Content-Type: {content_type}\r\n"),
            body: b"",
            text,
        }
    }

    /// The same with one more field.
    pub(crate) fn with(mut self, field: &str) -> Response {
        self.fields.push_str(field);
        self.fields.push_str("\r\n");
        self
    }

    /// The number and its phrase.
    pub fn status(&self) -> &'static str {
        self.status
    }

    /// The bytes, which for HEAD are without the body.
    pub(crate) fn bytes(&self, with_body: bool) -> Vec<u8> {
        let length = self.text.len() + self.body.len();
        let head = format!(
            "HTTP/1.1 {}\r\n{}{FIELDS}Content-Length: {length}\r\nConnection: close\r\n\r\n",
            self.status, self.fields
        );
        let body = if with_body { [self.text.as_bytes(), self.body].concat() } else { Vec::new() };
        [head.into_bytes(), body].concat()
    }
}

/// A wrong request.
pub(super) fn bad(why: &str) -> Response {
    Response::text("400 Bad Request", why)
}

/// The address is banned. [common/ban-1]
pub(super) fn banned() -> Response {
    Response::text("403 Forbidden", "connections from your address are not let in here")
}

/// More connections than there may be.
pub(super) fn full() -> Response {
    let text = "there are too many connections; come back later";
    Response::text("503 Service Unavailable", text).with("Retry-After: 10")
}
