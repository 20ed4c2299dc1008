//! Measures a local stack that was built optimised: how soon messages arrive, how many do, what waiting
//! costs. `tests/benches/run` and, for the functions by themselves, `tests/benches/functions` build and start
//! this; what it writes is written by nobody else.

mod crowd;
mod figures;
mod flow;
mod functions;
mod machine;
mod processor;
mod report;
mod send;
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
    let (mut writes, mut only_functions) = (false, false);
    for argument in std::env::args().skip(1) {
        match argument.as_str() {
            "--quick" => effort = Effort { repetitions: 3, seconds: 6 },
            "--write" => writes = true,
            "functions" => only_functions = true,
            other => bail!("unknown argument {other}; there are functions, --quick and --write"),
        }
    }
    tests::run_programs_beside_this_one();
    let mut figures = Figures::new(machine::describe()?);
    let began = machine::Ticks::now()?;
    if only_functions {
        functions::measure(&mut figures).await?;
        figures.machine["stolen_percent"] = began.stolen_since()?.into();
        let table = report::table_of_functions(&figures);
        eprintln!("{table}");
        if writes {
            report::write_functions(&figures, &table).context("the figures cannot be written")?;
        }
        return Ok(());
    }
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
    let steps = send::steps().await?;
    figures.machine["stolen_percent"] = began.stolen_since()?.into();

    let table = report::table(&figures);
    eprintln!("{table}");
    if writes {
        report::write(&figures, &steps, &table).context("the figures cannot be written")?;
    }
    Ok(())
}
