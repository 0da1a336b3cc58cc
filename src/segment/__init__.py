"""Compare customer tiering schemes on a company's own data.

The flow runs one way: study, load, check, features, tiering, backtest,
recommend, plots, report. ``segment.analysis.Analysis`` walks it from the file
to the verdict; the notebooks ask it questions.
"""

__version__ = "0.1.0"
