//! Every test from outside: what people do and see, on the real binaries, behind a real gateway.
//!
//! One binary, because each costs a link, and because its tests share one stack.

mod smoke;
