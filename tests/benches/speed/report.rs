//! The figures as people read them: a table, and a chart.

use std::fmt::Write as _;

use anyhow::Context;
use tests::root;

use super::figures::{Figure, Figures};

const BEGIN: &str = "<!-- measured: begin -->\n";
const END: &str = "<!-- measured: end -->\n";

pub(crate) fn table(figures: &Figures) -> String {
    let machine = &figures.machine;
    let text = |name: &str| machine[name].as_str().unwrap_or_default().to_owned();
    let mut table = "| | | median | least – most | |\n|---|---|--:|--:|---|\n".to_owned();
    let mut before = "";
    for figure in &figures.all {
        let Figure { workload, name, unit, .. } = figure;
        let shown = if workload == before { "" } else { workload };
        let (median, least, most) = (figure.median(), figure.least(), figure.most());
        // A line cannot fail to be written to a text.
        let _ = writeln!(table, "| {shown} | {name} | {median} | {least} – {most} | {unit} |");
        before = workload;
    }
    let _ = writeln!(
        table,
        "\nMeasured on {}, {} cores, {} GiB, Linux {}; the load before was {}. Clients and stack share the machine.",
        text("processor"),
        machine["cores"],
        machine["memory_gib"],
        text("kernel"),
        text("load_before"),
    );
    table
}

/// Writes `figures.json` and `chart.svg` beside the program, and the table into the README.
pub(crate) fn write(figures: &Figures, table: &str) -> anyhow::Result<()> {
    let folder = root().join("tests/benches");
    std::fs::write(folder.join("figures.json"), format!("{:#}\n", figures.json()))?;
    std::fs::write(folder.join("chart.svg"), chart(figures))?;
    let file = root().join("README.md");
    let readme = std::fs::read_to_string(&file)?;
    let shown = format!("{table}\n![the same as a chart](tests/benches/chart.svg)\n");
    let (head, rest) = readme.split_once(BEGIN).context("no mark where the figures begin")?;
    let (_, tail) = rest.split_once(END).context("no mark where the figures end")?;
    std::fs::write(file, format!("{head}{BEGIN}{shown}{END}{tail}"))?;
    Ok(())
}

/// A bar for each figure that is not nothing, as long as its median; a line from its least to its most.
/// Bars of one unit have one scale.
fn chart(figures: &Figures) -> String {
    const BAR: u32 = 22;
    const LABEL: u32 = 430;
    const WIDTH: u32 = 400;
    let shown: Vec<_> = figures.all.iter().filter(|figure| figure.most() > 0.0).collect();
    let rows = u32::try_from(shown.len()).unwrap_or_default();
    let (width, height) = (LABEL + WIDTH + 110, rows * BAR + 20);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    let mut top = 10;
    for figure in &shown {
        let same = shown.iter().filter(|other| other.unit == figure.unit);
        let scale = f64::from(WIDTH) / same.map(|other| other.most()).fold(0.0, f64::max);
        let (left, line) = (f64::from(LABEL), f64::from(top) + f64::from(BAR) / 2.0);
        let at = |value: f64| left + value * scale;
        let Figure { workload, name, unit, .. } = figure;
        let _ = writeln!(
            svg,
            "<text x=\"{}\" y=\"{:.1}\" text-anchor=\"end\">{workload}: {name}</text>\n\
             <rect x=\"{left}\" y=\"{:.1}\" width=\"{:.1}\" height=\"12\" fill=\"#4c78a8\"/>\n\
             <line x1=\"{:.1}\" x2=\"{:.1}\" y1=\"{line:.1}\" y2=\"{line:.1}\" stroke=\"black\"/>\n\
             <text x=\"{:.1}\" y=\"{:.1}\">{} {unit}</text>",
            LABEL - 8,
            line + 4.0,
            line - 6.0,
            figure.median() * scale,
            at(figure.least()),
            at(figure.most()),
            at(figure.most()) + 6.0,
            line + 4.0,
            figure.median(),
        );
        top += BAR;
    }
    svg.push_str("</svg>\n");
    svg
}
