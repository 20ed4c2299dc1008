//! User rows.
