//! The page, as it is in the program.

use super::base64;
use super::response::Response;
use std::sync::LazyLock;

/// One file, with its script and its style in it.
static PAGE: &str = include_str!("page.html");

/// The fields of its answer. The browser runs nothing but the script and the style that are in the
/// file, and connects nowhere else. [common/http-6]
static FIELDS: LazyLock<String> = LazyLock::new(|| {
    let hashes = |element| {
        let hash = |text: &str| hmac_sha256::Hash::hash(text.as_bytes());
        let hashes =
            inline(PAGE, element).map(|text| format!(" 'sha256-{}'", base64::encode(&hash(text))));
        hashes.collect::<String>()
    };
    format!(
        "Content-Type: text/html; charset=utf-8\r\n\
         Content-Security-Policy: default-src 'none'; script-src{}; style-src{}; \
         connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; \
         frame-ancestors 'none'\r\n\
         Referrer-Policy: no-referrer\r\n\
         Cross-Origin-Opener-Policy: same-origin\r\n\
         Cross-Origin-Resource-Policy: same-origin\r\n",
        hashes("script"),
        hashes("style"),
    )
});

/// The answer.
pub(super) fn page() -> Response {
    Response::page(&FIELDS, PAGE.as_bytes())
}

/// The texts of all elements of this name.
fn inline<'a>(page: &'a str, element: &str) -> impl Iterator<Item = &'a str> {
    let (begin, end) = (format!("<{element}"), format!("</{element}>"));
    let mut rest = page;
    std::iter::from_fn(move || {
        let (_, after) = rest.split_once(&begin)?;
        let (_, after) = after.split_once('>')?;
        let (text, after) = after.split_once(&end)?;
        rest = after;
        Some(text)
    })
}

#[cfg(test)]
mod tests {
    use super::{FIELDS, PAGE, inline};

    /// [common/http-6]
    #[test]
    fn every_script_and_style_is_in_the_policy_and_nothing_else_runs() {
        for element in ["script", "style"] {
            let count = inline(PAGE, element).count();
            assert!(count > 0, "there is no {element}");
            assert_eq!(PAGE.matches(&format!("<{element}")).count(), count);
            let policy = FIELDS.split(';').find(|part| part.contains(&format!("{element}-src")));
            assert_eq!(policy.map(|part| part.matches("'sha256-").count()), Some(count));
        }
        assert!(!FIELDS.contains("unsafe"));
    }

    #[test]
    fn the_text_of_an_element_is_all_of_it() {
        let page = "<style media=\"print\">a</style><script>\nb < c\n</script><style></style>";
        assert_eq!(inline(page, "style").collect::<Vec<_>>(), ["a", ""]);
        assert_eq!(inline(page, "script").collect::<Vec<_>>(), ["\nb < c\n"]);
    }
}
