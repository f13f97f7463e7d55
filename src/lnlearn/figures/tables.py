"""Results as a table that reads well on the site, in Jupyter, in Colab and on GitHub."""

from dataclasses import dataclass
from html import escape

from lnlearn.figures.style import COLOURS

MARKS = ("green", "orange", "blue", "purple", "band")
STRENGTH = 0.2  # of a mark: the theme's background and text show through


def table(columns, rows, marks=None):
    """Return a table of texts, some cells of which may be marked with a colour.

    A colour is an addition: GitHub removes it, and some readers do not see it. The words in the
    cells have to carry the meaning alone.

    Parameters
    ----------
    columns : list of str
        The heading of each column.
    rows : list of lists of str
        A text for each column. The first one names the row.
    marks : list of lists, optional
        For each cell of `rows` the name of a colour, one of ``green``, ``orange``, ``blue``,
        ``purple`` and ``band``, or None.

    Raises
    ------
    TypeError
        If a heading or a cell is not a str: only the caller knows how many digits to show.
    ValueError
        If `rows` or `marks` do not have the table's shape, or a mark is not one of the names.

    Examples
    --------
    >>> rows = [["shift", "3 of 6"], ["scale", "none"]]
    >>> table(["test", "finds"], rows, marks=[[None, "green"], [None, None]])
    test   finds
    shift  3 of 6
    scale  none
    """
    columns, rows = tuple(columns), tuple(tuple(row) for row in rows)
    marks = [[None] * len(columns)] * len(rows) if marks is None else marks
    marks = tuple(tuple(row) for row in marks)
    for i, row in enumerate((columns, *rows)):
        name = f"rows[{i - 1}]" if i else "columns"
        if len(row) != len(columns):
            raise ValueError(f"{name} needs {len(columns)} texts, one for each column, got {row}")
        for text in row:
            if not isinstance(text, str):
                raise TypeError(
                    f"{name} needs texts, got {text!r}: format it first, as in f'{{x:.2f}}'"
                )
    if [len(row) for row in marks] != [len(row) for row in rows]:
        raise ValueError("marks needs the shape of rows: for each cell a name or None")
    for mark in {mark for row in marks for mark in row} - {None}:
        if mark not in MARKS:
            raise ValueError(f"marks needs names out of {', '.join(MARKS)}, or None, got {mark!r}")
    return Table(columns, rows, marks)


@dataclass(frozen=True)
class Table:
    """What `table` returns: a notebook shows it as HTML, print as aligned text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    marks: tuple[tuple[str | None, ...], ...]

    def __repr__(self):
        lines = (self.columns, *self.rows)
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        padded = [
            "  ".join(text.ljust(width) for text, width in zip(line, widths, strict=True))
            for line in lines
        ]
        return "\n".join(line.rstrip() for line in padded)

    def _repr_html_(self):
        head = "".join(f'<th scope="col" style="{LEFT}">{escape(c)}</th>' for c in self.columns)
        body = "".join(
            "<tr>" + "".join(map(_cell, range(len(row)), row, marks)) + "</tr>"
            for row, marks in zip(self.rows, self.marks, strict=True)
        )
        return (
            '<table class="lnlearn-table">'
            f"<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
        )


LEFT = "text-align: left"


def _cell(column, text, mark):
    """A cell in HTML. The site's style sheet knows the classes; a notebook has only the style."""
    tag, scope = ("td", "") if column else ("th", ' scope="row"')
    if mark is None:
        return f'<{tag}{scope} style="{LEFT}">{escape(text)}</{tag}>'
    red, green, blue = bytes.fromhex(COLOURS[mark][1:])
    tint = f"background-color: rgba({red}, {green}, {blue}, {STRENGTH})"
    return f'<{tag}{scope} class="mark-{mark}" style="{LEFT}; {tint}">{escape(text)}</{tag}>'
