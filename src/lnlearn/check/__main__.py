"""Grade submitted notebooks: a line of JSON for each exercise of each notebook."""

import argparse
import json
import sys

from lnlearn.check.grading import grade


def main(arguments=None):
    """Run the command line; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m lnlearn.check", description=__doc__)
    parser.add_argument("notebooks", nargs="+", metavar="submission.ipynb")
    parser.add_argument(
        "--like",
        metavar="chapter.ipynb",
        help="the notebook that was handed out: its check cells say what is graded",
    )
    parser.add_argument(
        "--seconds", type=float, default=60, help="for each notebook (default %(default)s)"
    )
    options = parser.parse_args(arguments)
    status = 0
    for notebook in options.notebooks:
        try:
            verdicts = grade(notebook, options.like, options.seconds)
        except ValueError as error:
            print(error, file=sys.stderr)
            status = 2
            continue
        for verdict in verdicts:
            print(json.dumps({"notebook": notebook, **verdict}), flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main())
