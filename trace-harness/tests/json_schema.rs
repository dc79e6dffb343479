//! The checker of JSON Schema that tests of this workspace use: each keyword refuses what it should, and no other passes.
//!
//! Not here: the published schemas and the files held against them (`bundle_commands`, and the tests of `nb-compare`).

#[path = "support/json_schema.rs"]
mod json_schema;

use json_schema::faults;
use serde_json::json;

#[test]
fn each_keyword_takes_what_it_should_and_refuses_the_rest() {
    let cases = [
        (json!({"type": "integer"}), vec![json!(1), json!(2.0)], vec![json!(1.5), json!("1"), json!(null)]),
        (json!({"type": ["string", "null"]}), vec![json!("a"), json!(null)], vec![json!(1), json!([])]),
        (json!({"const": 1}), vec![json!(1), json!(1.0)], vec![json!(2), json!("1"), json!(true)]),
        (json!({"enum": ["a", 2]}), vec![json!("a"), json!(2)], vec![json!("b"), json!(null)]),
        (json!({"not": {"type": "null"}}), vec![json!(0)], vec![json!(null)]),
        (
            json!({"allOf": [{"minimum": 1}, {"maximum": 2}]}),
            vec![json!(1), json!(2)],
            vec![json!(0), json!(3)],
        ),
        (json!({"anyOf": [{"const": 1}, {"minimum": 5}]}), vec![json!(1), json!(6)], vec![json!(2)]),
        (json!({"oneOf": [{"minimum": 1}, {"minimum": 5}]}), vec![json!(2)], vec![json!(0), json!(6)]),
        (
            json!({"if": {"required": ["a"]}, "then": {"required": ["b"]}, "else": {"required": ["c"]}}),
            vec![json!({"a": 1, "b": 1}), json!({"c": 1})],
            vec![json!({"a": 1}), json!({})],
        ),
        (
            json!({"properties": {"a": {"const": 1}}}),
            vec![json!({"a": 1, "b": 2}), json!(3)],
            vec![json!({"a": 2})],
        ),
        (json!({"required": ["a"]}), vec![json!({"a": null})], vec![json!({})]),
        (
            json!({"properties": {"a": true}, "additionalProperties": false}),
            vec![json!({"a": 1}), json!({})],
            vec![json!({"b": 1})],
        ),
        (json!({"additionalProperties": {"type": "null"}}), vec![json!({"a": null})], vec![json!({"a": 1})]),
        (json!({"propertyNames": {"pattern": "^a"}}), vec![json!({"ab": 1})], vec![json!({"ba": 1})]),
        (json!({"minProperties": 1}), vec![json!({"a": 1}), json!([])], vec![json!({})]),
        (json!({"items": {"const": 1}}), vec![json!([]), json!([1, 1])], vec![json!([1, 2])]),
        (
            json!({"minItems": 1, "maxItems": 2}),
            vec![json!([1]), json!("")],
            vec![json!([]), json!([1, 2, 3])],
        ),
        (json!({"minLength": 2, "maxLength": 2}), vec![json!("é€")], vec![json!("é"), json!("abc")]),
        (json!({"pattern": "b+$"}), vec![json!("abb"), json!(1)], vec![json!("ba")]),
        (json!({"exclusiveMinimum": 0}), vec![json!(0.1)], vec![json!(0), json!(-1)]),
        (json!({"$defs": {"x": {"const": 1}}, "$ref": "#/$defs/x"}), vec![json!(1)], vec![json!(2)]),
        (json!({"properties": {"a": false}}), vec![json!({})], vec![json!({"a": 1})]),
    ];
    for (schema, good, bad) in cases {
        for value in good {
            assert_eq!(faults(&value, &schema), Vec::<String>::new(), "{schema} {value}");
        }
        for value in bad {
            assert!(!faults(&value, &schema).is_empty(), "{schema} takes {value}");
        }
    }
}

#[test]
fn a_keyword_that_is_not_known_is_never_passed_over() {
    for value in [json!({"a": 1}), json!([1]), json!("a"), json!(1)] {
        let unknown = json!({"multipleOf": 7});
        assert!(std::panic::catch_unwind(|| faults(&value, &unknown)).is_err(), "{value}");
    }
}

#[test]
fn a_fault_says_where_it_is() {
    let schema = json!({"properties": {"a": {"items": {"type": "string"}}}});
    assert_eq!(faults(&json!({"a": ["x", 1]}), &schema), ["`/a/1`: `1` does not obey type: \"string\""]);
}
