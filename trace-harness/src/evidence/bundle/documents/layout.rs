//! The two documents that people read, and which sources wrote them: the same sources write the same bytes around what a kind adds.
//!
//! Not here: writing them (`analysis`, `evidence::page`), holding a bundle against them (`verify`).

use std::sync::LazyLock;

use maud::html;
use sha2::{Digest, Sha256};

use crate::evidence::bundle::digest;
use crate::evidence::bundle::documents::analysis;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::summary::Summary;
use crate::evidence::page::{base64, bundle_page};

/// The script of the pages of comparisons. It stands with the program that writes them, and is known here to be told from any other.
pub const VIEWER: &str = include_str!("../../../../../nb-compare/src/report/view.js");

/// The styles of sections: of the viewer of comparisons, and of the table of a matrix.
pub const STYLES: [&str; 2] = [
    include_str!("../../../../../nb-compare/src/report/view.css"),
    include_str!("../../../../../nb-compare/src/matrix/page.css"),
];

/// Everything that decides the bytes. A change of one makes another layout, and no bundle before it is held against it.
static LAYOUT: LazyLock<String> = LazyLock::new(|| {
    let sources = [
        VIEWER,
        STYLES[0],
        STYLES[1],
        include_str!("analysis.rs"),
        include_str!("commands.rs"),
        include_str!("../../page/bundle_page.rs"),
        include_str!("../../page/markdown.rs"),
        include_str!("../../page/mod.rs"),
        include_str!("../../page/style.css"),
        include_str!("../../terminal.rs"),
        include_str!("../summary.rs"),
        nanobragg::chart::STYLE,
    ];
    digest::of_bytes(sources.concat().as_bytes())[..16].to_owned()
});

/// The name of the layout that this program writes.
pub fn layout() -> &'static str {
    &LAYOUT
}

/// What stands around the part of a document that its kind of bundle adds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    before: String,
    after: String,
    empty: String,
}

impl Frame {
    fn of(render: impl Fn(&str) -> String) -> Self {
        let empty = render("");
        // Nothing in the document can hold its own digest, so that the mark stands in one place only.
        let mark = digest::of_bytes(empty.as_bytes());
        let marked = render(&mark);
        let (before, after) = marked.split_once(&mark).unwrap_or_default();
        Self { before: before.to_owned(), after: after.to_owned(), empty }
    }

    /// The part that the kind adds to `text`; none where something else differs.
    pub fn body<'a>(&self, text: &'a str) -> Option<&'a str> {
        if text == self.empty {
            return Some("");
        }
        text.strip_prefix(&*self.before)?.strip_suffix(&*self.after)
    }
}

/// The frame of `report.html`, which runs `script`.
pub fn page_frame(summary: &Summary, environment: &Environment, script: &str) -> Frame {
    let mut frame = Frame::of(|sections| bundle_page(summary, environment, &html! { (sections) }, ""));
    if !script.is_empty() {
        // Where `page` puts a script, and what its policy says then. The policy stands before all text of the bundle.
        let digest = base64(&Sha256::digest(script.as_bytes()));
        let allowed = format!("script-src 'sha256-{digest}'");
        let end = format!("<script>{script}</script></body></html>\n");
        for part in [&mut frame.before, &mut frame.empty] {
            *part = part.replacen("script-src 'none'", &allowed, 1);
        }
        for part in [&mut frame.after, &mut frame.empty] {
            *part =
                part.strip_suffix("</body></html>\n").map_or(String::new(), |start| start.to_owned() + &end);
        }
    }
    frame
}

/// The frame of `analysis.md`.
pub fn analysis_frame(summary: &Summary) -> Frame {
    Frame::of(|body| analysis::render(summary, body))
}
