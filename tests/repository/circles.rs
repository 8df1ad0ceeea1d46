//! The imports between the modules of each crate.
//!
//! Goal: no module needs itself by way of others, so that each can be read with only the modules
//! below it in mind. Method: the paths of the code under `src/` that begin with `crate`, `super`,
//! `self` or a child's name. A path is an import of the module that defines its item, so `use`
//! declarations are followed. A `pub use` of an item of a child is a facade and no import; nor is
//! anything behind `#[cfg(test)]`. A circle is a set of modules that all import each other,
//! directly or by way of each other. Limits: methods that are called on a value, and paths inside
//! of macros, name no module and are not seen.

use super::source::{closing, find, is_word, tokens, words};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// Circles that stay, and why.
const EXCEPTIONS: [(&[&str], &str); 0] = [];

/// The name of a module from the root of its crate.
type Module = Vec<String>;

/// A path of a `use` declaration or of an expression.
struct Import {
    path: Vec<String>,
    /// The name that a `use` declaration gives it.
    name: Option<String>,
    public: bool,
}

/// The modules of a crate, each with its file and its imports.
#[derive(Default)]
struct Crate {
    files: BTreeMap<Module, String>,
    imports: BTreeMap<Module, Vec<Import>>,
    /// The absolute path of each name that a module declares by `use`.
    declared: BTreeMap<(Module, String), Vec<String>>,
}

/// The words of a file without the items behind a `cfg` that names `test`.
fn without_tests(text: &str) -> Vec<&str> {
    let (its, mut kept, mut at) = (tokens(text), Vec::new(), 0);
    let all = words(&its);
    while at < all.len() {
        if !all[at..].starts_with(&["#", "[", "cfg", "("]) {
            kept.push(all[at]);
            at += 1;
            continue;
        }
        let end = closing(&all, at + 1);
        if all[at..end].contains(&"test") {
            let ends: &[&str] = if all[end + 1] == "use" { &[";"] } else { &["{", ";"] };
            let last = find(&all, end + 1, ends);
            at = if all[last] == "{" { closing(&all, last) } else { last };
        } else {
            at = end;
        }
        at += 1;
    }
    kept
}

/// The paths of a `use` declaration after `before`; `tree` is its words from there on.
fn branches(before: &[String], tree: &[&str], public: bool) -> Vec<Import> {
    let Some(brace) = tree.iter().position(|word| *word == "{") else {
        let alias = tree.iter().position(|word| *word == "as");
        let own = tree[..alias.unwrap_or(tree.len())].iter().filter(|word| is_word(word));
        let mut path: Vec<String> =
            before.iter().cloned().chain(own.map(ToString::to_string)).collect();
        path.pop_if(|last| last == "self" && !before.is_empty());
        let name =
            alias.map_or(path.last().cloned(), |at| tree.get(at + 1).map(ToString::to_string));
        return vec![Import { path, name, public }];
    };
    let own = tree[..brace].iter().filter(|word| is_word(word)).map(ToString::to_string);
    let before: Vec<String> = before.iter().cloned().chain(own).collect();
    let end = closing(tree, brace);
    let (mut found, mut at) = (Vec::new(), brace + 1);
    while at < end {
        let next = find(&tree[..=end], at, &[",", "}"]);
        found.extend(branches(&before, &tree[at..next], public));
        at = next + 1;
    }
    found
}

/// All paths of a file: of its declarations, and those in its code with two words or more.
fn imports(text: &str) -> Vec<Import> {
    let words = without_tests(text);
    let (mut found, mut at) = (Vec::new(), 0);
    while at < words.len() {
        let before = if at > 0 { words[at - 1] } else { "" };
        if words[at] == "use" && ["", ";", "}", "{", "]", ")", "pub"].contains(&before) {
            let end = find(&words, at, &[";"]);
            found.extend(branches(&[], &words[at + 1..end], ["pub", ")"].contains(&before)));
            at = end;
        } else if is_word(words[at]) && ![":", ".", "in"].contains(&before) {
            let mut path = vec![words[at].to_owned()];
            while words[at + 1..].starts_with(&[":", ":"])
                && words.get(at + 3).is_some_and(|word| is_word(word))
            {
                path.push(words[at + 3].to_owned());
                at += 3;
            }
            if path.len() > 1 {
                found.push(Import { path, name: None, public: false });
            }
        }
        at += 1;
    }
    found
}

impl Crate {
    /// A crate of these files, each with its place below the folder of the crate.
    fn of(folder: &str, files: &[(String, String)]) -> Crate {
        let mut whole = Crate::default();
        whole.files.insert(Module::new(), format!("{folder}/lib.rs"));
        whole.imports.insert(Module::new(), Vec::new());
        for (file, text) in files {
            let mut name: Module =
                file.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
            name.pop_if(|last| last == "mod" || last == "lib");
            whole.files.insert(name.clone(), format!("{folder}/{file}"));
            whole.imports.insert(name, imports(text));
        }
        let declarations = whole.imports.iter().flat_map(|(module, imports)| {
            imports.iter().filter_map(|import| {
                let path = whole.absolute(module, &import.path)?;
                Some(((module.clone(), import.name.clone()?), path))
            })
        });
        whole.declared = declarations.collect();
        whole
    }

    /// A path from the root of the crate; nothing if it leads out of the crate.
    fn absolute(&self, module: &[String], path: &[String]) -> Option<Vec<String>> {
        let (first, mut rest) = path.split_first()?;
        let mut base = module.to_vec();
        match first.as_str() {
            "crate" => base.clear(),
            "self" => {}
            "super" => {
                base.pop()?;
                while let Some((_, after)) = rest.split_first().filter(|(word, _)| *word == "super")
                {
                    base.pop()?;
                    rest = after;
                }
            }
            _ => {
                base.push(first.clone());
                self.files.get(&base)?;
            }
        }
        Some([base, rest.to_vec()].concat())
    }

    /// The module that defines what an absolute path names.
    fn home(&self, mut path: Vec<String>) -> Module {
        for _ in 0..8 {
            let lengths = (0..=path.len()).rev();
            let module =
                lengths.map(|length| &path[..length]).find(|m| self.files.contains_key(*m));
            let module = module.unwrap_or_default().to_vec();
            let Some(item) = path.get(module.len()) else { return module };
            match self.declared.get(&(module.clone(), item.clone())) {
                Some(real) if *real != path => {
                    path = [real, &path[module.len() + 1..]].concat();
                }
                _ => return module,
            }
        }
        panic!("{path:?} is declared in a circle");
    }

    /// The modules that `module` imports, each with a path by which it does.
    fn edges(&self, module: &Module) -> BTreeMap<Module, String> {
        let mut edges = BTreeMap::new();
        for import in &self.imports[module] {
            let Some(path) = self.absolute(module, &import.path) else { continue };
            let home = self.home(path);
            let facade = import.public && home.starts_with(module);
            if home != *module && !facade {
                edges.insert(home, import.path.join("::"));
            }
        }
        edges
    }

    /// The modules that `module` needs, itself only if it needs itself.
    fn needs(&self, module: &Module) -> BTreeSet<Module> {
        let (mut needed, mut next) = (BTreeSet::new(), vec![module.clone()]);
        while let Some(one) = next.pop() {
            next.extend(self.edges(&one).into_keys().filter(|other| needed.insert(other.clone())));
        }
        needed
    }

    /// Every circle, as its modules.
    fn circles(&self) -> BTreeSet<Vec<Module>> {
        let needs: BTreeMap<&Module, BTreeSet<Module>> =
            self.files.keys().map(|module| (module, self.needs(module))).collect();
        let circle = |module: &Module| {
            let back = needs[module].iter().filter(|other| needs[other].contains(module));
            back.cloned().collect::<Vec<_>>()
        };
        self.files.keys().map(circle).filter(|circle| !circle.is_empty()).collect()
    }

    /// The files of each circle, and the imports inside it in words.
    fn told(&self) -> Vec<(Vec<&str>, String)> {
        let told = |circle: Vec<Module>| {
            let files = circle.iter().map(|module| self.files[module].as_str()).collect();
            let inside = circle.iter().flat_map(|module| {
                let edges = self.edges(module).into_iter().filter(|(to, _)| circle.contains(to));
                edges.map(|(to, path)| {
                    format!("  {} imports {path} of {}\n", self.files[module], self.files[&to])
                })
            });
            (files, inside.collect())
        };
        self.circles().into_iter().map(told).collect()
    }
}

/// The Rust files below a folder, each with its place in it.
fn files(folder: &Path, place: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry")) {
        let name = entry.file_name().into_string().expect("a plain name");
        let file = format!("{place}{name}");
        if entry.path().is_dir() {
            found.extend(files(&entry.path(), &format!("{file}/")));
        } else if Path::new(&name).extension().is_some_and(|end| end == "rs") && file != "main.rs" {
            found.push((file, fs::read_to_string(entry.path()).expect("text")));
        }
    }
    found
}

#[test]
fn modules_import_each_other_in_one_direction() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut crates, mut wrong) = (0, Vec::new());
    let mut left: Vec<&[&str]> = EXCEPTIONS.iter().map(|(files, _)| *files).collect();
    for entry in fs::read_dir(root.join("src")).expect("a folder") {
        let path = entry.expect("an entry").path();
        if !path.join("lib.rs").exists() {
            continue;
        }
        crates += 1;
        let folder = path.strip_prefix(root).expect("below the root").display().to_string();
        let whole = Crate::of(&folder, &files(&path, ""));
        for (files, imports) in whole.told() {
            match left.iter().position(|exception| *exception == files) {
                Some(place) => drop(left.remove(place)),
                None => wrong.push(format!("a circle of {}:\n{imports}", files.join(", "))),
            }
        }
    }
    wrong.extend(left.iter().map(|files| format!("no circle any more: {}", files.join(", "))));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(crates > 6, "{crates} crates");
}

/// The circles of a made-up crate, as its files.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let owned = |(file, text): &(&str, &str)| ((*file).to_owned(), (*text).to_owned());
    let whole = Crate::of("src/x", &files.iter().map(owned).collect::<Vec<_>>());
    whole.told().into_iter().map(|(files, _)| files.join(" ")).collect()
}

#[test]
fn circles_are_found() {
    let pair = ["src/x/a.rs src/x/b.rs"];
    assert_eq!(found(&[("a.rs", "use super::b::B;"), ("b.rs", "use crate::{a::A, c::C};")]), pair);
    assert_eq!(
        found(&[("a.rs", "use crate::b as c;"), ("b.rs", "fn f() { super::a::g() }")]),
        pair
    );
    let three =
        [("a.rs", "use super::b;"), ("b.rs", "use super::c;"), ("c.rs", "use super::a::A;")];
    assert_eq!(found(&three), ["src/x/a.rs src/x/b.rs src/x/c.rs"]);
    // A facade does not hide where an item comes from.
    let facade = ("lib.rs", "mod b; pub use b::B;");
    assert_eq!(found(&[facade, ("a.rs", "use super::B;"), ("b.rs", "use super::a::A;")]), pair);
    let child =
        [("p/mod.rs", "mod q;\npub struct S;\nfn f() { q::g() }"), ("p/q.rs", "use super::S;")];
    assert_eq!(found(&child), ["src/x/p/mod.rs src/x/p/q.rs"]);
}

#[test]
fn imports_in_one_direction_are_no_circle() {
    let none = Vec::<String>::new();
    assert_eq!(
        found(&[("a.rs", "use super::b::B;"), ("b.rs", "use std::a::A; // super::a\n")]),
        none
    );
    let tests =
        "#[cfg(test)]\nmod tests { use super::super::a::A; }\n#[cfg(all(test, x))] use super::a;";
    assert_eq!(found(&[("a.rs", "use super::b::B;"), ("b.rs", tests)]), none);
    let facade = ("p/mod.rs", "mod q;\npub(super) use self::q::{Q, R as T};\npub struct S;");
    assert_eq!(found(&[facade, ("p/q.rs", "use super::S;")]), none);
    assert_eq!(found(&[("a.rs", "pub(in super::super) fn f() {}"), ("lib.rs", "use a::f;")]), none);
}
