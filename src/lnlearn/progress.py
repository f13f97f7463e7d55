"""How far a long loop is, shown while somebody watches and gone when it ends."""

import sys
import time


def progress(iterable, label):
    """Yield what `iterable` has, and meanwhile show ``label: 3 of 10``.

    In a notebook the line disappears when the loop ends. Where nobody can type, as when a program
    runs a notebook to store or to compare its outputs, nothing is shown.
    """
    show, items, shown = _line(), list(iterable), 0.0
    for done, item in enumerate(items):
        if time.monotonic() - shown > 0.5:
            shown = time.monotonic()
            show(f"{label}: {done} of {len(items)}")
        yield item
    show("")


def _line():
    """Return a function that replaces the text of one line on the screen."""
    ipython = sys.modules.get("IPython")
    kernel = getattr(ipython and ipython.get_ipython(), "kernel", None)
    # A notebook's front end says with each cell whether its reader can answer a question.
    if kernel is not None and getattr(kernel, "_allow_stdin", False):
        handle = ipython.display.display({"text/plain": ""}, raw=True, display_id=True)
        return lambda text: handle.update({"text/plain": text}, raw=True)
    if kernel is None and sys.stderr.isatty():
        return lambda text: print(f"\r{text:60}", end="\r", file=sys.stderr, flush=True)
    return lambda text: None
