//! Root causes by their part of the result.
//!
//! Not here: what the parts are (`cause::attribution`).

use crate::trace::cause::attribution::Attribution;
use crate::trace::diff::Cause;

/// Whether two causes are one finding: the same power of ten, and the same consequences.
pub fn alike(a: &Cause, b: &Cause) -> bool {
    a.power == b.power && a.stops == b.stops && a.downstream == b.downstream && a.count == b.count
}

/// Puts causes that are one finding side by side, gives each finding its part of the result's ratio, and puts the largest part
/// first; findings whose part is not known keep their order behind those.
pub fn by_share(causes: Vec<Cause>, attribution: &[Attribution]) -> Vec<Cause> {
    let mut findings: Vec<Vec<Cause>> = Vec::new();
    for cause in causes {
        match findings.iter_mut().find(|f| alike(&f[0], &cause)) {
            Some(finding) => finding.push(cause),
            None => findings.push(vec![cause]),
        }
    }
    let shares = attribution.first().map_or(&[][..], |a| &a.shares);
    let reaches = |finding: &[Cause], factor: &String| {
        finding.iter().any(|c| c.key == *factor || c.downstream.contains(factor))
    };
    let mut parts = vec![(None, 0.0); findings.len()];
    for share in shares {
        // A factor that is a cause itself differs for its own sake.
        let own = findings.iter().position(|f| f.iter().any(|c| c.key == share.factor));
        let through: Vec<usize> = match own {
            Some(own) => vec![own],
            None => (0..findings.len()).filter(|n| reaches(&findings[*n], &share.factor)).collect(),
        };
        for finding in &through {
            let (alone, size): &mut (Option<f64>, f64) = &mut parts[*finding];
            *size += share.share.abs();
            // What several findings make together is the part of none.
            if through.len() == 1 {
                *alone = Some(alone.unwrap_or(0.0) + share.share);
            }
        }
    }
    let mut ranked: Vec<(f64, Vec<Cause>)> = Vec::new();
    for (mut finding, (alone, size)) in findings.into_iter().zip(parts) {
        finding.iter_mut().for_each(|cause| cause.share = alone);
        ranked.push((size, finding));
    }
    ranked.sort_by(|a, b| b.0.total_cmp(&a.0));
    ranked.into_iter().flat_map(|(_, finding)| finding).collect()
}
