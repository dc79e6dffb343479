//! The five files of a triage: one for programs, four for people.
//!
//! Everything that comes from test results is made harmless for Markdown. Not here: deciding anything.

use std::collections::HashMap;

use crate::evidence::page::markdown::{block, code, text as cell};
use crate::evidence::wording::counted;
use crate::triage::cluster::{Cluster, FigureOrigin};
use crate::triage::isolation::Sensitive;
use crate::triage::rules::{Effort, Priority};
use crate::triage::{TestFailure, Triage};

fn effort(c: &Cluster) -> String {
    let word = match c.effort {
        Effort::Small => "small",
        Effort::Medium => "medium",
        Effort::Large => "large",
    };
    format!("{word}{}", origin(c.effort_from))
}

fn priority(c: &Cluster) -> String {
    let word = match c.priority {
        Priority::High => "high",
        Priority::Medium => "medium",
        Priority::Low => "low",
    };
    format!("{word}{}", origin(c.priority_from))
}

fn origin(origin: FigureOrigin) -> &'static str {
    if origin == FigureOrigin::Estimated { " (estimated)" } else { "" }
}

/// `summary.md`: counts, clusters, what changed, what depends on surroundings, what is slow.
pub fn summary(t: &Triage) -> String {
    format!("# Triage\n\n{}", overview(t))
}

/// The same without its heading.
pub fn overview(t: &Triage) -> String {
    let mut out = format!("{}\n", cell(&t.counts.text()));
    out.extend(t.gaps.iter().map(|gap| format!("\nIncomplete: {}.\n", cell(gap))));
    out += &format!("\n{} of failures.\n\n", counted(t.clusters.len(), "cluster"));
    if !t.clusters.is_empty() {
        out += "| cluster | tests | priority | effort | what |\n|---|---|---|---|---|\n";
        for c in &t.clusters {
            out += &format!(
                "| {} | {} | {} | {} | {} |\n",
                c.id,
                c.tests.len(),
                priority(c),
                effort(c),
                cell(&c.name)
            );
        }
    }
    if let Some(delta) = &t.delta {
        out += "\n## Since the baseline\n\n";
        let groups = [
            ("new", &delta.new),
            ("cleared", &delta.cleared),
            ("persisting", &delta.persisting),
            ("not run now", &delta.not_run),
            ("no longer there", &delta.gone),
            ("flaky", &delta.flaky),
        ];
        for (word, tests) in groups {
            out += &format!("- {word}: {}\n", tests.len());
            out.extend(tests.iter().map(|k| format!("  - {}\n", code(k))));
        }
        out.extend(delta.remarks.iter().map(|r| format!("\nRemark: {}.\n", cell(r))));
    } else if !t.flaky.is_empty() {
        out += "\n## Flaky\n\n";
        out.extend(t.flaky.iter().map(|k| format!("- {}\n", code(k))));
    }
    out + &isolation(t) + &slow(t)
}

fn isolation(t: &Triage) -> String {
    let Some(isolation) = &t.isolation else { return String::new() };
    let mut out = format!(
        "\n## By themselves\n\n{} pass (environment-sensitive), {} fail, {} were not run.\n",
        isolation.sensitive.len(),
        isolation.fail_alone.len(),
        isolation.not_run.len()
    );
    out.extend(isolation.sensitive.iter().map(sensitive));
    out
}

fn sensitive(s: &Sensitive) -> String {
    let mut out = format!("\n### {}\n\n", code(&s.name));
    if s.differences.is_empty() {
        return out
            + "Environment-sensitive; the two runs tell of no difference. Record working folder and variables with them.\n";
    }
    out +=
        "Environment-sensitive. What was different:\n\n| what | in the suite | by itself |\n|---|---|---|\n";
    for d in &s.differences {
        let what = if d.kind == crate::triage::isolation::Surrounding::Variable {
            format!("variable {}", code(&d.what))
        } else {
            cell(&d.what)
        };
        out += &format!("| {what} | {} | {} |\n", cell(&d.suite), cell(&d.isolated));
    }
    out
}

fn slow(t: &Triage) -> String {
    if t.slowest.is_empty() {
        return "\nThe results tell no times.\n".to_owned();
    }
    let mut out =
        "\n## Slowest tests\n\n| test | s | limit s | of the limit |\n|---|---|---|---|\n".to_owned();
    for s in &t.slowest {
        let limit = s.timeout_s.map_or("unknown".to_owned(), |t| format!("{t}"));
        let share = s.share.map_or("unknown".to_owned(), |p| format!("{:.0} %", p * 100.0));
        let share = if s.timed_out { format!("{share}, ran out of time") } else { share };
        out += &format!("| {} | {:.3} | {limit} | {share} |\n", code(&s.name), s.seconds);
    }
    out
}

/// `cluster_mapping.md`: each test that failed with its cluster.
pub fn cluster_mapping(t: &Triage) -> String {
    let mut out = String::from("# Failures and their clusters\n\n");
    for c in &t.clusters {
        let by = if c.by == FigureOrigin::Rules { "by a rule" } else { "by what they say" };
        out += &format!("- {}: {} ({}, {by})\n", c.id, cell(&c.name), counted(c.tests.len(), "test"));
    }
    out += "\n| test | cluster | outcome | since the baseline | by itself | what it says |\n|---|---|---|---|---|---|\n";
    for f in &t.failures {
        let since = f.since_baseline.unwrap_or("unknown");
        let alone = f.alone.unwrap_or("unknown");
        out += &format!(
            "| {} | {} | {} | {since} | {alone} | {} |\n",
            code(&f.name),
            f.cluster,
            f.outcome.text(),
            cell(&f.message)
        );
    }
    out
}

/// `tracker_update.md`: one section per cluster, ready for an issue tracker.
pub fn tracker_update(t: &Triage) -> String {
    let mut out = format!("# Tracker update\n\n{}\n", cell(&t.counts.text()));
    let mut members: HashMap<&str, Vec<&TestFailure>> = HashMap::new();
    t.failures.iter().for_each(|f| members.entry(&f.cluster).or_default().push(f));
    for c in &t.clusters {
        out += &format!("\n## [{}] {}\n\n", c.id, cell(&c.name));
        out += &format!("- priority: {}\n- effort: {}\n- tests: {}\n", priority(c), effort(c), c.tests.len());
        out += &format!("- example: {}\n", cell(&c.example));
        out.extend(c.note.iter().map(|n| format!("- note: {}\n", cell(n))));
        out += "\n";
        for f in members.get(c.id.as_str()).into_iter().flatten() {
            let since = f.since_baseline.map_or(String::new(), |s| format!(", {s}"));
            out += &format!("- [ ] {} ({}{since})\n", code(&f.name), f.outcome.text());
        }
        out += &format!("\n{}", block(&c.command));
    }
    out
}

/// `next_steps.md`: what to do, in order.
pub fn next_steps(t: &Triage) -> String {
    let mut out = String::from("# Next steps\n\n");
    if t.clusters.is_empty() {
        return out
            + if t.gaps.is_empty() && t.counts.trouble() == 0 {
                "Nothing failed.\n"
            } else {
                "Run the tests again: the results are not complete.\n"
            };
    }
    let alone: HashMap<&str, &Sensitive> =
        t.isolation.iter().flat_map(|i| &i.sensitive).map(|s| (s.test.as_str(), s)).collect();
    for (n, c) in t.clusters.iter().enumerate() {
        out += &format!("{}. {} ({}, {}): {}\n\n", n + 1, c.id, priority(c), effort(c), cell(&c.name));
        out += &format!("   Run again: {}\n", code(&c.command));
        let sensitive: Vec<&Sensitive> =
            c.tests.iter().filter_map(|key| alone.get(key.as_str()).copied()).collect();
        if !sensitive.is_empty() {
            let mut suspects: Vec<String> =
                sensitive.iter().flat_map(|s| &s.differences).map(|d| cell(&d.what)).collect();
            suspects.sort();
            suspects.dedup();
            let suspects =
                if suspects.is_empty() { "nothing recorded".to_owned() } else { suspects.join(", ") };
            out += &format!(
                "   {} of {} pass by themselves: look at what tests before them leave behind ({suspects}).\n",
                sensitive.len(),
                c.tests.len()
            );
        }
        out += "\n";
    }
    if t.isolation.is_none() {
        out += "Run the failing tests by themselves and give the result with `--isolated`: it tells which depend on what surrounds them.\n";
    }
    out
}
