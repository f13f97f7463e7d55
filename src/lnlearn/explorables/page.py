"""How a figure that the reader moves gets into a page."""

from functools import cache
from importlib.resources import files


class Explorable:
    """A figure in HTML, with the script that brings it to life.

    Parameters
    ----------
    name : str
        The script is the file `name`.js of this folder. It looks for elements of the class
        ``lnlearn-explorable`` with this name, so that no element needs an id.
    still : str
        The figure as it stands where no script runs, in HTML.
    text : str
        What takes its place where no HTML is shown.
    """

    def __init__(self, name, still, text):
        self.name = name
        self.still = still
        self.text = text

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return (
            f'<div class="lnlearn-explorable" data-name="{self.name}">\n'
            f"<style>\n{_file('page.css')}</style>\n{self.still}\n</div>\n"
            f"<script>\n{_file(f'{self.name}.js')}</script>"
        )


@cache
def _file(name):
    return (files(__package__) / name).read_text(encoding="utf-8")
