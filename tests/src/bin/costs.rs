//! Counts what every operation uses, and writes it down where it is read: `infra/costs/figures.json`,
//! from which `admin cost` computes, and the README's table.

use anyhow::Context;
use tests::costs::{count, readme, with_table};
use tests::root;

#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    let figures = count().await;
    let mut json = serde_json::to_string_pretty(&figures)?;
    json.push('\n');
    std::fs::write(root().join("infra/costs/figures.json"), json).context("figures.json")?;
    std::fs::write(root().join("README.md"), with_table(&readme(), &figures)).context("README.md")
}
