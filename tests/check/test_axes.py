"""The checkers of the chapter on axes: what each of their inputs brings out, and what they tell."""

import numpy as np
import pytest

from check.planted.axes import answer
from lnlearn import check

# Which mistakes show on the first input of a checker, and how the others differ from it: those that
# show as well have a plus, those that no longer do a minus.
TABLE = {
    "layer_norm_at_each_pixel": {
        "one pixel": (
            "affine-misaligned batch-mixed input-modified one-plus-weight squares-not-averaged "
            "unbiased-variance weight-and-bias-swapped wrong-axis"
        ),
        "a pixel far from zero": "+mean-not-subtracted +uncentred-variance",
        "a pixel with a large standard deviation": "+not-scaled +root-missing",
        "a large eps": (
            "+eps-as-floor +eps-ignored +eps-missing +eps-outside-sqrt +not-scaled +root-missing"
        ),
        "an eps for which its place does not matter": (
            "+eps-as-floor +eps-ignored +eps-missing +eps-squared +not-scaled +root-missing"
        ),
        "a constant pixel": (
            "+eps-missing +mean-not-subtracted -batch-mixed -one-plus-weight "
            "-squares-not-averaged -unbiased-variance -wrong-axis"
        ),
        "a weight": "+weight-skipped +weight-twice",
        "a bias": "+bias-skipped",
        "weight and bias both 2": (
            "+bias-before-weight +bias-skipped +weight-skipped +weight-twice "
            "-weight-and-bias-swapped"
        ),
        "a weight of 0": (
            "+bias-before-weight +bias-skipped +weight-skipped -batch-mixed -squares-not-averaged "
            "-unbiased-variance -wrong-axis"
        ),
        "two pixels": (
            "+mean-not-subtracted +not-scaled +pixels-mixed +reshape-not-permute +root-missing "
            "+uncentred-variance"
        ),
        "two pixels, alike": "+reshape-not-permute",
        "two images": (
            "+keepdims-forgotten +mean-not-subtracted +not-scaled +root-missing +uncentred-variance"
        ),
        "two images, alike": "+keepdims-forgotten",
        "a chessboard and its negative": "-affine-misaligned -batch-mixed -wrong-axis",
        "two chessboards": (
            "+keepdims-forgotten +mean-not-subtracted +not-scaled +root-missing "
            "+uncentred-variance -affine-misaligned -wrong-axis"
        ),
        "float32": (
            "+bias-skipped +mean-not-subtracted +uncentred-variance +wrong-dtype "
            "-weight-and-bias-swapped"
        ),
    },
    "group_norm": {
        "two groups of two channels": (
            "affine-misaligned input-modified keepdims-forgotten one-plus-weight "
            "squares-not-averaged unbiased-variance weight-and-bias-swapped"
        ),
        "two groups far from zero": "+mean-not-subtracted +uncentred-variance",
        "two groups with a large standard deviation": "+not-scaled +root-missing",
        "two groups that differ": (
            "+groups-ignored +groups-interleaved +mean-not-subtracted +uncentred-variance"
        ),
        "one group": (
            "+group-size-for-number +mean-not-subtracted +not-scaled +root-missing "
            "+uncentred-variance -keepdims-forgotten"
        ),
        "a large eps": (
            "+eps-as-floor +eps-ignored +eps-missing +eps-outside-sqrt +not-scaled +root-missing"
        ),
        "an eps for which its place does not matter": (
            "+eps-as-floor +eps-ignored +eps-missing +eps-squared +not-scaled +root-missing"
        ),
        "a constant image": (
            "+eps-missing +mean-not-subtracted -one-plus-weight -squares-not-averaged "
            "-unbiased-variance"
        ),
        "a weight": "+weight-skipped +weight-twice",
        "a bias": "+bias-skipped",
        "weight and bias both 2": (
            "+bias-before-weight +bias-skipped +weight-skipped +weight-twice "
            "-weight-and-bias-swapped"
        ),
        "a weight of 0": (
            "+bias-before-weight +bias-skipped +weight-skipped -squares-not-averaged "
            "-unbiased-variance"
        ),
        "two groups alike": "+groups-interleaved",
        "two pixels": (
            "+mean-not-subtracted +not-scaled +pixels-apart +root-missing +uncentred-variance "
            "-keepdims-forgotten"
        ),
        "two images": (
            "+batch-mixed +mean-not-subtracted +not-scaled +root-missing +uncentred-variance"
        ),
        "a group for each channel": "+pixels-apart -affine-misaligned -keepdims-forgotten",
        "float32": (
            "+bias-skipped +mean-not-subtracted +uncentred-variance +wrong-dtype "
            "-weight-and-bias-swapped"
        ),
    },
    "text_vectors": {
        "one text of one token": "input-modified squares-not-averaged unbiased-variance",
        "a token far from zero": "+mean-not-subtracted +uncentred-variance",
        "a token with a large standard deviation": "+not-scaled +root-missing",
        "a large eps": (
            "+eps-as-floor +eps-ignored +eps-missing +eps-outside-sqrt +not-scaled +root-missing"
        ),
        "an eps for which its place does not matter": (
            "+eps-as-floor +eps-ignored +eps-missing +eps-squared +not-scaled +root-missing"
        ),
        "a constant token": (
            "+eps-missing +mean-not-subtracted -squares-not-averaged -unbiased-variance"
        ),
        "two tokens": (
            "+averaged-first +keepdims-forgotten +mean-not-subtracted +not-scaled +root-missing "
            "+text-mixed +texts-averaged +uncentred-variance"
        ),
        "two tokens, alike": "+averaged-first +keepdims-forgotten +texts-averaged",
        "two texts": (
            "+batch-mixed +keepdims-forgotten +mean-not-subtracted +not-scaled +root-missing "
            "+texts-averaged +uncentred-variance"
        ),
        "two texts, mirrored": "+texts-averaged",
        "two texts of two tokens, alike": "+averaged-first +keepdims-forgotten",
        "the same across and down": (
            "+averaged-first +batch-mixed +keepdims-forgotten +mean-not-subtracted +not-scaled "
            "+root-missing +text-mixed +uncentred-variance"
        ),
        "float32": "+mean-not-subtracted +uncentred-variance +wrong-dtype",
    },
}


@pytest.mark.parametrize("name", TABLE)
def test_each_input_brings_out_what_it_is_there_for(name):
    checker, first = getattr(check, name), None
    for probe, entry in TABLE[name].items():
        first_ways = {m.name: m.ways[0] for m in checker.mistakes}
        fail = {m for m, way in first_ways.items() if probe in checker.failing(way)}
        first = fail if first is None else first
        changes = [f"+{m}" for m in sorted(fail - first)] + [f"-{m}" for m in sorted(first - fail)]
        expected = sorted(first) if probe == checker.probes[0].name else changes
        assert entry.split() == expected, probe


@pytest.mark.parametrize("name", TABLE)
def test_on_a_larger_input_nearly_every_mistake_shows(name):
    checker = getattr(check, name)
    first_ways = [mistake.ways[0] for mistake in checker.mistakes]
    shows = [any("different lengths" in p for p in checker.failing(way)) for way in first_ways]
    assert shows.count(False) == 1  # of the dtype


def test_a_count_that_is_off_by_one_is_wrong_and_the_right_one_is_not_told():
    report = check.how_many_means(answer(320, 32, 1920, 16, 6, 96, 48, 9601))
    assert report.mistakes == ("unknown",)
    assert "9600" not in str(report)


@pytest.mark.parametrize("name", ["layer_norm_at_each_pixel", "group_norm"])
def test_only_a_mistake_may_be_refused_by_numpy(name):
    checker = getattr(check, name)
    *most, _, bias, eps = checker.probes[0].arguments
    arguments = [*most, np.ones(7), bias, eps]  # a weight that does not fit
    assert checker.formula(frozenset({"not-scaled"}), *arguments) is None
    with pytest.raises(ValueError, match="broadcast"):
        checker.formula(frozenset(), *arguments)


@pytest.mark.parametrize(
    ("name", "word"),
    [("layer_norm_at_each_pixel", "images"), ("group_norm", "images"), ("text_vectors", "texts")],
)
def test_batch_mixed_says_what_is_in_the_batch(name, word):
    [mistake] = [m for m in getattr(check, name).mistakes if m.name == "batch-mixed"]
    assert word in mistake.sentence
    assert f"one {word.removesuffix('s')}" in mistake.hint
