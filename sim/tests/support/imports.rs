//! Which file of a crate uses names that which other file defines, read with a Rust parser.
//! Not here: the rules about it (`architecture`).
//!
//! Names count where they are defined: a re-export is a door, not a room, so `pub use` is followed and is no import of its
//! own. Tests do not count.

use std::collections::{BTreeMap, BTreeSet};

use syn::visit::{self, Visit};
use syn::{Item, UseTree, Visibility};

use crate::support::sources::Source;

/// Files by path, each with the files whose names it uses, and those names.
pub type Imports = BTreeMap<String, BTreeMap<String, BTreeSet<String>>>;

/// A path of modules and a name, from the crate's root.
type Path = Vec<String>;

/// What the parser found in one file.
#[derive(Default)]
struct File {
    /// Names of modules that it declares.
    children: BTreeSet<String>,
    /// Names that it defines.
    defined: BTreeSet<String>,
    /// Names that it passes on, and where they come from.
    passed_on: BTreeMap<String, Path>,
    /// All names of a module passed on.
    all_passed_on: Vec<Path>,
    /// Names that are used under another path in the file itself.
    known_as: BTreeMap<String, Path>,
    /// What it uses, as written but for `super`, `self` and names that it imported.
    used: BTreeSet<Path>,
}

/// The imports of the crate whose sources are `sources`, all below `folder` (with a slash at its end).
pub fn imports(folder: &str, sources: &[Source]) -> Imports {
    let mut files: BTreeMap<Path, File> = BTreeMap::new();
    let mut paths: BTreeMap<Path, String> = BTreeMap::new();
    for source in sources.iter().filter(|source| source.path.starts_with(folder)) {
        let module = module_of(&source.path[folder.len()..]);
        let parsed = syn::parse_file(&source.text).unwrap_or_else(|error| panic!("{}: {error}", source.path));
        let mut reader = Reader { module: module.clone(), file: File::default() };
        reader.names(&parsed.items);
        reader.visit_file(&parsed);
        files.insert(module.clone(), reader.file);
        paths.insert(module, source.path.clone());
    }
    let mut imports = Imports::new();
    for (module, file) in &files {
        let uses = imports.entry(paths[module].clone()).or_default();
        for used in &file.used {
            if let Some((home, name)) = resolve(&files, used, 0)
                && home != *module
            {
                uses.entry(paths[&home].clone()).or_default().insert(name);
            }
        }
    }
    imports
}

/// Those of the imports that lie on a circle: a file, and one that it uses.
pub fn circles(imports: &Imports) -> Vec<(String, String)> {
    let mut found = vec![];
    for (file, uses) in imports {
        let round = uses.keys().filter(|used| reaches(imports, used, file));
        found.extend(round.map(|used| (file.clone(), used.clone())));
    }
    found
}

/// Whether `from` uses `to`, directly or through others.
fn reaches(imports: &Imports, from: &str, to: &str) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), vec![from]);
    while let Some(file) = next.pop() {
        if file == to {
            return true;
        }
        if seen.insert(file) {
            next.extend(imports[file].keys().map(String::as_str));
        }
    }
    false
}

/// The module of a file, its path seen from the crate's sources.
pub fn module_of(path: &str) -> Path {
    let mut names: Path = path.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if names.last().is_some_and(|name| name == "mod" || name == "lib") {
        names.pop();
    }
    names
}

/// The module that defines the name at the end of `path`, and the name; `None` for other crates' names and for modules.
fn resolve(files: &BTreeMap<Path, File>, path: &[String], depth: usize) -> Option<(Path, String)> {
    if depth > 8 {
        return None;
    }
    let mut module: Path = vec![];
    for (at, name) in path.iter().enumerate() {
        let file = files.get(&module)?;
        if file.children.contains(name) {
            module.push(name.clone());
            if files.contains_key(&module) {
                continue;
            }
            // A module within the file.
            module.pop();
            return Some((module, name.clone()));
        }
        if file.defined.contains(name) {
            return Some((module, name.clone()));
        }
        if let Some(origin) = file.passed_on.get(name) {
            let further: Path = origin.iter().chain(&path[at + 1..]).cloned().collect();
            return resolve(files, &further, depth + 1);
        }
        return file.all_passed_on.iter().find_map(|origin| {
            let further: Path = origin.iter().chain(&path[at..]).cloned().collect();
            resolve(files, &further, depth + 1)
        });
    }
    None
}

struct Reader {
    module: Path,
    file: File,
}

impl Reader {
    /// Notes what the file declares, defines and imports, so that uses can be distinguished afterwards.
    fn names(&mut self, items: &[Item]) {
        for item in items.iter().filter(|item| !is_test(item)) {
            let name = match item {
                Item::Const(item) => &item.ident,
                Item::Enum(item) => &item.ident,
                Item::Fn(item) => &item.sig.ident,
                Item::Static(item) => &item.ident,
                Item::Struct(item) => &item.ident,
                Item::Trait(item) => &item.ident,
                Item::Type(item) => &item.ident,
                Item::Union(item) => &item.ident,
                Item::Macro(item) => match &item.ident {
                    Some(name) => name,
                    None => continue,
                },
                Item::Mod(item) => {
                    self.file.children.insert(item.ident.to_string());
                    continue;
                }
                _ => continue,
            };
            self.file.defined.insert(name.to_string());
        }
        for item in items.iter().filter(|item| !is_test(item)) {
            if let Item::Use(item) = item {
                let public = !matches!(item.vis, Visibility::Inherited);
                self.import(&mut vec![], &item.tree, public);
            }
        }
    }

    fn import(&mut self, prefix: &mut Path, tree: &UseTree, public: bool) {
        match tree {
            UseTree::Path(path) => {
                prefix.push(path.ident.to_string());
                self.import(prefix, &path.tree, public);
                prefix.pop();
            }
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.import(prefix, tree, public)),
            UseTree::Name(name) => self.imported(prefix, &name.ident.to_string(), None, public),
            UseTree::Rename(name) => {
                self.imported(prefix, &name.ident.to_string(), Some(name.rename.to_string()), public);
            }
            UseTree::Glob(_) => {
                if let Some(path) = self.absolute(prefix)
                    && public
                {
                    self.file.all_passed_on.push(path);
                }
            }
        }
    }

    fn imported(&mut self, prefix: &[String], name: &str, alias: Option<String>, public: bool) {
        let mut path = prefix.to_vec();
        if name != "self" {
            path.push(name.to_owned());
        }
        let Some(path) = self.absolute(&path) else { return };
        let alias = alias.unwrap_or_else(|| path.last().cloned().unwrap_or_default());
        self.file.known_as.insert(alias.clone(), path.clone());
        if public {
            self.file.passed_on.insert(alias, path);
        } else {
            self.file.used.insert(path);
        }
    }

    /// A path as seen from the root; `None` where it leads to another crate.
    fn absolute(&self, path: &[String]) -> Option<Path> {
        let mut module = self.module.clone();
        let mut rest = path;
        loop {
            match rest.first().map(String::as_str) {
                Some("crate") => (module, rest) = (vec![], &rest[1..]),
                Some("self") => rest = &rest[1..],
                Some("super") => {
                    module.pop();
                    rest = &rest[1..];
                }
                _ => break,
            }
        }
        if rest.len() == path.len() {
            let first = path.first()?;
            if let Some(known) = self.file.known_as.get(first) {
                return Some(known.iter().chain(&path[1..]).cloned().collect());
            }
            if !self.file.children.contains(first) && !self.file.defined.contains(first) {
                return None;
            }
        }
        Some(module.iter().chain(rest).cloned().collect())
    }

    fn used(&mut self, path: &[String]) {
        if let Some(path) = self.absolute(path) {
            self.file.used.insert(path);
        }
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        if !is_test(item) && !matches!(item, Item::Use(_)) {
            visit::visit_item(self, item);
        }
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        let names: Path = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        self.used(&names);
        visit::visit_path(self, path);
    }

    /// What stands in a call of a macro is not parsed: every path in it counts.
    fn visit_macro(&mut self, call: &'a syn::Macro) {
        let text = call.tokens.to_string().replace(" :: ", "::");
        let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
        for path in text.split(|c| !is_part(c)).filter(|path| path.contains("::")) {
            let names: Path = path.split("::").filter(|name| !name.is_empty()).map(str::to_owned).collect();
            self.used(&names);
        }
        visit::visit_macro(self, call);
    }
}

/// Whether an item is compiled for tests only.
fn is_test(item: &Item) -> bool {
    let attributes = match item {
        Item::Const(item) => &item.attrs,
        Item::Fn(item) => &item.attrs,
        Item::Impl(item) => &item.attrs,
        Item::Mod(item) => &item.attrs,
        Item::Static(item) => &item.attrs,
        Item::Struct(item) => &item.attrs,
        Item::Use(item) => &item.attrs,
        _ => return false,
    };
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg")
            && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}
