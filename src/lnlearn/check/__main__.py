"""Grade submitted notebooks: a line of JSON for each exercise of each, or a table for the class."""

import argparse
import json
import sys

from lnlearn.check.gradebook import (
    Kept,
    found_in,
    percent,
    result,
    write_csv,
    write_feedback,
    write_summary,
)
from lnlearn.check.grading import Grader
from lnlearn.check.sheet import code_cells

EXIT = """\
exit status: 0 all submissions were graded, whatever they got; 1 one of them is below --fail-under;
2 nothing was graded: the command or the sheet is wrong, or a submission says nothing to grade.
"""


def main(arguments=None):
    """Run the command line; return the exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _run(options)
    except ValueError as error:
        print(error, file=sys.stderr)
        return 2


def _run(options):
    if options.like is None and (options.csv or options.feedback or options.summary):
        raise ValueError("--csv, --feedback and --summary need --like, the sheet handed out.")
    submissions = found_in(options.submissions)
    settings = {
        "seconds": options.seconds,
        "jobs": options.jobs,
        "exercises": options.exercises,
        "points": dict(options.points),
        "strict": options.strict,
    }
    with Grader(options.like, **settings) as grader:
        status, submissions = _readable(submissions, grader, options)
        kept, results = None, {}
        if options.csv:
            kept = Kept(_beside(options.csv), [_asked(grader), options.strict])
            results = {} if options.again else kept.before(submissions)
        waiting = {path: name for name, path in submissions.items() if name not in results}
        _say(
            options, f"{len(results)} of {len(submissions)} were graded before." if results else ""
        )
        for path, verdicts in grader.grade_all(waiting):
            one = result(waiting[path], path, verdicts)
            results[one["student"]] = one
            if kept:
                kept.add(one)
            _show(options, one, len(results), len(submissions))
    ordered = [results[student] for student in sorted(results)]
    _write(options, ordered)
    below = options.fail_under is not None and any(
        percent(one) < options.fail_under for one in ordered
    )
    return status or int(below)


def _readable(submissions, grader, options):
    """Leave out what cannot be graded at all; it was asked for, so the status is 2."""
    status, found = 0, {}
    for student, path in submissions.items():
        try:
            if options.like is None:
                grader.asked(path)
            elif not path.exists():
                code_cells(path)
            found[student] = path
        except ValueError as error:
            print(error, file=sys.stderr)
            status = 2
    return status, found


def _asked(grader):
    return [[t.exercise, t.function, t.options, t.points] for t in grader.tasks]


def _beside(path):
    return path.removesuffix(".csv") + ".jsonl"


def _show(options, one, done, total):
    """A line of progress where a table is written, and else the verdicts themselves."""
    points = sum(line["points"] for line in one["verdicts"])
    possible = sum(line["possible"] for line in one["verdicts"])
    _page(options, one)
    _say(options, f"{done} of {total}  {one['student']}: {points:g} of {possible:g} points")
    if not options.csv:
        for line in one["verdicts"]:
            names = ("exercise", "function", "passed", "mistakes", "message", "points", "possible")
            entry = {"notebook": one["notebook"], **{name: line[name] for name in names}}
            print(json.dumps(entry), flush=True)


def _page(options, one):
    if options.feedback:
        write_feedback(options.feedback, one)


def _write(options, results):
    if options.csv and results:
        write_csv(options.csv, results)
    if options.summary and results:
        write_summary(options.summary, results)
    incomplete = [r["student"] for r in results if not all(v["graded"] for v in r["verdicts"])]
    if incomplete:
        _say(options, f"Not graded in full, see the remarks: {', '.join(incomplete)}.")


def _say(options, text):
    if options.csv and text:
        print(text, file=sys.stderr, flush=True)


def _points(text):
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text}: write NAME=NUMBER, as in layer_norm=3") from None


def _parser():
    parser = argparse.ArgumentParser(
        prog="python -m lnlearn.check", description=__doc__, epilog=EXIT
    )
    add = parser.add_argument
    add("submissions", nargs="+", metavar="submission", help="notebooks, or folders of notebooks")
    add("--like", metavar="sheet.ipynb", help="the notebook that was handed out: what is graded")
    add("--csv", metavar="grades.csv", help="write a row for each student; started again, go on")
    add("--feedback", metavar="FOLDER", help="write a page for each student")
    add("--summary", metavar="class.html", help="write a page with the mistakes of the class")
    add("--jobs", type=int, default=1, help="notebooks at the same time (default %(default)s)")
    add("--seconds", type=float, default=60, help="for each notebook (default %(default)s)")
    worth = {"type": _points, "action": "append", "default": [], "metavar": "NAME=NUMBER"}
    add("--points", **worth, help="of an exercise (default: what its cell tells nbgrader, or 1)")
    add("--exercises", action="append", default=[], metavar="MODULE", help="exercises of your own")
    add("--fail-under", type=float, metavar="PERCENT", help="exit with 1 if one has fewer points")
    add("--strict", action="store_true", help="say which ready-made norms an answer calls")
    add("--again", action="store_true", help="grade anew what was graded before")
    return parser


if __name__ == "__main__":
    sys.exit(main())
