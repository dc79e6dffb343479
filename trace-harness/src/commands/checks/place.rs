//! Where a check works and where its bundle goes.
//!
//! Not here: writing the bundle (`evidence::bundle`).

use std::path::{Path, PathBuf};

use clap::Args;

use crate::evidence::bundle::recorder::BundlePlace;
use crate::plan::{Plan, PlanFault};

/// Where the bundle of a command goes.
#[derive(Debug, Clone, Args)]
pub struct BundleArgs {
    /// Folder that holds the topics
    #[arg(long, default_value = "reports", value_name = "DIR")]
    pub reports: PathBuf,
    /// Folder below the reports that the bundle goes to; the name of the command if not given
    #[arg(long, value_parser = topic)]
    pub topic: Option<String>,
    /// Record paths under home folders as they are
    #[arg(long)]
    pub keep_paths: bool,
    /// `reports` seen from the working folder, filled in when the command starts.
    #[arg(skip)]
    absolute: std::cell::OnceCell<PathBuf>,
}

fn topic(text: &str) -> Result<String, PlanFault> {
    Plan::of_command(text.to_owned(), vec!["true".to_owned()], None).check()?;
    Ok(text.to_owned())
}

impl BundleArgs {
    /// The place, with `topic` where none was given.
    pub fn place<'a>(&'a self, folder: &'a Path, topic: &'a str) -> BundlePlace<'a> {
        let reports = self.absolute.get_or_init(|| folder.join(&self.reports));
        BundlePlace {
            reports,
            topic: self.topic.as_deref().unwrap_or(topic),
            folder,
            keep_paths: self.keep_paths,
        }
    }
}
