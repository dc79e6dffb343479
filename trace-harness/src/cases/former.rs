//! Lists of cases as version 0.1 read them: names of fields that are called otherwise now. Goes with the next release.
//!
//! Not here: the list itself (`list`).

use toml::{Table, Value};

/// Fields of a case: the former name, and the present one.
const RENAMED: &[(&str, &str)] = &[("id", "name"), ("c_args", "reference_args")];

/// The list with its fields called as they are now, and what to write instead; `None` where nothing is to be renamed.
pub(super) fn renamed(text: &str) -> Option<(Table, Vec<String>)> {
    let mut list: Table = text.parse().ok()?;
    let mut notices = Vec::new();
    for case in list.get_mut("case")?.as_array_mut()?.iter_mut().filter_map(Value::as_table_mut) {
        for (former, present) in RENAMED {
            if !case.contains_key(*present)
                && let Some(value) = case.remove(*former)
            {
                case.insert((*present).to_owned(), value);
                notice(&mut notices, format!("write `{present}` instead of `{former}`"));
            }
        }
        if let Some(Value::Table(thresholds)) = case.remove("thresholds") {
            let gates = gates(&thresholds);
            notice(&mut notices, "write `threshold` and `sum_ratio` instead of `thresholds`".to_owned());
            for (name, value) in gates {
                case.entry(name).or_insert(value);
            }
        }
    }
    (!notices.is_empty()).then_some((list, notices))
}

/// The gates that a table of thresholds stands for.
fn gates(thresholds: &Table) -> Vec<(&'static str, Value)> {
    let limits = [thresholds.get("sum_ratio_min"), thresholds.get("sum_ratio_max")];
    let ratio = match limits {
        [Some(low), Some(high)] => Some(("sum_ratio", Value::Array(vec![low.clone(), high.clone()]))),
        _ => None,
    };
    thresholds.get("corr_min").map(|least| ("threshold", least.clone())).into_iter().chain(ratio).collect()
}

/// Says the same only once.
fn notice(notices: &mut Vec<String>, text: String) {
    if !notices.contains(&text) {
        notices.push(text);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cases::Cases;

    #[test]
    fn a_list_with_former_names_is_read_with_a_notice_that_says_what_to_write() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("cases.toml");
        let text = "[[case]]\nid = 'a'\nargs = []\nc_args = '-x'\n\
                    thresholds = { corr_min = 0.5, sum_ratio_min = 0.9, sum_ratio_max = 1.1 }\n\
                    [[case]]\nid = 'b'\nargs = []\n";
        std::fs::write(&path, text).unwrap();
        let cases = Cases::read(&path).unwrap();
        let first = &cases.cases[0];
        assert_eq!((first.name.as_str(), first.reference_args.list()), ("a", vec!["-x".to_owned()]));
        assert_eq!((first.threshold, first.sum_ratio), (Some(0.5), Some([0.9, 1.1])));
        let noticed: Vec<bool> =
            ["`name` instead of `id`", "`reference_args` instead of `c_args`", "`threshold`"]
                .iter()
                .map(|text| cases.notices.iter().any(|notice| notice.contains(text)))
                .collect();
        assert_eq!((noticed, cases.notices.len()), (vec![true; 3], 3), "{:?}", cases.notices);
    }

    #[test]
    fn what_is_wrong_is_not_taken_for_a_former_name() {
        assert!(renamed("[[case]]\nname = 'a'\ntreshold = 1").is_none());
        assert!(renamed("[[case]\n").is_none());
    }
}
