//! Holds JSON against the published schemas, by the keywords of JSON Schema 2020-12 that these use.
//!
//! Not here: any other keyword; a schema with one makes the test fail instead of passing unchecked. Crates for the whole of
//! JSON Schema bring Unicode tables, a resolver of addresses and a second engine of regular expressions.

use serde_json::{Map, Value};

/// All faults of `value`, each with its place as a JSON pointer.
///
/// # Panics
/// On a keyword or a reference that is not known here.
pub fn faults(value: &Value, schema: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    Check { root: schema, faults: &mut faults }.value(value, schema, "");
    faults
}

struct Check<'a> {
    root: &'a Value,
    faults: &'a mut Vec<String>,
}

impl Check<'_> {
    fn value(&mut self, value: &Value, schema: &Value, at: &str) {
        match schema {
            Value::Bool(true) => (),
            Value::Bool(false) => self.fault(at, "must not be there"),
            Value::Object(rules) => {
                rules.iter().for_each(|(keyword, rule)| self.keyword((keyword, rule), rules, value, at));
            }
            _ => panic!("no schema: {schema}"),
        }
    }

    fn fault(&mut self, at: &str, what: impl std::fmt::Display) {
        self.faults.push(format!("`{at}`: {what}"));
    }

    fn obeys(&self, value: &Value, schema: &Value) -> bool {
        let mut faults = Vec::new();
        Check { root: self.root, faults: &mut faults }.value(value, schema, "");
        faults.is_empty()
    }

    fn keyword(
        &mut self,
        (keyword, rule): (&str, &Value),
        rules: &Map<String, Value>,
        value: &Value,
        at: &str,
    ) {
        let list = || rule.as_array().unwrap_or_else(|| panic!("`{keyword}` is no list: {rule}"));
        let fine = match keyword {
            "$schema" | "$id" | "$defs" | "$comment" | "title" | "description" => true,
            "$ref" => {
                let pointer =
                    rule.as_str().and_then(|r| r.strip_prefix('#')).expect("a reference inside the schema");
                let schema =
                    self.root.pointer(pointer).unwrap_or_else(|| panic!("`{pointer}` leads nowhere"));
                return self.value(value, schema, at);
            }
            "type" => match rule {
                Value::Array(kinds) => kinds.iter().any(|kind| is(value, kind)),
                kind => is(value, kind),
            },
            "const" => same(value, rule),
            "enum" => list().iter().any(|one| same(value, one)),
            "not" => !self.obeys(value, rule),
            "allOf" => return list().iter().for_each(|schema| self.value(value, schema, at)),
            "anyOf" => list().iter().any(|schema| self.obeys(value, schema)),
            "oneOf" => list().iter().filter(|schema| self.obeys(value, schema)).count() == 1,
            "if" => match rules.get(if self.obeys(value, rule) { "then" } else { "else" }) {
                Some(schema) => return self.value(value, schema, at),
                None => true,
            },
            "then" | "else" => true,
            _ => match value {
                Value::Object(fields) => return self.of_object((keyword, rule), rules, fields, at),
                Value::Array(items) => match keyword {
                    "items" => {
                        let each = items.iter().enumerate();
                        return each.for_each(|(i, item)| self.value(item, rule, &format!("{at}/{i}")));
                    }
                    _ => within(keyword, rule, items.len() as f64, ["minItems", "maxItems"]),
                },
                Value::String(text) => match keyword {
                    "pattern" => {
                        regex::Regex::new(rule.as_str().expect("a pattern")).expect(keyword).is_match(text)
                    }
                    _ => within(keyword, rule, text.chars().count() as f64, ["minLength", "maxLength"]),
                },
                Value::Number(number) => {
                    let number = number.as_f64().expect("a number");
                    match keyword {
                        "exclusiveMinimum" => number > limit(rule),
                        _ => within(keyword, rule, number, ["minimum", "maximum"]),
                    }
                }
                Value::Null | Value::Bool(_) => is_known(keyword),
            },
        };
        if !fine {
            self.fault(at, format!("`{value}` does not obey {keyword}: {rule}"));
        }
    }

    fn of_object(
        &mut self,
        (keyword, rule): (&str, &Value),
        rules: &Map<String, Value>,
        fields: &Map<String, Value>,
        at: &str,
    ) {
        let properties = rules.get("properties").and_then(Value::as_object);
        for (name, field) in fields {
            let at = format!("{at}/{name}");
            match (keyword, properties.and_then(|p| p.get(name))) {
                ("properties", Some(schema)) => self.value(field, schema, &at),
                ("additionalProperties", None) => self.value(field, rule, &at),
                ("propertyNames", _) => self.value(&Value::from(name.as_str()), rule, &at),
                _ => assert!(is_known(keyword), "`{keyword}` is not known here"),
            }
        }
        if keyword == "minProperties" && fields.len() < limit(rule) as usize {
            self.fault(at, format!("has `{}` fields, less than {rule}", fields.len()));
        }
        if keyword == "required" {
            for name in rule.as_array().expect("a list").iter().filter_map(Value::as_str) {
                if !fields.contains_key(name) {
                    self.fault(at, format!("lacks `{name}`"));
                }
            }
        }
    }
}

/// Keywords that say something of values of one kind only.
fn is_known(keyword: &str) -> bool {
    let of_objects = ["properties", "required", "additionalProperties", "propertyNames", "minProperties"];
    let of_others = ["items", "minItems", "maxItems", "pattern", "minLength", "maxLength"];
    let of_numbers = ["minimum", "maximum", "exclusiveMinimum"];
    of_objects.contains(&keyword) || of_others.contains(&keyword) || of_numbers.contains(&keyword)
}

fn limit(rule: &Value) -> f64 {
    rule.as_f64().unwrap_or_else(|| panic!("no limit: {rule}"))
}

/// Whether `number` is within the limit that `keyword` sets, if it is one of these two.
fn within(keyword: &str, rule: &Value, number: f64, [least, most]: [&str; 2]) -> bool {
    if keyword == least {
        return number >= limit(rule);
    }
    if keyword == most {
        return number <= limit(rule);
    }
    assert!(is_known(keyword), "`{keyword}` is not known here");
    true
}

fn is(value: &Value, kind: &Value) -> bool {
    match kind.as_str().expect("the name of a type") {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "number" => value.is_number(),
        "integer" => value.as_f64().is_some_and(|x| x.fract() == 0.0),
        other => panic!("`{other}` is no type"),
    }
}

/// Equality of JSON Schema: `1` is `1.0`.
fn same(a: &Value, b: &Value) -> bool {
    a == b || a.as_f64().zip(b.as_f64()).is_some_and(|(a, b)| a == b)
}
