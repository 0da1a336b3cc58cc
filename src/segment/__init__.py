"""Compare customer tiering schemes on a company's own data.

``segment.open`` gives a study with its data, schemes and evidence; notebooks ask it
questions. ``segment.compare`` compares schemes on a data frame, ``segment.experiment`` reads what
came of a list that was drawn. The flow runs one way:
study, reading, features, tiering, evidence, action, pages, publish; a folder imports only
from those to its left.
"""

__version__ = "0.1.0"
# What pip installs; on PyPI the name of the package itself is a stranger's.
DISTRIBUTION = "customer-tiers"


def __getattr__(name: str) -> object:
    """Load the package when a function of it is first asked for: the command line starts fast."""
    if name == "open":
        from segment.run import open_study

        return open_study
    if name == "compare":
        from segment.pages.frame import compare

        return compare
    if name == "experiment":
        from segment.run.trial import open_trial

        return open_trial
    raise AttributeError(f"module 'segment' has no attribute '{name}'")
