"""The gradients by placement and depth, as they stand where no script runs."""

import html
import json
import re

import numpy as np
import pytest

from lnlearn import explorables
from lnlearn.experiments.placements import SWEEPS

STARTS = SWEEPS[0]
PAGE = explorables.placements()._repr_html_()


def test_the_page_holds_the_mean_gradients_of_the_sweep():
    data = json.loads(html.unescape(re.search('data-gradients="(.*?)"', PAGE)[1]))
    assert sum(len(by_depth) for by_depth in data.values()) == 9 * 7
    for placement, by_depth in data.items():
        for depth, gradients in by_depth.items():
            runs = STARTS.results(placement=placement, depth=int(depth))
            expected = np.mean([run["gradient"] for run in runs], axis=0)
            assert gradients == pytest.approx(expected, rel=0.006)


def test_the_still_figure_draws_post_and_pre_at_twelve_blocks_by_decades():
    heights = np.array([float(y) for y in re.findall(r'<circle cx=".*?" cy="(.*?)"', PAGE)])
    drawn = 10 ** ((258 - heights) / (258 - 14) * 6 - 3)
    expected = [
        np.mean([run["gradient"] for run in STARTS.results(placement=name, depth=12)], axis=0)
        for name in ("pre", "post")
    ]
    assert drawn == pytest.approx(np.concatenate(expected), rel=0.02)


def test_it_names_no_other_host_and_no_id_and_weighs_little():
    assert "://" not in PAGE
    assert not re.search(r"\bid=", PAGE)
    assert len(PAGE.encode()) < 25_000
