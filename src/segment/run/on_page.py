"""What a notebook puts on its page: in the language and currency of its study."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd
from IPython.display import HTML, Markdown
from matplotlib.axes import Axes

from segment import language, notebook
from segment.run.scheme import Scheme
from segment.study import Study


class OnPage:
    """Figures, tables and sentences of a study."""

    study: Study

    def show(
        self,
        ax: Axes,
        title: str = "",
        note: str = "",
        of: Scheme | None = None,
        data: pd.DataFrame | None = None,
    ) -> HTML:
        """Put a figure on the page: see ``segment.notebook.show``."""
        settings = of.label if of else "", self.study.currency, data
        with language.using(self.study.language):
            return notebook.show(ax, title, note, *settings)

    def table(
        self,
        frame: pd.DataFrame,
        caption: str = "",
        formats: Mapping[str, notebook.Write] | None = None,
        of: Scheme | None = None,
    ) -> HTML:
        """Put a frame on the page: see ``segment.notebook.table``."""
        settings = of.label if of else "", self.study.currency, self.study.identifiers
        with language.using(self.study.language):
            return notebook.table(frame, caption, formats, *settings)

    def say(self, *paragraphs: str) -> Markdown:
        """Put sentences on the page; empty ones are left out."""
        with language.using(self.study.language):
            return notebook.say(*paragraphs)

    def cards(self, figures: Mapping[str, str]) -> HTML:
        """Put a few figures on the page in large type, each with what it is."""
        with language.using(self.study.language):
            return notebook.cards(figures)
