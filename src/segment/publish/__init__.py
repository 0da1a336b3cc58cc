"""From notebooks to HTML and files."""
