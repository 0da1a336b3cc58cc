"""The pages of the report: their statistics, tables and words."""
