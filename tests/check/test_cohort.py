"""Other numbers for each cohort: which ones are drawn, and that the checker goes along."""

import numpy as np
import pytest

from lnlearn import check
from lnlearn.check.cohort import Variation, in_words, listed, matching
from lnlearn.check.validating import wrong_answers_are_named

VARIED = {
    name: checker
    for name, checker in vars(check).items()
    if isinstance(checker, check.Checker) and checker.variation
}
THREE = Variation((0,), ((1,), (2,), (3,)), lambda number: (f"{number}",))


def test_of_thirteen_questions_eight_have_other_numbers():
    questions = [
        c for c in vars(check).values() if isinstance(c, check.Checker) and not c.arguments
    ]
    assert (len(questions), len(VARIED)) == (13, 8)


@pytest.mark.parametrize("cohort", [0, 1, 2027, 10**30])
@pytest.mark.parametrize("exercise", VARIED)
def test_with_a_cohort_s_numbers_the_rules_hold_and_mistakes_are_named(exercise, cohort):
    of_book, checker = VARIED[exercise], VARIED[exercise].for_cohort(cohort)
    checker.validate()
    (probe,) = checker.probes
    for mistake in checker.mistakes:
        for way in mistake.ways:
            result = checker.run(frozenset([way]), probe).value
            assert not [*wrong_answers_are_named(checker, {mistake.name: [lambda: result]}, ())]  # noqa: B023
    assert checker(lambda: checker.expected(probe)).passed
    assert not of_book(lambda: of_book.expected(of_book.probes[0]), cohort=cohort).passed


@pytest.mark.parametrize("exercise", VARIED)
def test_all_other_numbers_come_before_one_comes_again(exercise):
    variation = VARIED[exercise].variation
    count = len(variation.others)
    assert count >= 5
    drawn = [variation.drawn(cohort) for cohort in range(2020, 2020 + 2 * count)]
    assert len(set(drawn[:count])) == count
    assert drawn[count:] == drawn[:count]
    assert variation.numbers not in variation.others


def test_a_cohort_s_numbers_are_for_good():
    """Sheets that were handed out are graded by them, so no change may draw others."""
    drawn = {name: checker.variation.drawn(2027) for name, checker in VARIED.items()}
    assert drawn == {
        "fifth_row": ("all", "own"),
        "gradients_on_paper": ((11, 1, 1, 11), (-1, 1, 1, 2), (1, 0, 1, 2)),
        "growth_factor": (100, 70),
        "how_many_means": (40, 13, 768, 14, 6, 50, 20, 3),
        "lost_directions": (4, 5),
        "matching_rates": (9,),
        "token_on_paper": (1, 2, 9, 4),
        "which_tokens_move": ("ABCDEF", "C"),
    }


@pytest.mark.parametrize("cohort", ["2027", 2027.0, True, [2027]])
def test_a_cohort_that_is_no_integer_is_an_error(cohort):
    with pytest.raises(TypeError, match=r"cohort is .*, and needs to be an integer"):
        check.token_on_paper(lambda: 0, cohort=cohort)


def test_of_an_exercise_without_other_numbers_it_is_an_error_too():
    with pytest.raises(ValueError, match="layer_norm asks every cohort the same"):
        check.layer_norm(lambda *arguments: 0, cohort=1)


def test_the_report_speaks_of_the_cohort_s_numbers():
    report = check.growth_factor(lambda: 70 ** (1 / 100), cohort=2027)
    assert report.mistakes == ("root-and-power-exchanged",)
    assert report.explained[0][1] == "Raise your factor to the 70th power."
    assert report.example.input == "a hundredfold growth in seventy layers"
    *_, left_out = check.which_tokens_move.for_cohort(2027).mistakes
    assert left_out.sentence == "It leaves out the token that was changed, C itself."


@pytest.mark.parametrize("weights", ["own", "all", "none"])
@pytest.mark.parametrize("data", ["own", "all", "none"])
def test_the_rows_of_other_norms_are_what_they_do(weights, data):
    rng = np.random.default_rng(3)
    w, x, shift = rng.normal(size=(3, 5)), rng.normal(size=(4, 5)), rng.normal(size=5)
    one_w, one_x = np.array([[7.0], [1], [1]]), np.array([[7.0], [1], [1], [1]])

    def length(a, by):
        return {"own": np.linalg.norm(a, axis=1), "all": np.linalg.norm(a), "none": 1.0}[by]

    def normed(x, w):
        return (x.T / length(x, data)).T @ (w.T / length(w, weights))

    changed = [
        (x, 7 * w),
        (x, w + shift),
        (x, one_w * w),
        (7 * x, w),
        (x + shift, w),
        (one_x * x, w),
    ]
    row = [bool(np.allclose(normed(*both), normed(x, w))) for both in changed]
    assert check.fifth_row.formula(frozenset(), weights, data) == row


def test_phrases_are_replaced_at_once_the_longest_first_and_never_inside_a_word():
    swapped = Variation(("one", "2"), (), lambda a, b: (a, b, f"{a} and {b}"))
    text = "one and 2; one, 2, someone, 25, 12, one_two"
    assert swapped.reword(text, ("2", "one")) == "2 and one; 2, one, someone, 25, 12, one_two"
    assert swapped.reword(text, swapped.numbers) == text
    assert matching(["a", "a.b"]) == r"\ba\.b\b|\ba\b"


def test_numbers_in_words():
    assert [in_words(n) for n in (0, 7, 12, 19, 20, 42, 90, 99)] == (
        ["zero", "seven", "twelve", "nineteen", "twenty", "forty-two", "ninety", "ninety-nine"]
    )
    assert listed([1, 2.5, -3.0]) == "1, 2.5, -3"


def test_the_step_between_cohorts_reaches_all():
    assert THREE.drawn(-3) == THREE.drawn(np.int64(0)) == (1,)
    assert [THREE.drawn(cohort) for cohort in range(4)] == [(1,), (3,), (2,), (1,)]
    assert Variation((0,), ((5,),), THREE.phrases).drawn(2027) == (5,)
