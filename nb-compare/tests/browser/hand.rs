//! A reader's hand: pointer and keys, as actions of WebDriver.
//!
//! Not here: where on a page they act (`page`).

use serde_json::{Value, json};

/// Keys that have no character, by the code points that WebDriver gives them.
pub mod key {
    pub const TAB: &str = "\u{E004}";
    pub const ENTER: &str = "\u{E007}";
    pub const SHIFT: &str = "\u{E008}";
    pub const END: &str = "\u{E010}";
    pub const HOME: &str = "\u{E011}";
    pub const LEFT: &str = "\u{E012}";
    pub const UP: &str = "\u{E013}";
    pub const RIGHT: &str = "\u{E014}";
    pub const DOWN: &str = "\u{E015}";
}

/// The pointer goes to a place of the window.
pub fn move_to((x, y): (f64, f64)) -> Value {
    json!({"type": "pointerMove", "duration": 0, "x": x.round() as i64, "y": y.round() as i64, "origin": "viewport"})
}

/// The main button goes down.
pub fn button_down() -> Value {
    json!({"type": "pointerDown", "button": 0})
}

/// The main button comes up.
pub fn button_up() -> Value {
    json!({"type": "pointerUp", "button": 0})
}

/// Parameters of the command `actions` for what a pointer does, one thing after the other.
pub fn pointer(actions: &[Value]) -> Value {
    let kind = json!({"pointerType": "mouse"});
    json!({"actions": [{"type": "pointer", "id": "mouse", "parameters": kind, "actions": actions}]})
}

/// Parameters of the command `actions` for keys pressed and let go one after the other, while those of `held` are down.
pub fn keys(held: &str, keys: &str) -> Value {
    let one = |kind: &str, key: char| json!({"type": kind, "value": key.to_string()});
    let down = held.chars().map(|key| one("keyDown", key));
    let pressed = keys.chars().flat_map(|key| [one("keyDown", key), one("keyUp", key)]);
    let up = held.chars().map(|key| one("keyUp", key));
    let actions: Vec<Value> = down.chain(pressed).chain(up).collect();
    json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]})
}
