"""One row per customer and window."""
