//! How programs are linked: to one place in memory, where that can be chosen.
//!
//! A program that may lie anywhere has each of its addresses written anew whenever it starts, 34,000
//! in a function: a third of the time until it asks for work, and memory that processes do not
//! share. The heap, the stack and the libraries lie anywhere all the same.

#![expect(clippy::print_stdout, clippy::disallowed_methods, reason = "so Cargo asks, and is told")]

fn main() {
    let target = ["OS", "ENV"].map(|of| std::env::var(format!("CARGO_CFG_TARGET_{of}")));
    if let [Ok(system), Ok(library)] = &target
        && (system.as_str(), library.as_str()) == ("linux", "gnu")
    {
        println!("cargo::rustc-link-arg-bins=-no-pie");
    }
}
