"""What every checker keeps to: the rules of `lnlearn.check.validating`, and where its answers are.

The answers are those of the files in the folder `planted`; `planting` tells how they are written.
"""

import importlib
import json
import re
from pathlib import Path

import pytest

from check.planting import FILES, found, planted
from lnlearn import check
from lnlearn.check import exercises
from lnlearn.check.validating import OF_ITS_ANSWERS, OF_THE_CHECKER

WRONG, RIGHT, SEVERAL = found()
CHECKERS = {
    name: checker for name, checker in vars(check).items() if isinstance(checker, check.Checker)
}
FILE = {
    value.name: file.stem
    for file in Path(exercises.__file__).parent.glob("[!_]*.py")
    for value in vars(importlib.import_module(f"{exercises.__name__}.{file.stem}")).values()
    if isinstance(value, check.Checker)
}


@pytest.mark.parametrize("rule", OF_THE_CHECKER + OF_ITS_ANSWERS, ids=lambda rule: rule.__name__)
@pytest.mark.parametrize("exercise", CHECKERS)
def test_a_checker_keeps_to_the_rule(exercise, rule):
    broken = rule(CHECKERS[exercise], WRONG[exercise], RIGHT[exercise])
    assert "\n".join(broken) == ""


@pytest.mark.parametrize(
    ("exercise", "mistakes", "answer"),
    [pytest.param(*one, id=f"{one[0]}-{'+'.join(one[1])}") for one in SEVERAL],
)
def test_of_an_answer_with_several_mistakes_all_are_named(exercise, mistakes, answer):
    report = CHECKERS[exercise](answer, seconds=60)
    assert not report.passed
    assert set(report.mistakes) == set(mistakes)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_answers_stand_in_a_file_that_is_called_like_the_one_of_their_exercise(file):
    for exercise, _, _ in planted(file):
        assert file.stem.startswith(FILE[exercise]), f"{exercise} is in {FILE[exercise]}.py"


@pytest.mark.parametrize("file", sorted(set(FILE.values())))
def test_a_file_of_exercises_imports_no_other(file):
    source = (Path(exercises.__file__).parent / f"{file}.py").read_text(encoding="utf-8")
    assert "check.exercises" not in source


def test_a_checker_knows_the_chapter_that_asks_it():
    asked = {}  # exercise -> the notebooks that check it
    for notebook in Path(__file__).parents[2].glob("book/*.ipynb"):
        if notebook.stem not in ("exercises", "teaching"):  # which speak of all chapters
            for cell in json.loads(notebook.read_text(encoding="utf-8"))["cells"]:
                for exercise in re.findall(r"\bcheck\.(\w+)\(", "".join(cell["source"])):
                    asked.setdefault(exercise, set()).add(notebook.stem)
    for name, checker in CHECKERS.items():
        assert checker.chapter in asked.get(name, {checker.chapter}), name
