//! Measures a local stack that was built optimised: how soon messages arrive, how many do, what waiting
//! costs. `tests/benches/run` builds and starts this; what it writes is written by nobody else.

mod crowd;
mod figures;
mod flow;
mod machine;
mod report;
mod still;
mod town;

use anyhow::{Context, bail};

use self::figures::Figures;
use self::town::Town;

/// How often and how long.
#[derive(Debug, Clone, Copy)]
struct Effort {
    repetitions: usize,
    seconds: u64,
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let mut effort = Effort { repetitions: 5, seconds: 15 };
    let mut writes = false;
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => effort = Effort { repetitions: 3, seconds: 6 },
            "--write" => writes = true,
            other => bail!("unknown argument {other}; there are --quick and --write"),
        }
    }
    tests::run_programs_beside_this_one();
    let mut figures = Figures::new(machine::describe()?);
    still::start(&mut figures, effort).await?;
    let town = Town::start().await?;
    still::pages(&mut figures, &town, effort).await?;
    flow::latency(&mut figures, &town, effort, 4).await?;
    flow::latency(&mut figures, &town, effort, 20).await?;
    flow::burst(&mut figures, &town, effort).await?;
    flow::flood(&mut figures, &town, effort, flow::Shape::OneLarge).await?;
    flow::flood(&mut figures, &town, effort, flow::Shape::ManySmall).await?;
    drop(town);
    still::memory(&mut figures, effort).await?;

    let table = report::table(&figures);
    eprintln!("{table}");
    if writes {
        report::write(&figures, &table).context("the figures cannot be written")?;
    }
    Ok(())
}
