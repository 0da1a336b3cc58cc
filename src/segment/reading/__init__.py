"""From files to one clean table of transactions, every row accounted for."""
