//! Users, their unique names, and finding them.
