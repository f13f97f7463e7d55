"""Standard output as a reader at the other end of a pipe sees it."""

import io
import sys


class Pipe(io.StringIO):
    """Keeps what had been printed at each flush, in `seen`: nothing else has arrived by then."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def flush(self):
        self.seen.append(self.getvalue())


def piped(monkeypatch):
    """Replace standard output for the rest of a test; return the texts that have arrived."""
    pipe = Pipe()
    monkeypatch.setattr(sys, "stdout", pipe)
    return pipe.seen
