"""A result is compared as it should be, and shown in few digits."""

import numpy as np
import pytest
import torch

from lnlearn.check.comparing import difference, dtypes, shown, unknown_word

Y = np.array([[1.0, 2.0]])


def of(yours, expected=Y, names=("y",), tolerance=1e-3, **options):
    return difference(yours, expected, names, tolerance, **options)


def test_what_is_equal_to_the_tolerance_does_not_differ():
    assert of(Y) == of(Y + 0.0019) == ""  # a thousandth of 2
    assert of(Y + 0.0021) == "y differs in 2 of 2 numbers."
    assert of(Y * [[1, 1.1]]) == "y differs in 1 of 2 numbers."
    assert of(Y / 1000, Y / 1000 + 0.0009) == ""  # of 1, if all numbers are small


@pytest.mark.parametrize(
    ("yours", "says"),
    [
        (None, "y is None. Is a return missing?"),
        ([1.0, 2.0], "a NumPy array, and is a list of 2"),
        ("word", "a NumPy array, and is a str"),
        (Y[0], "shape (2,), and needs (1, 2)"),
        (Y.astype(object), "holds object"),
        (Y.astype(complex), "holds complex128"),
        (Y * np.nan, "NaN or infinity"),
        (Y * np.inf, "NaN or infinity"),
        (Y.astype(np.float32), "y is float32, and needs to be float64"),
    ],
)
def test_what_is_wrong_is_said(yours, says):
    assert says in of(yours)


def test_loosely_compared_dtypes_may_differ_and_nan_equals_nan():
    assert of(Y.astype(np.float32), strict=False) == ""
    assert of(Y * np.nan, Y * np.nan, strict=False) == ""
    assert of(Y * np.nan, strict=False) != ""


def test_infinity_where_it_is_expected_is_right():
    assert of(Y * np.inf, Y * np.inf) == ""


def test_several_results_are_asked_for_by_name():
    names = ("mean", "variance")
    assert of((Y, 2.0), (Y, 2.0), names) == of([Y, 2], (Y, 2.0), names) == ""
    assert of(Y, (Y, 2.0), names) == (
        "It returns an array of shape (1, 2), and needs to return mean, variance."
    )
    assert of((Y,), (Y, 2.0), names).startswith("It returns a tuple of 1")
    assert of((Y, 3.0), (Y, 2.0), names) == "variance differs."


@pytest.mark.parametrize("right", [2, 2.0, np.float32(2), np.array(2.0)])
def test_a_number_may_come_in_any_form(right):
    assert of(right, 2.0) == ""


@pytest.mark.parametrize("wrong", [True, "2", [2.0], np.array([2.0]), 2j, np.nan, 2.1])
def test_what_is_no_number_or_another_one_differs(wrong):
    assert of(wrong, 2.0) != ""


def test_words_and_truth_are_compared_exactly():
    assert of("same", "same") == of(True, True) == of(None, None) == ""
    assert of("Same", "same") == of(False, True) == of(0, None) == "y differs."
    assert of(1, True) == "y needs to be True or False, and is a int."
    assert of(np.True_, True) == ""


def test_integers_are_compared_exactly():
    assert of(100_000, 100_000) == of(100_000.0, 100_000) == of(np.int32(7), 7) == ""
    assert of(8, 7) == of(100_001, 100_000, tolerance=0) == "y differs."
    counts = np.array([1, 100_000])
    assert of(counts.astype("u8"), counts) == ""
    assert of(counts + 1, counts) == "y differs in 2 of 2 numbers."
    assert of(counts + 0.0, counts) == "y holds float64, and needs integers."
    assert of(counts, counts > 1) == "y holds int64, and needs booleans."


def test_sets_are_compared_without_telling_the_answer():
    assert of(frozenset("ab"), set("ab")) == ""
    assert of([1, 2], {1, 2}) == "y needs to be a set, and is a list of 2."
    assert of({1, 3, 4}, {1, 2}) == "y lacks 1 of 2 elements and has 2 that do not belong."
    assert shown({"b", "a"}) == "{'a', 'b'}"


def test_tensors_are_asked_for_by_name_and_compared_like_arrays():
    expected = torch.tensor([[1.0, 2.0]])
    assert of(expected.double().float().requires_grad_(), expected) == ""
    assert of(Y, expected) == "y needs to be a PyTorch tensor, and is an array of shape (1, 2)."
    assert of(expected, Y) == "y needs to be a NumPy array, and is a tensor of shape (1, 2)."
    assert of(expected[0], expected) == "y has shape (2,), and needs (1, 2)."
    assert of(expected + 1, expected) == "y differs in 2 of 2 numbers."
    assert "bfloat16" in of(expected.bfloat16(), expected)
    assert shown(expected) == "[[1. 2.]]  (float32)  (tensor)"


def test_dicts_need_the_keys_and_name_the_entry():
    expected = {"a": 1.0, "b": "same"}
    assert of({"b": "same", "a": 1}, expected) == ""
    assert of({"a": 1.0, "b": "other"}, expected) == "y['b'] differs."
    assert of({"a": 2.0, "b": "other"}, expected) == "y['a'] and y['b'] differ."
    assert of({"a": ..., "b": ...}, expected) == "y['a'] and y['b'] are not filled in yet."
    assert "a dict with the keys a, b, and is a list of 1" in of([1.0], expected)
    assert of({"a": 1.0}, expected) == "y has no b. Its keys need to be a, b."
    assert "has c, which is not asked for" in of({**expected, "c": 1}, expected)
    assert of({"a": ..., "c": 1}, expected) == (
        "y has no b. y has c, which is not asked for. Its keys need to be a, b. "
        "y['a'] is not filled in yet."
    )
    assert of({"a": 0.3, "b": "other"}, {"a": 0.3333, "b": "same"}) == (
        "y['a'] needs more decimals. y['b'] differs."
    )


def test_a_rounded_number_needs_more_decimals():
    assert of(0.08, 0.0816497) == of(np.float32(0.5), 0.4567) == "y needs more decimals."
    assert of(0.09, 0.0816497) == of(8, 8.1) == of(1e-9, 0.3) == "y differs."


def test_what_is_left_open_is_not_filled_in_yet():
    assert of(...) == of(..., 1.0) == of(..., "word") == "y is not filled in yet."


def test_a_word_that_is_none_of_the_answers_is_told_the_words():
    words = ("same", "negated")
    assert unknown_word({"a": "same", "b": "flipped"}, words, "y") == (
        "y['b'] is 'flipped'. The words are: same, negated."
    )
    assert unknown_word({"a": "same", "b": ...}, words, "y") == ""
    assert unknown_word({"a": "equal", "b": "flipped"}, words, "y") == (
        "y['a'] is 'equal' and y['b'] is 'flipped'. The words are: same, negated."
    )
    assert unknown_word("equal", words, "y") == "y is 'equal'. The words are: same, negated."


def test_a_list_may_be_any_sequence():
    assert of((1.0, 2.0), [1.0, 2.0]) == of(np.array([1.0, 2.0]), [1.0, 2.0]) == ""
    assert of([1.0, 3.0], [1.0, 2.0]) == "y[1] differs."
    assert "2 values, and is a list of 3" in of([1.0, 2.0, 3.0], [1.0, 2.0])


def test_what_cannot_be_compared_is_said_to_be_so():
    class Odd(np.ndarray):
        @property
        def shape(self):
            raise RuntimeError

    assert "cannot be compared" in of(Y.view(Odd))


def test_dtypes_says_for_each_array_whether_it_is_the_expected_one():
    assert dtypes((Y, Y.astype(np.float32), 1.0), (Y, Y, 1.0)) == [True, False]
    assert dtypes(None, (Y,)) == []


def test_arrays_are_shown_in_four_decimals_with_an_unusual_dtype():
    assert shown(np.array([1 / 3, -0.0])) == "[0.3333 0.    ]"
    assert shown(np.array([0.5], np.float16)) == "[0.5]  (float16)"
    assert shown(np.zeros((8, 8))).endswith("(shape (8, 8))")
    assert len(shown(np.random.default_rng(0).normal(size=(50, 50))).splitlines()) < 8


def test_small_numbers_and_large_ones_are_shown_without_exponents():
    assert shown(np.array([20000.0, 0.0001])) == "[20000.         0.0001]"


def test_numbers_too_large_to_be_rounded_are_shown_as_they_are_and_without_a_warning():
    assert shown(np.array([1e308])) == "[1.e+308]"
    assert shown(np.array([-np.inf, np.nan])) == "[-inf  nan]"


def test_thirty_numbers_are_shown_and_of_more_the_two_at_each_end():
    assert shown(np.arange(30.0)) == (
        "[ 0.  1.  2.  3.  4.  5.  6.  7.  8.  9. 10. 11. 12. 13. 14.\n"
        " 15. 16. 17. 18. 19. 20. 21. 22. 23. 24. 25. 26. 27. 28. 29.]"
    )
    assert shown(np.arange(31.0)) == "[ 0.  1. ... 29. 30.]  (shape (31,))"


@pytest.mark.parametrize(("length", "shown_length"), [(197, 199), (198, 200), (199, 200)])
def test_a_long_text_is_cut_to_two_hundred_characters(length, shown_length):
    text = shown("a" * length)
    assert len(text) == shown_length
    assert text.endswith("..." if length > 198 else "'")


def test_an_error_as_large_as_the_tolerance_is_let_through():
    for scale in (0.5, 1.0, 4.0):
        limit = 0.25 * max(1, scale)
        for kind in (float, lambda value: np.array([value])):
            assert not difference(kind(scale + limit), kind(scale), ("y",), 0.25)
            assert difference(kind(scale + 1.01 * limit), kind(scale), ("y",), 0.25)


def test_other_values_are_shown_briefly():
    assert shown(1 / 3) == "0.333333"
    assert shown("same") == "'same'"
    assert shown((1, 2.0)) == "1, 2"
    assert shown({"a": 1}) == "a: 1"
    assert shown(object()) == "a object"
    assert len(shown("a" * 1000)) == 200
    assert shown({"y": np.eye(2), "total": 1.0}) == "y: [[1. 0.]\n    [0. 1.]]\ntotal: 1"
    assert shown({"y": Y}, None) == "y: [[1. 2.]]  (float64)"


def test_a_value_that_cannot_show_itself_is_named_by_its_type():
    class Odd(str):
        def __repr__(self):
            raise RuntimeError

    assert shown(Odd("a")) == "a Odd"
