//! The figures as people read them: a table, and a chart.

use std::fmt::Write as _;

use anyhow::Context;
use tests::root;

use super::figures::{Figure, Figures};
use super::functions::{BARE, FIRST, READY, RESIDENT, SIZE, ZIPPED};
use super::send::{self, Step};

pub(crate) fn table(figures: &Figures) -> String {
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
    let _ = writeln!(table, "\n{} Clients and stack share the machine.", machine(figures));
    table
}

/// A row for each function, and how much later than the bare one it is ready.
pub(crate) fn table_of_functions(figures: &Figures) -> String {
    let mut table =
        "| | MiB | zipped | ms to the first poll | of the bare | first invocation | resident |\n\
                     |---|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    let median = |name: &str, what| {
        let found = figures.all.iter().find(|one| one.workload == name && one.name == what);
        found.map_or(f64::NAN, Figure::median)
    };
    let bare = median(BARE, READY);
    for name in figures.all.iter().filter(|one| one.name == SIZE).map(|one| &one.workload) {
        let [size, zipped, ready, first, resident] =
            [SIZE, ZIPPED, READY, FIRST, RESIDENT].map(|what| median(name, what));
        let shown = if name == BARE { "a bare `lambda_runtime`" } else { name };
        let _ = writeln!(
            table,
            "| {shown} | {size:.1} | {zipped:.1} | {ready:.1} | {:.2} | {first:.1} | {resident:.1} |",
            ready / bare,
        );
    }
    let _ = writeln!(table, "\n{}", machine(figures));
    table
}

fn machine(figures: &Figures) -> String {
    let machine = &figures.machine;
    let text = |name: &str| machine[name].as_str().unwrap_or_default();
    format!(
        "Measured on {}, {} cores, {} GiB, Linux {}; the load before was {}, and the host took {} % of the time away.",
        text("processor"),
        machine["cores"],
        machine["memory_gib"],
        text("kernel"),
        text("load_before"),
        machine["stolen_percent"],
    )
}

/// Writes `figures.json`, `chart.svg` and `send.svg` beside the program, and the table into the README.
pub(crate) fn write(figures: &Figures, steps: &[Step], table: &str) -> anyhow::Result<()> {
    let folder = root().join("tests/benches");
    let mut all = figures.json();
    all["one_send"] = steps.iter().map(Step::json).collect();
    std::fs::write(folder.join("figures.json"), format!("{all:#}\n"))?;
    let shown: Vec<_> = figures.all.iter().collect();
    std::fs::write(folder.join("chart.svg"), chart(&shown))?;
    std::fs::write(folder.join("send.svg"), send::picture(steps))?;
    put(
        "measured",
        &format!(
            "{table}\n![the same as a chart](tests/benches/chart.svg)\n\n\
             Where the time of one send into a room of 10 goes that the process knows, as the proxies of\n\
             `--control` see it, which make it a little longer:\n\n![one send, step by step](tests/benches/send.svg)\n"
        ),
    )
}

/// Writes `functions.json` and `functions.svg`, and the table into the README.
pub(crate) fn write_functions(figures: &Figures, table: &str) -> anyhow::Result<()> {
    let folder = root().join("tests/benches");
    std::fs::write(folder.join("functions.json"), format!("{:#}\n", figures.json()))?;
    let shown: Vec<_> = figures.all.iter().filter(|one| one.name == READY).collect();
    std::fs::write(folder.join("functions.svg"), chart(&shown))?;
    let picture = "![the time to the first poll as a chart](tests/benches/functions.svg)";
    put("functions", &format!("{table}\n{picture}\n"))
}

/// Writes a text between two marks of the README.
fn put(mark: &str, text: &str) -> anyhow::Result<()> {
    let file = root().join("README.md");
    let readme = std::fs::read_to_string(&file)?;
    let [begin, end] = ["begin", "end"].map(|which| format!("<!-- {mark}: {which} -->\n"));
    let (head, rest) = readme.split_once(&begin).context("no mark where the figures begin")?;
    let (_, tail) = rest.split_once(&end).context("no mark where the figures end")?;
    std::fs::write(file, format!("{head}{begin}{text}{end}{tail}"))?;
    Ok(())
}

/// The beginning of a picture of this many pixels.
pub(crate) fn blank(width: u32, height: u32) -> String {
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    )
}

/// A bar for each figure that is not nothing, as long as its median; a line from its least to its most.
/// Bars of one unit have one scale.
fn chart(figures: &[&Figure]) -> String {
    const BAR: u32 = 22;
    const LABEL: u32 = 470;
    const WIDTH: u32 = 400;
    let shown: Vec<_> = figures.iter().filter(|figure| figure.most() > 0.0).collect();
    let rows = u32::try_from(shown.len()).unwrap_or_default();
    let mut svg = blank(LABEL + WIDTH + 130, rows * BAR + 20);
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
