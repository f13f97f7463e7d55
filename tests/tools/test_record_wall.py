"""The record of a chapter's timings holds the fastest call of several runs."""

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import record_wall

CODE = """
beside, copy_times = {"a": [5, 3, 4]}, {"b": [2]}
block_times = times = add_times = {"c": [7, 9]}
"""


def test_the_fastest_call_is_kept_with_where_it_was_measured():
    notebook = new_notebook(cells=[new_markdown_cell("no code"), new_code_cell(CODE)])
    found = record_wall.record(notebook, runs=2)
    assert found["beside"] == {"a": 3}
    assert found["add_times"] == {"c": 7}
    assert {"date", "processor", "NumPy", "Numba"} <= set(found["environment"])


def test_the_fastest_of_all_runs_is_kept(monkeypatch):
    runs = iter([{"a": 3, "b": 9}, {"a": 5, "b": 4}])
    monkeypatch.setattr(record_wall, "measured", lambda notebook: {"times": next(runs)})
    monkeypatch.setattr(record_wall, "MEASURED", ["times"])
    assert record_wall.record(new_notebook(), runs=2)["times"] == {"a": 3, "b": 4}


def test_a_chapter_without_a_measurement_is_not_recorded():
    with pytest.raises(KeyError, match="beside"):
        record_wall.measured(new_notebook())
