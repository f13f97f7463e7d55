"""What a checker found, for people and for programs."""

from dataclasses import dataclass
from html import escape
from textwrap import wrap as _wrap

RIGHT, UNWRITTEN, WRONG = "right", "not written yet", "not right yet"


@dataclass(frozen=True)
class Example:
    """The smallest input that shows what is wrong. All values are text, as a reader sees them."""

    input: str  # what it is, in words
    arguments: tuple[tuple[str, str], ...]  # name and value
    yours: str
    expected: str
    printed: str = ""


@dataclass(frozen=True)
class Report:
    """The answer of a checker. ``print(report)`` shows it; a notebook shows it as a table.

    Attributes
    ----------
    exercise : str
        The checker's name.
    passed : bool
    mistakes : tuple of str
        Names of the catalogue, most likely first; ``()`` if it passed or is not written yet,
        ``("unknown",)`` where no name fits.
    written : bool
        False if the function raises NotImplementedError.
    problem : str
        What is wrong with the result for the example, in a sentence.
    """

    exercise: str
    passed: bool = False
    mistakes: tuple[str, ...] = ()
    written: bool = True
    problem: str = ""
    explained: tuple[tuple[str, str], ...] = ()  # for each mistake its sentence and its hint
    example: Example | None = None
    tried: tuple[tuple[str, bool], ...] = ()  # for each input its name and whether it was right

    @property
    def verdict(self):
        """One line, without the exercise's name."""
        if self.passed:
            return f"{RIGHT} ({len(self.tried)} inputs tried)" if len(self.tried) > 1 else RIGHT
        if not self.written:
            return UNWRITTEN
        names = [name for name in self.mistakes if name != "unknown"]
        return f"{WRONG}: {' and '.join(names)}" if names else WRONG

    def rows(self):
        """Everything below the verdict, as (label, text)."""
        if self.example is None:
            return []
        rows = []
        for sentence, hint in self.explained:
            rows += [("Mistake", sentence), ("Hint", hint)]
        rows += [("Problem", self.problem), ("Input", self.example.input)]
        rows += [(f"  {name}", value) for name, value in self.example.arguments]
        rows += [("Yours", self.example.yours), ("Expected", self.example.expected)]
        rows += [("Printed", self.example.printed)] if self.example.printed else []
        return [(label, text) for label, text in rows if text]

    def counted(self):
        """How many inputs were right, and which were not; nothing where there is one."""
        wrong = [name for name, right in self.tried if not right]
        if len(self.tried) < 2 or not wrong:
            return ""
        names = "; ".join(wrong[:4]) + (f"; and {len(wrong) - 4} more" if len(wrong) > 4 else "")
        return f"{len(self.tried) - len(wrong)} of {len(self.tried)} inputs right. Wrong: {names}"

    def __str__(self):
        lines = [self.verdict]
        for label, text in [*self.rows(), ("Tried", self.counted())]:
            wrapped = [part for line in text.splitlines() for part in wrap(line, 68) or [""]]
            for i, line in enumerate(wrapped):
                lines.append(f"{label if i == 0 else '':10} {line}".rstrip())
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self):
        """For notebooks: text in the page's own colours, so that it is legible in every theme."""
        mark = "✓" if self.passed else "✗" if self.written else "…"
        parts = [f"<p><strong>{mark} {escape(self.verdict)}</strong></p>"]
        for sentence, hint in self.explained:
            parts.append(f"<p>{escape(sentence)}</p>")
            parts.append(f"<details><summary>A hint</summary><p>{escape(hint)}</p></details>")
        rows = [row for row in self.rows() if row[0] not in ("Mistake", "Hint", "Problem", "Input")]
        if self.problem:
            parts.append(f"<p>{escape(self.problem)}</p>")
        if rows:
            cells = "".join(
                f'<tr><th scope="row">{escape(label.strip())}</th>'
                f'<td style="text-align: left"><pre>{escape(text)}</pre></td></tr>'
                for label, text in rows
            )
            caption = escape(self.example.input)
            parts.append(f"<table><caption>Input: {caption}</caption>{cells}</table>")
        if tried := self.counted():
            parts.append(
                f"<details><summary>What was tried</summary><p>{escape(tried)}</p></details>"
            )
        label = escape(f"check of {self.exercise}")
        return (
            f'<div class="lnlearn-report" role="group" aria-label="{label}">{"".join(parts)}</div>'
        )

    def as_dict(self):
        """What a grade book needs: exercise, passed, mistakes and one line of text."""
        return {
            "exercise": self.exercise,
            "passed": self.passed,
            "mistakes": list(self.mistakes),
            "message": self.verdict + (f". {self.problem}" if self.problem else ""),
        }


def wrap(line, width):
    """Prose in lines of at most `width`; a line that is aligned or short stays as it is."""
    return [line] if len(line) <= width or "[" in line else _wrap(line, width)
