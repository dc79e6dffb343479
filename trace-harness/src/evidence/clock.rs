//! What time it is, whatever the clock says.
//!
//! Not here: how a time is written (`bundle`), how long something takes (`process`).

use std::time::SystemTime;

use chrono::{DateTime, Utc};

/// Now, also where the clock stands before 1970: `Utc::now` panics there.
pub fn now() -> DateTime<Utc> {
    at(SystemTime::now())
}

fn at(time: SystemTime) -> DateTime<Utc> {
    time.into()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn a_clock_before_1970_tells_a_time_as_well() {
        assert_eq!(
            at(SystemTime::UNIX_EPOCH - Duration::from_secs(1)).to_rfc3339(),
            "1969-12-31T23:59:59+00:00"
        );
    }
}
