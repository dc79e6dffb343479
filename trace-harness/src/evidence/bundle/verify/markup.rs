//! Whether a piece of a page is markup as templates of this project write it: few elements, each closed, with few attributes.
//!
//! Stricter than any browser, on purpose: whatever a browser could read in another way than this is refused. Not here: what
//! stands around that piece, and what its figures are (`page`).

use crate::evidence::bundle::documents::layout;

/// Something that no template of this project writes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum MarkupFault {
    /// An element, attribute or comment that could hide, imitate or change what else stands there.
    #[error("holds `{0}`, which no page of a bundle has there")]
    Unknown(String),
    /// A `<` or a `>` that belongs to no tag, or a tag that is written in another way.
    #[error("is not markup as this project writes it, from `{0}` on")]
    Form(String),
    /// Tags that do not match.
    #[error("has `{0}`, which closes nothing or leaves something open")]
    Unbalanced(String),
    /// Styles that are not this project's.
    #[error("has styles that are not this project's: `{0}`")]
    Style(String),
    /// A script.
    #[error("holds `<script`, which no page of a bundle has there")]
    Script,
}

/// Elements that sections hold, and those that charts do.
const ELEMENTS: [&str; 45] = [
    "a",
    "b",
    "br",
    "button",
    "canvas",
    "caption",
    "circle",
    "code",
    "details",
    "div",
    "em",
    "figcaption",
    "figure",
    "g",
    "h2",
    "h3",
    "h4",
    "img",
    "input",
    "label",
    "li",
    "line",
    "noscript",
    "ol",
    "option",
    "p",
    "path",
    "polygon",
    "polyline",
    "pre",
    "rect",
    "section",
    "select",
    "small",
    "span",
    "strong",
    "sub",
    "summary",
    "sup",
    "svg",
    "table",
    "tbody",
    "text",
    "thead",
    "title",
];
/// Cells and rows, which stand in tables only, and lists.
const MORE_ELEMENTS: [&str; 7] = ["td", "th", "tr", "ul", "tspan", "desc", "hr"];
/// What stands in a drawing, and nowhere else: outside, a browser would not draw it, and it cannot hold other elements.
const SHAPES: [&str; 10] =
    ["circle", "desc", "g", "line", "path", "polygon", "polyline", "rect", "text", "title"];
/// Elements without content, which are not closed.
const VOID: [&str; 4] = ["br", "hr", "img", "input"];
/// Attributes that say nothing of how their element looks but where it stands in a chart, how large it is, and its name.
const ATTRIBUTES: [&str; 46] = [
    "alt",
    "checked",
    "class",
    "colspan",
    "cx",
    "cy",
    "d",
    "disabled",
    "fill",
    "fill-opacity",
    "font-size",
    "for",
    "height",
    "href",
    "id",
    "lang",
    "max",
    "min",
    "name",
    "opacity",
    "points",
    "r",
    "role",
    "rowspan",
    "scope",
    "selected",
    "src",
    "step",
    "stroke",
    "stroke-dasharray",
    "stroke-width",
    "style",
    "tabindex",
    "text-anchor",
    "transform",
    "type",
    "value",
    "viewbox",
    "width",
    "x",
    "x1",
    "x2",
    "xmlns",
    "y",
    "y1",
    "y2",
];
/// What the attribute `style` may set: sizes and grids.
const PROPERTIES: [&str; 5] = ["display:grid", "gap", "grid-template-columns", "max-width", "width"];

/// Names of attributes in lower case, with their values as they are written.
type TagAttributes<'a> = Vec<(String, Option<&'a str>)>;

/// Whether `html` is such markup.
///
/// # Errors
/// The first thing that is not.
pub(super) fn is_ours(html: &str) -> Result<(), MarkupFault> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '>']) {
        let piece = &rest[at..];
        let Some(tag) = piece.strip_prefix('<') else { return Err(MarkupFault::Form(start_of(piece))) };
        if let Some(closing) = tag.strip_prefix('/') {
            let (name, after) = closing.split_once('>').ok_or_else(|| MarkupFault::Form(start_of(piece)))?;
            if open.pop() != Some(name) {
                return Err(MarkupFault::Unbalanced(start_of(piece)));
            }
            rest = after;
            continue;
        }
        let (name, attributes, after) = opening(tag).ok_or_else(|| MarkupFault::Form(start_of(piece)))?;
        match name {
            "style" | "script" => {
                rest = raw(name, &attributes, after)?;
                continue;
            }
            _ if !ELEMENTS.contains(&name) && !MORE_ELEMENTS.contains(&name) => {
                return Err(MarkupFault::Unknown(format!("<{name}")));
            }
            _ if SHAPES.contains(&name) != open.contains(&"svg") && name != "tspan" => {
                return Err(MarkupFault::Unknown(format!("<{name}")));
            }
            // Moved as a whole, a drawing could cover what stands before it.
            _ if !matches!(name, "text" | "g") && attributes.iter().any(|(key, _)| key == "transform") => {
                return Err(MarkupFault::Unknown(format!("<{name} transform")));
            }
            // What is folded away is the parameters of a comparison, and nothing else.
            "details" if !matches!(attributes.as_slice(), [(id, Some("all-parameters"))] if id == "id") => {
                return Err(MarkupFault::Unknown("<details".to_owned()));
            }
            // What the viewer of a comparison shows when a pixel is chosen.
            "figure" if is_closer_look(&attributes) => {}
            _ => attributes.iter().try_for_each(|(key, value)| attribute(key, *value))?,
        }
        if !VOID.contains(&name) {
            open.push(name);
        }
        rest = after;
    }
    match open.last() {
        None => Ok(()),
        Some(name) => Err(MarkupFault::Unbalanced(format!("<{name}"))),
    }
}

/// Whether these are the attributes of the figure that is hidden until a pixel is chosen.
fn is_closer_look(attributes: &[(String, Option<&str>)]) -> bool {
    matches!(attributes, [(id, Some("where")), (hidden, None)] if id == "id" && hidden == "hidden")
}

/// What follows a style sheet of this project, or data that a script reads.
fn raw<'a>(
    name: &str,
    attributes: &[(String, Option<&str>)],
    after: &'a str,
) -> Result<&'a str, MarkupFault> {
    let end = format!("</{name}>");
    let (content, rest) =
        after.split_once(end.as_str()).ok_or(MarkupFault::Unbalanced(format!("<{name}")))?;
    if name == "style" {
        let is_ours = attributes.is_empty() && layout::STYLES.contains(&content);
        return if is_ours { Ok(rest) } else { Err(MarkupFault::Style(content.chars().take(60).collect())) };
    }
    let mut named = attributes.iter();
    let data = named.next().is_some_and(|(key, value)| key == "type" && *value == Some("application/json"));
    let has_name = named.next().is_none_or(|(key, value)| key == "id" && value.is_some_and(is_name));
    // Whatever could begin another state of a browser's reader: `<!--` and tags in it.
    let plain = !content.contains('<');
    if data && has_name && named.next().is_none() && plain { Ok(rest) } else { Err(MarkupFault::Script) }
}

/// Name and attributes of the tag behind a `<`, and what follows it.
fn opening(tag: &str) -> Option<(&str, TagAttributes<'_>, &str)> {
    let end = tag.find(|c: char| !(c.is_ascii_lowercase() || c.is_ascii_digit()))?;
    let (name, mut rest) = tag.split_at(end);
    let mut attributes = Vec::new();
    while let Some(after) = rest.strip_prefix(' ') {
        let end = after.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-'))?;
        let (key, after) = after.split_at(end);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(value) => {
                let (value, after) = value.split_once('"')?;
                (Some(value), after)
            }
            None => (None, after),
        };
        if key.is_empty() || value.is_some_and(|value| value.contains(['<', '>'])) {
            return None;
        }
        // A browser reads names in any case; the charts' `viewBox` is the only one that is not all lower case.
        attributes.push((key.to_ascii_lowercase(), value));
        rest = after;
    }
    let rest = rest.strip_prefix('>')?;
    (!name.is_empty()).then_some((name, attributes, rest))
}

/// Whether an attribute and its value are among those that templates write.
fn attribute(key: &str, value: Option<&str>) -> Result<(), MarkupFault> {
    let unknown = || MarkupFault::Unknown(format!("{key}={}", value.unwrap_or_default()));
    let described = key.starts_with("aria-") && key != "aria-hidden" || key.starts_with("data-");
    if !described && !ATTRIBUTES.contains(&key) {
        return Err(unknown());
    }
    let value = value.unwrap_or_default();
    let fits = match key {
        "class" => value.split(' ').all(|name| is_name(name) && name != "verdict"),
        "id" => is_name(value) && value != "verdict",
        "src" => value.starts_with("data:image/png;base64,") || is_beside(value),
        "href" => is_beside(value),
        "style" => {
            let allowed =
                |one: &str| PROPERTIES.iter().any(|p| one == *p || one.starts_with(&format!("{p}:")));
            if value.is_empty() || value.contains('&') || !value.split(';').all(allowed) {
                return Err(MarkupFault::Style(value.chars().take(60).collect()));
            }
            true
        }
        _ => true,
    };
    if fits { Ok(()) } else { Err(unknown()) }
}

/// A name of letters, digits, `-` and `_`.
fn is_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '-' || c == '_')
}

/// Whether a link leads to a file of the bundle, or to a place of the page.
fn is_beside(link: &str) -> bool {
    let plain = link.replace("&amp;", "");
    let is_odd = |c: char| c.is_whitespace() || c.is_control() || matches!(c, ':' | '\\' | '&');
    !plain.contains(is_odd) && !link.starts_with('/') && !link.split(['/', '#', '?']).any(|part| part == "..")
}

/// The beginning of a piece, for a message.
fn start_of(piece: &str) -> String {
    piece.chars().take(40).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_templates_write_is_ours() {
        for html in [
            "",
            "text &lt;b&gt; &amp; \"quotes\"",
            "<section aria-labelledby=\"a\"><h2 id=\"a\">A</h2><p class=\"soft\">x<br>y</p></section>",
            "<img src=\"data:image/png;base64,AA==\" alt=\"PASS &gt; FAIL\"><a href=\"results/x.png\">x</a>",
            "<svg viewBox=\"0 0 1 1\" style=\"max-width:100px;width:100%\"><path d=\"M0 0\"></path></svg>",
            "<script type=\"application/json\" id=\"pixels\">{\"a\":1}</script>",
            "<figure id=\"where\" hidden><img src=\"x.png\" alt=\"x\"></figure>",
            "<svg class=\"chart\"><text transform=\"translate(13 5) rotate(-90)\">y</text></svg>",
            "<details id=\"all-parameters\"><summary>x</summary></details>",
            "<label>n <input type=\"range\" value=\"1\"></label><button disabled>go</button>",
        ] {
            assert_eq!(is_ours(html), Ok(()), "{html}");
        }
    }

    #[test]
    fn nothing_else_is() {
        for html in [
            "<p title=\">\" style=\"position:fixed\">PASS</p>",
            "<p style=\"width:1px;position:fixed\">x</p>",
            "<p style=\"width&#58;1px\">x</p>",
            "<p class='verdict PASS'>x</p>",
            "<p class=verdict>x</p>",
            "<p class=\"PASS verdict\">x</p>",
            "<span class=\"&#118;erdict PASS\">x</span>",
            "<h2 id='verdict'>x</h2>",
            "<h2 id=\"verdict\">x</h2>",
            "<h2  id=\"x\">x</h2>",
            "<h2\tid=\"x\">x</h2>",
            "<div hidden>x</div>",
            "<figure id=\"x\" hidden>x</figure>",
            "<div id=\"where\" hidden>x</div>",
            "<div aria-hidden=\"true\">x</div>",
            "<div inert>x</div>",
            "<div onclick=\"x\">x</div>",
            "<p title=\"x\" onclick=\"x\">x</p>",
            "<textarea>",
            "<plaintext>",
            "<details>",
            "<div>",
            "</div>",
            "<p><b></p></b>",
            "<DIV></DIV>",
            "<embed src=\"x\">",
            "<dialog open>PASS</dialog>",
            "<xmp></xmp>",
            "<font color=\"white\"></font>",
            "<form></form>",
            "<iframe></iframe>",
            "<object></object>",
            "<template></template>",
            "<math></math>",
            "<frameset></frameset>",
            "<noembed></noembed>",
            "<h1>x</h1>",
            "<main></main>",
            "<body></body>",
            "<link rel=\"x\">",
            "<meta name=\"x\">",
            "<base href=\"x\">",
            "<svg><animate></animate></svg>",
            "<svg><foreignobject></foreignobject></svg>",
            "<svg><script type=\"application/json\"><!-- </script></svg>",
            "<a href=\"javascript:1\">x</a>",
            "<a href=\"java&#115;cript&#58;1\">x</a>",
            "<a href=\"//host/x\">x</a>",
            "<a href=\" //host/x\">x</a>",
            "<a href=\"/\t/host/x\">x</a>",
            "<a href=\"/etc/x\">x</a>",
            "<a href=\"../x\">x</a>",
            "<a href=\"a/../../x\">x</a>",
            "<img src=\"https://host/x\">",
            "<img src=\"data:image/svg+xml,x\">",
            "<svg transform=\"translate(0 -900)\"></svg>",
            "<svg><rect transform=\"translate(0 -900)\"></rect></svg>",
            "<div transform=\"translate(0 -900)\"></div>",
            "<svg><p>x</p></svg>",
            "<svg><svg></svg></svg>",
            "<title>x</title>",
            "<details><summary>x</summary></details>",
            "<div/></div>",
            "<!-- x -->",
            "<!x>",
            "<?x?>",
            "a < b",
            "a > b",
            "<p",
            "<p id=\"x",
            "<style>p{}</style>",
            "<style media=\"print\"></style>",
            "<style>",
            "<script>x</script>",
            "<script type=\"application/json\" src=\"x\"></script>",
            "<script type=\"text/javascript\">x</script>",
        ] {
            assert!(is_ours(html).is_err(), "{html}");
        }
    }
}
