"""Running chapters: normalized outputs, and no half-written notebook."""

import nbformat
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import execute


@pytest.fixture
def book(tmp_path, monkeypatch):
    """An empty book, in place of the real one."""
    monkeypatch.setattr(execute, "BOOK", tmp_path)
    return tmp_path


def write(path, *sources):
    nbformat.write(new_notebook(cells=[new_code_cell(s) for s in sources]), path)
    return path


def outputs(path):
    return [c.outputs for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def test_outputs_are_stored_and_a_second_run_changes_nothing(book, capsys):
    path = write(
        book / "a.ipynb", "print('one')", "import sys\nprint('two')\nprint('three')", "2**5"
    )
    execute.main(["a"])
    first = path.read_text()
    execute.main(["a"])
    assert path.read_text() == first
    assert capsys.readouterr().out == "a.ipynb: changed\na.ipynb: unchanged\n"
    assert [o["text"] for o in outputs(path)[1]] == ["two\nthree\n"]
    assert outputs(path)[2][0]["data"]["text/plain"] == "32"


def test_a_timing_keeps_its_output_until_that_is_cleared(book):
    clock = "import time\ntime.perf_counter()"
    path = write(book / "a.ipynb", "1", clock, clock)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[1].metadata["tags"] = ["timing"]
    nbformat.write(notebook, path)
    execute.main(["a"])
    _, timed, other = outputs(path)
    notebook = nbformat.read(path, as_version=4)
    del notebook.cells[0]  # the cells have other numbers now
    nbformat.write(notebook, path)
    execute.main(["a"])
    assert outputs(path)[0] == [timed[0] | {"execution_count": 1}]
    assert outputs(path)[1] != other

    notebook = nbformat.read(path, as_version=4)
    notebook.cells[0].outputs = []
    nbformat.write(notebook, path)
    execute.main(["a"])
    assert outputs(path)[0][0]["data"] != timed[0]["data"]


def test_a_chapter_that_fails_is_left_as_it_was(book):
    path = write(book / "a.ipynb", "print('one')", "raise ValueError('no')")
    before = path.read_bytes()
    with pytest.raises(SystemExit, match=r"a\.ipynb: a cell failed"):
        execute.main(["a"])
    assert path.read_bytes() == before


def test_without_names_every_chapter_is_run(book, capsys):
    write(book / "a.ipynb", "1")
    write(book / "b.ipynb", "2")
    execute.main([])
    assert capsys.readouterr().out == "a.ipynb: changed\nb.ipynb: changed\n"


def test_a_chapter_that_does_not_exist_is_named(book):
    with pytest.raises(SystemExit, match="there is no chapter 'c'"):
        execute.main(["c"])


def test_normalizing_keeps_what_matters_and_drops_what_changes_from_run_to_run():
    cell = new_code_cell("x", metadata={"tags": ["t"], "execution": {"iopub": "12:00"}})
    cell.outputs = [
        new_output("stream", name="stdout", text="a"),
        new_output("stream", name="stdout", text="b"),
        new_output("stream", name="stderr", text="c"),
        new_output("stream", name="stdout", text="d"),
    ]
    text = new_markdown_cell("text", metadata={"mystnb": {"x": 1}, "colab": {"y": 2}})
    metadata = {"language_info": {"name": "python", "version": "3.11.7"}}
    notebook = new_notebook(cells=[text, cell], metadata=metadata)
    done = execute.normalized(notebook)
    assert [o.text for o in done.cells[1].outputs] == ["ab", "c", "d"]
    assert done.cells[1].metadata == {"tags": ["t"]}
    assert done.cells[0].metadata == {"mystnb": {"x": 1}}
    assert "version" not in done.metadata.language_info


@pytest.mark.parametrize(
    ("tag", "code", "output"),
    [("hide-input", True, False), ("hide-output", False, True), ("hide-cell", True, True)],
)
def test_what_the_site_folds_is_folded_in_jupyter_and_in_colab(tag, code, output):
    cell = new_code_cell("6 * 7", metadata={"tags": ["answer", tag]})
    notebook = execute.normalized(new_notebook(cells=[cell, new_code_cell("2")]))
    metadata = notebook.cells[0].metadata
    assert metadata["jupyter"].get("source_hidden", False) == code
    assert metadata["jupyter"].get("outputs_hidden", False) == output
    assert (metadata.get("cellView") == "form") == code
    assert metadata.get("collapsed", False) == output
    assert notebook.cells[1].metadata == {}
    nbformat.validate(notebook)


def cells_below(tags, outputs, **mystnb):
    """What stands below a cell with these tags, outputs and metadata, after two runs."""
    cell = new_code_cell("draw()", metadata={"tags": tags, "mystnb": mystnb})
    cell.outputs = [new_output("display_data", data=data) for data in outputs]
    notebook = execute.normalized(execute.normalized(new_notebook(cells=[cell])))
    nbformat.validate(notebook)
    assert notebook.cells[0].id == cell.id
    return notebook.cells[1:]


PICTURE = {"image/svg+xml": "<svg></svg>"}


def test_a_figure_s_caption_and_its_description_stand_below_it_once():
    words = {"figure": {"caption": "Three bars."}, "image": {"alt": "The bars rise."}}
    [below] = cells_below([], [PICTURE], **words)
    fold = "<details><summary>The figure in words</summary>\n\nThe bars rise.\n\n</details>"
    assert below.source == f"**Figure.** Three bars.\n\n{fold}"
    assert below.metadata.tags == [execute.WORDS]
    [below] = cells_below([], [{"text/html": "<table></table>"}], figure=words["figure"])
    assert below.source == "**Table.** Three bars."
    assert cells_below([], [{"text/html": "<table></table>"}]) == []


@pytest.mark.parametrize("tag", ["hide-output", "hide-cell"])
def test_of_a_figure_that_is_an_answer_nothing_is_said_outside_the_fold(tag):
    words = {"figure": {"caption": "Three bars."}, "image": {"alt": "The bars rise."}}
    [below] = cells_below(["answer", tag], [PICTURE], **words)
    assert below.source.startswith("<details><summary>The figure in words</summary>")
    assert below.source.endswith("**Figure.** Three bars.\n\nThe bars rise.\n\n</details>")


def test_what_is_said_of_a_solution_s_figure_leaves_with_the_solution():
    [below] = cells_below(["solution", "hide-cell"], [PICTURE], image={"alt": "It rises."})
    assert below.metadata.tags == [execute.WORDS, "solution"]


def test_a_cell_whose_tags_no_longer_fold_it_is_opened():
    metadata = {"jupyter": {"source_hidden": True}, "cellView": "form", "collapsed": True}
    notebook = new_notebook(cells=[new_code_cell("1", metadata=metadata)])
    assert execute.normalized(notebook).cells[0].metadata == {}
