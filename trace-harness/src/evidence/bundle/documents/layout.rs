//! The two documents that people read, and which sources wrote them: the same sources write the same bytes around what a kind adds.
//!
//! Not here: writing them (`analysis`, `evidence::page`), holding a bundle against them (`verify`).

use std::fmt;

use maud::html;
use sha2::{Digest, Sha256};

use crate::evidence::bundle::digest;
use crate::evidence::bundle::documents::analysis;
use crate::evidence::bundle::environment::Environment;
use crate::evidence::bundle::summary::Summary;
use crate::evidence::page::{base64, bundle_page};

/// The script of the pages of comparisons. It stands with the program that writes them, and is known here so that any other is recognised.
pub const VIEWER: &str = include_str!("../../../../../nb-compare/src/report/view.js");

/// The styles of sections: of the viewer of comparisons, and of the table of a matrix.
pub const STYLES: [&str; 2] = [
    include_str!("../../../../../nb-compare/src/report/view.css"),
    include_str!("../../../../../nb-compare/src/matrix/page.css"),
];

/// Everything that decides the bytes. A change of one makes another layout, and no bundle before it is held against it.
const LAYOUT: SourcesName = SourcesName::of(&[
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
]);

/// The name of the layout that this program writes.
pub fn layout() -> String {
    LAYOUT.to_string()
}

/// A name for the sources that write a document, 16 hexadecimal digits: other sources have another one. It distinguishes versions and
/// proves nothing, so a hash that the compiler computes will do, and the sources are not in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SourcesName(u64);

impl SourcesName {
    /// The name of these sources, in this order: their hash by Fowler, Noll and Vo (FNV-1a, 64 bits; RFC 9923).
    pub const fn of(sources: &[&str]) -> Self {
        const BASIS: u64 = 0xcbf2_9ce4_8422_2325;
        const PRIME: u64 = 0x0000_0100_0000_01b3;
        let mut hash = BASIS;
        let mut source = 0;
        while source < sources.len() {
            let bytes = sources[source].as_bytes();
            let mut i = 0;
            while i < bytes.len() {
                hash = (hash ^ bytes[i] as u64).wrapping_mul(PRIME);
                i += 1;
            }
            source += 1;
        }
        Self(hash)
    }
}

impl fmt::Display for SourcesName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
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
