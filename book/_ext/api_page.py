"""The page of the package: what autodoc cannot know of its docstrings."""

import re

from lnlearn import check

PLACE = "<!-- every checker -->"


def setup(app):
    app.connect("source-read", list_checkers)
    # before napoleon, which reads the sections
    app.connect("autodoc-process-docstring", escape_shapes, priority=400)
    return {"parallel_read_safe": True, "parallel_write_safe": True}


def list_checkers(app, docname, source):
    """Checkers are objects; a line says what each one is called with."""
    if docname == "book/api":
        source[0] = source[0].replace(PLACE, "\n".join(entries()))


def entries():
    for name in check.__all__:
        checker = getattr(check, name)
        if isinstance(checker, check.Checker):
            arguments = ", ".join(checker.arguments)
            known = len(checker.mistakes)
            yield f"- `check.{name}`: `({arguments})`, {known} mistakes"


def escape_shapes(app, what, name, found, options, lines):
    """A shape such as (..., *normalized_shape) has a star, not emphasis."""
    lines[:] = [re.sub(r"\*(?=normalized_shape)", r"\\*", line) for line in lines]
