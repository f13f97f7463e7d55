"""The records as objects: read from the files, checked, and shown as text or HTML."""

import datetime
import functools
import re
import textwrap
import tomllib
from dataclasses import dataclass, fields
from html import escape
from pathlib import Path
from typing import ClassVar

OUTCOMES = ("holds", "holds in part", "does not hold", "not testable here")
NEEDED = {str: "text", int: "a whole number", datetime.date: "a date without quotes"}
FOLDER = Path(__file__).parent


@dataclass(frozen=True)
class Claim:
    """A published claim, and what came out when this book ran it."""

    chapter: str
    id: str
    source: str
    url: str
    says: str
    setting: str
    seeds: int
    scale: str
    outcome: str
    saw: str
    date: datetime.date

    kind: ClassVar = "claim"

    def _lines(self):
        words = {0: "nothing is drawn at random", 1: "1 seed"}
        seeds = words.get(self.seeds, f"{self.seeds} seeds")
        yield "It says", self.says
        yield "We ran", f"{self.setting.rstrip('.')} ({self.scale}; {seeds})."
        yield "We saw", self.saw

    def __repr__(self):
        return _text(f"{self.source}: {self.outcome}", self._lines(), self._when())

    def _repr_html_(self):
        lines = "".join(f"<p><em>{name}:</em> {_marked(text)}</p>" for name, text in self._lines())
        return (
            f'<div class="lnlearn-record {self.outcome.replace(" ", "-")}" id="{self.id}">'
            f'<p><a href="{escape(self.url)}">{escape(self.source)}</a>: '
            f"<strong>{self.outcome}</strong></p>{lines}"
            f'<p>Chapter <a href="{self.chapter}.ipynb">{_title(self.chapter)}</a>, '
            f"{self._when()}</p></div>"
        )

    def _when(self):
        return f"{self.date.day} {self.date:%B %Y}"


@dataclass(frozen=True)
class Question:
    """A question that people ask, and the answer that a cell of the book proves."""

    chapter: str
    id: str
    asked: str
    answer: str
    where: str

    kind: ClassVar = "question"
    outcome: ClassVar = "holds"  # what the cell must find

    def __repr__(self):
        return _text(self.asked, [("Answer", self.answer)], f"shown in {self.where}")

    def _repr_html_(self):
        title, link = self._place()
        link = re.sub("-+", "-", link)  # HTML's anchors have no two hyphens in a row
        return (
            f'<div class="lnlearn-record" id="{self.id}">'
            f"<p><strong>{_marked(self.asked)}</strong></p><p>{_marked(self.answer)}</p>"
            f'<p>Shown in <a href="{escape(link)}">{title}</a>.</p></div>'
        )

    def section(self):
        """Return the question as a section of the page *questions*, in Markdown."""
        title, link = self._place()
        return f"### {self.asked}\n\n{self.answer}\n\n*Shown in [{title}]({link}).*"

    def _place(self):
        chapter, _, section = self.where.partition("#")
        return _title(chapter), f"{chapter}.ipynb" + (f"#{section}" if section else "")


class Records(tuple):
    """Claims or questions, in the order of their chapters' names and, in each, of the file."""

    def __repr__(self):
        return "\n\n".join(map(repr, self))

    def _repr_html_(self):
        return "\n".join(entry._repr_html_() for entry in self)

    def of(self, chapter):
        """Return those of one chapter."""
        return Records(entry for entry in self if entry.chapter == chapter)


def claims():
    """Return all recorded claims: `Records` of `Claim`."""
    return Records(entry for entry in _all() if entry.kind == "claim")


def questions():
    """Return all recorded questions: `Records` of `Question`."""
    return Records(entry for entry in _all() if entry.kind == "question")


@functools.cache
def _all():
    return read(FOLDER)


def read(folder):
    """Read and check every file in `folder`. ValueError names the file, the entry and the fix."""
    entries = []
    for path in sorted(Path(folder).glob("*.toml")):
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        if unknown := set(tables) - {"claim", "question"}:
            raise ValueError(f"{path.name} has [[{min(unknown)}]]; use [[claim]] or [[question]].")
        for kind in (Claim, Question):
            for n, table in enumerate(tables.get(kind.kind, []), start=1):
                where = f"{path.name}, {kind.kind} {table.get('id', n)}"
                entry = _checked(kind, table, where, path.stem)
                if any(entry.id == other.id for other in entries):
                    raise ValueError(f"{where}: the id is taken by another entry. Choose another.")
                entries.append(entry)
    return tuple(entries)


def _checked(kind, table, where, chapter):
    keys = {field.name: field.type for field in fields(kind) if field.name != "chapter"}
    if missing := set(keys) - set(table):
        raise ValueError(f"{where}: {min(missing)} is missing. The keys are: {', '.join(keys)}.")
    if unknown := set(table) - set(keys):
        raise ValueError(f"{where}: {min(unknown)} is no key. The keys are: {', '.join(keys)}.")
    for key, value in table.items():
        if type(value) is not keys[key]:
            raise ValueError(f"{where}: {key} must be {NEEDED[keys[key]]}, and is {value!r}.")
        if keys[key] is str and (not value.strip() or "$" in value):
            raise ValueError(f"{where}: {key} must be plain text without $, and is {value!r}.")
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", table["id"]):
        raise ValueError(f"{where}: an id has small letters, digits and hyphens: eps-in-the-root.")
    if kind is Claim and table["outcome"] not in OUTCOMES:
        raise ValueError(f"{where}: outcome is {table['outcome']!r}, not one of {OUTCOMES}.")
    if kind is Claim and not (table["url"].startswith("https://") and table["seeds"] >= 0):
        raise ValueError(f"{where}: url must start with https://, and seeds must be 0 or more.")
    if kind is Question and not re.fullmatch(r"[a-z_]+(#[\w-]+)?", table["where"]):
        raise ValueError(f"{where}: where must be a chapter, or chapter#section.")
    return kind(chapter=chapter, **table)


def _text(title, lines, last):
    """A title, then lines that are indented and broken at 76 characters."""
    wrapped = [
        textwrap.fill(f"{name}: {text}", 76, initial_indent="  ", subsequent_indent="    ")
        for name, text in lines
    ]
    return "\n".join([title, *wrapped, f"  ({last})"])


def _marked(text):
    """Text as HTML, with what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text, quote=False))


def _title(chapter):
    """A chapter's name in words: why_normalize becomes "why normalize"."""
    return chapter.replace("_", " ")
