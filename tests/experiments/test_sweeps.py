"""Sweeps: complete, of this code, resumable, and told apart from those of other code."""

import json
from types import SimpleNamespace

import pytest

from lnlearn.experiments import comparison, detached, placements, scores, sweeps, without_sweeps

SWEEPS = (
    *placements.SWEEPS,
    *comparison.SWEEPS,
    *detached.SWEEPS,
    *scores.SWEEPS,
    *without_sweeps.SWEEPS,
)


@pytest.mark.parametrize("sweep", SWEEPS, ids=lambda sweep: sweep.name)
def test_every_cell_is_recorded_and_the_code_is_the_one_that_ran_or_gives_the_same(sweep):
    record = sweep.recorded()
    assert set(record["results"]) == {sweeps.key(cell) for cell in sweep.cells}
    assert set(record) == {"fingerprint", "versions", "date", "results"}
    if record["fingerprint"] != sweep.fingerprint():
        assert sweep.agrees(), f"the code has changed: run python tools/sweeps.py {sweep.name}"


calls = []


def square(x, seed):
    """Counts its calls."""
    calls.append(x)
    return {"value": x * x / 3}


@pytest.fixture
def sweep(tmp_path, monkeypatch):
    calls.clear()
    monkeypatch.setattr(sweeps, "files", lambda _: tmp_path)
    (tmp_path / "records").mkdir()
    cells = tuple({"x": x, "seed": 0} for x in (1, 2, 3))
    return sweeps.Sweep("squares", square, cells, sample=cells[1], modules=())


def test_a_sweep_runs_each_cell_once_and_goes_on_where_it_stopped(sweep):
    sweep.run()
    assert calls == [1, 2, 3]
    record = sweep.recorded()
    del record["results"]["x=2 seed=0"]
    sweep.path.write_text(json.dumps(record))
    sweep.run()
    assert calls == [1, 2, 3, 2]
    assert [result["value"] for result in sweep.results()] == [0.33333, 1.3333, 3.0]
    assert sweep.results(x=3) == [{"value": 3.0}]


def test_results_of_other_code_are_not_kept(sweep):
    sweep.run()
    sweep.path.write_text(json.dumps(sweep.recorded() | {"fingerprint": "other"}))
    sweep.run()
    assert calls == [1, 2, 3] * 2


def test_a_sample_that_differs_does_not_agree(sweep):
    sweep.run()
    assert sweep.agrees()
    record = sweep.recorded()
    record["results"]["x=2 seed=0"]["value"] = 1.5
    sweep.path.write_text(json.dumps(record))
    assert not sweep.agrees()


def test_a_cell_that_was_never_run_is_named(sweep):
    with pytest.raises(ValueError, match=r"a cell has x, seed, not y"):
        sweep.results(y=1)


def test_comments_docstrings_and_layout_do_not_change_a_fingerprint_and_code_does(monkeypatch):
    def fingerprint(source):
        monkeypatch.setattr(sweeps.inspect, "getsource", lambda _: source)
        return sweeps.Sweep("s", None, (), {}, (SimpleNamespace(),)).fingerprint()

    plain = fingerprint("def f(x):\n    return x + 1\n")
    assert (
        fingerprint('def f(x):\n    """Says so."""\n    return (x  # why\n        + 1)\n') == plain
    )
    assert fingerprint("def f(x):\n    return x + 2\n") != plain


def test_a_sweep_of_transformers_has_their_layer_norm_in_its_fingerprint():
    for sweep in SWEEPS:
        assert placements.LayerNorm in sweep.modules or placements.transformer not in sweep.modules
