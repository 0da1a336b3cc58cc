"""How good a scheme is, and how sure that is."""
