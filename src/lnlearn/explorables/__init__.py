"""Figures that the reader moves: inline SVG and plain JavaScript, with no kernel behind them.

Each works in Jupyter, in Colab and on the book's site. Where no script runs, and in print, it is a
figure that stands still. They need NumPy, and no Matplotlib.
"""

from lnlearn.explorables.page import Explorable
from lnlearn.explorables.placements import placements
from lnlearn.explorables.projection import projection
from lnlearn.explorables.space import space
from lnlearn.explorables.token import explorer

__all__ = ["Explorable", "explorer", "placements", "projection", "space"]
