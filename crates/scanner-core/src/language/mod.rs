//! The languages whose syntax is read: one table line and one file each.
