"""The grades of a class: a table for the grade book, a page for each student, one for the class."""

import csv
import hashlib
import json
import os
from collections import Counter
from html import escape
from pathlib import Path

from lnlearn.check import sheet

PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{ font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto }}
body {{ padding: 0 1rem }}
:root {{ color-scheme: light dark }}
h2 {{ margin-top: 2.5rem; font-size: 1.2rem }}
th {{ text-align: left; vertical-align: top; padding-right: 1rem; font-weight: 600 }}
td pre {{ margin: 0; white-space: pre-wrap }}
small {{ font-weight: 400 }}
.class th {{ width: 24rem }}
.class td {{ white-space: nowrap }}
.bar {{ display: inline-block; height: 0.9em; background: #3b6ea8; margin-right: 0.5em }}
.right {{ background: #2e7d4f }}
</style>
<h1>{title}</h1>
{body}
</html>
"""


def found_in(arguments):
    """The submissions below folders and among files: a dict from a student's name to the path.

    A student is called like the folder if every notebook lies in one of its own, as in
    ``anna/by_hand.ipynb``, and else like the notebook.
    """
    relative = []
    for argument in map(Path, arguments):
        if argument.is_dir():
            paths = sorted(argument.rglob("*.ipynb"))
            hidden = [
                p for p in paths if any(n.startswith(".") for n in p.relative_to(argument).parts)
            ]
            relative += [(p, p.relative_to(argument)) for p in paths if p not in hidden]
        else:
            relative.append((argument, Path(argument.name)))
    if not relative:
        raise ValueError(f"There is no notebook in {', '.join(map(str, arguments))}.")
    folders = Counter(short.parent for _, short in relative)
    own = all(count == 1 and folder != Path(".") for folder, count in folders.items())
    names = [str(short.parent if own else short.with_suffix("")) for _, short in relative]
    if len(set(names)) < len(names):
        names = [str(path.with_suffix("")).lstrip("./") for path, _ in relative]
    return dict(zip(names, (path for path, _ in relative), strict=True))


def _hidden(path):
    """Whether Jupyter keeps this for itself, as in .ipynb_checkpoints."""
    return any(name.startswith(".") for name in path.parts)


def result(student, notebook, verdicts):
    """What is kept of a submission: plain data, with the report as a page shows it."""
    lines = [
        {
            **verdict.as_dict(),
            "points": verdict.task.points if verdict.passed else 0.0,
            "possible": verdict.task.points,
            "graded": verdict.graded,
            "used": list(verdict.used),
            "html": verdict.report._repr_html_() if verdict.report else "",
            "hints": [hint for _, hint in verdict.report.explained] if verdict.report else [],
        }
        for verdict in verdicts
    ]
    return {"student": student, "notebook": str(notebook), "verdicts": lines}


def percent(result):
    """The points of a submission, of a hundred."""
    possible = sum(line["possible"] for line in result["verdicts"])
    return 100 * sum(line["points"] for line in result["verdicts"]) / possible if possible else 0.0


class Kept:
    """Results that are kept as they come, in a file with a line for each submission.

    A result is taken over by a later run if the submission, what it was graded by and the checkers
    are still the same, and if it was graded in full.
    """

    def __init__(self, path, settings):
        self.path, self.settings = Path(path), settings
        self.sources = hashlib.sha256(json.dumps(settings).encode())
        for file in sorted(Path(sheet.__file__).parent.rglob("*.py")):
            self.sources.update(file.read_bytes())

    def before(self, submissions):
        """The results of an earlier run, by student; the file keeps these alone."""
        found = {}
        if self.path.exists():
            for line in self.path.read_text(encoding="utf-8").splitlines():
                try:
                    entry = json.loads(line)
                except ValueError:  # the last one, if the computer went down
                    continue
                path = submissions.get(entry["student"])
                complete = all(verdict["graded"] for verdict in entry["verdicts"])
                if path and complete and entry["fingerprint"] == self._fingerprint(path):
                    found[entry["student"]] = entry
        text = "".join(json.dumps(entry) + "\n" for entry in found.values())
        replacement = self.path.with_name(self.path.name + ".new")
        replacement.write_text(text, encoding="utf-8")
        os.replace(replacement, self.path)
        return found

    def add(self, result):
        """Keep one more."""
        entry = {**result, "fingerprint": self._fingerprint(result["notebook"])}
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry) + "\n")

    def _fingerprint(self, path):
        digest = self.sources.copy()
        try:
            digest.update(Path(path).read_bytes())
        except OSError:
            digest.update(b"cannot be read")
        return digest.hexdigest()


def write_csv(path, results):
    """A row for each student, below one that says what each exercise is worth."""
    columns = _columns(results)
    with open(path, "w", encoding="utf-8", newline="") as file:
        table = csv.writer(file)
        table.writerow(["student", *columns, "points", "percent", "remarks"])
        possible = [line["possible"] for line in results[0]["verdicts"]]
        table.writerow(["points possible", *map(_short, possible), _short(sum(possible)), 100, ""])
        for one in results:
            points = [line["points"] for line in one["verdicts"]]
            remarks = _remarks(columns, one["verdicts"])
            total, share = _short(sum(points)), f"{percent(one):.0f}"
            cells = [one["student"], *map(_short, points), total, share, remarks]
            table.writerow([_harmless(cell) for cell in cells])


def _remarks(columns, lines):
    """What a teacher should look at: what was not graded, and with --strict what is called."""
    found = {}  # a message, and the exercises that it stands for
    for column, line in zip(columns, lines, strict=True):
        if not line["graded"] or line["used"]:
            found.setdefault(line["message"], []).append(column)
    return "; ".join(f"{', '.join(names)}: {message}" for message, names in found.items())


def write_feedback(folder, result):
    """The page of a student: what the checkers said, with examples and hints."""
    path = Path(folder, f"{result['student']}.html")
    path.parent.mkdir(parents=True, exist_ok=True)
    points = sum(line["points"] for line in result["verdicts"])
    possible = sum(line["possible"] for line in result["verdicts"])
    parts = [f"<p>{_short(points)} of {_short(possible)} points.</p>"]
    for line in result["verdicts"]:
        parts.append(
            f"<h2>{escape(line['exercise'])}: <code>{escape(line['function'])}</code></h2>"
        )
        parts.append(f"<p>{_short(line['points'])} of {_short(line['possible'])} points</p>")
        parts.append(line["html"] or f"<p><strong>✗ {escape(line['message'])}</strong></p>")
    title = f"Feedback for {escape(result['student'])}"
    path.write_text(PAGE.format(title=title, body="\n".join(parts)), encoding="utf-8")


def write_summary(path, results):
    """The page for the class: of each exercise, how many were right, and the mistakes made."""
    parts = [f"<p>{len(results)} submissions.</p>"]
    for number, column in enumerate(_columns(results)):
        lines = [one["verdicts"][number] for one in results]
        parts.append(f"<h2>{escape(column)}</h2>\n<table class='class'>")
        for words, count, hint in outcomes(lines):
            kind = "bar right" if words == "right" else "bar"
            note = f"<br><small>{escape(hint)}</small>" if hint else ""
            bar = f'<span class="{kind}" style="width: {16 * count / len(lines):.2f}rem"></span>'
            parts.append(f"<tr><th>{escape(words)}{note}</th><td>{bar}{count}</td></tr>")
        parts.append("</table>")
    body = "\n".join(parts)
    Path(path).write_text(PAGE.format(title="What the class did", body=body), encoding="utf-8")


def outcomes(lines):
    """How often each outcome of an exercise occurs: (words, count, a hint), right first."""
    counts, hints = Counter(), {}
    for line in lines:
        if line["mistakes"]:
            counts.update(line["mistakes"])
            hints |= dict(zip(line["mistakes"], line["hints"], strict=False))
        elif line["passed"]:
            counts["right"] += 1
        elif not line["graded"]:
            counts["not graded"] += 1
        else:
            unwritten = line["message"] == "not written yet"
            counts["not written yet" if unwritten else "no such function"] += 1
    words = {"unknown": "another mistake"}
    ordered = sorted(counts.items(), key=lambda item: (item[0] != "right", -item[1], item[0]))
    return [(words.get(name, name), count, hints.get(name, "")) for name, count in ordered]


def _columns(results):
    """What the exercises are called; with the function where two are called alike."""
    lines = results[0]["verdicts"]
    names = [line["exercise"] for line in lines]
    return [
        name if names.count(name) == 1 else f"{name} {line['function']}"
        for name, line in zip(names, lines, strict=True)
    ]


def _short(number):
    return f"{number:g}"


def _harmless(cell):
    """Text that no spreadsheet takes for a formula."""
    return f"'{cell}" if str(cell).startswith(("=", "+", "-", "@", "\t")) else cell
