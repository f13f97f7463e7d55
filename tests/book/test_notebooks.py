"""The notebooks as files: honest stored outputs, and text that reads well in every place.

That the stored outputs are what the code prints is not tested here: nbval does that.
"""

import re
from pathlib import Path

import nbformat
import pytest
import yaml

import address
import execute

ROOT = Path(__file__).resolve().parents[2]


def printed(code):
    """All text that the stored outputs hold."""
    texts = []
    for cell in code:
        for output in cell.outputs:
            texts.append(output.get("text", ""))
            texts += [text for kind, text in output.get("data", {}).items() if "image" not in kind]
    return "\n".join(texts)


def verdict(cell):
    """What a cell that ends in a check returns, as text."""
    return cell.outputs[-1]["data"]["text/plain"]


def without_code(prose):
    """Markdown without its fenced blocks, inline code and formulas."""
    return re.sub(r"```.*?```|`[^`]*`|\$\$.*?\$\$|\$[^$]*\$", "", prose, flags=re.DOTALL)


# Stored outputs ----------------------------------------------------------------------------------


def test_every_code_cell_was_executed_in_order(code):
    # A cell that was never executed has nothing to compare, and passes strict nbval.
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_no_output_is_an_error_or_a_warning(code):
    for cell in code:
        for output in cell.outputs:
            assert output.output_type != "error"
            assert output.get("name") != "stderr"


def test_no_cell_is_skipped_or_compared_loosely(code):
    for cell in code:
        tags = set(cell.metadata.get("tags", []))
        assert not tags & {"nbval-skip", "skip-execution", "nbval-check-output"}
        if "nbval-ignore-output" in tags:  # then the cell itself must hold what it shows
            assert "assert " in cell.source


def test_every_picture_is_svg_which_nbval_compares(code):
    for cell in code:
        for output in cell.outputs:
            kinds = {kind for kind in output.get("data", {}) if kind.startswith("image/")}
            assert kinds <= {"image/svg+xml"}


def test_every_picture_says_in_words_what_is_to_be_seen(code):
    for cell in code:
        if any("image/svg+xml" in output.get("data", {}) for output in cell.outputs):
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            assert len(alt.split()) >= 10, f"no alt text: {cell.source}"


def test_a_caption_is_a_sentence_under_a_picture_or_a_table(code):
    for cell in code:
        caption = cell.metadata.get("mystnb", {}).get("figure", {}).get("caption")
        if caption is not None:
            kinds = [kind for output in cell.outputs for kind in output.get("data", {})]
            assert {"image/svg+xml", "text/html"} & set(kinds), cell.source
            assert caption.endswith((".", "?", ".)")), caption


def test_no_output_names_a_place_or_a_moment(code):
    assert not re.search(r"/tmp|/home|/root|/Users|0x[0-9a-f]{6}|20\d\d-\d\d-\d\d", printed(code))


def test_what_is_stored_is_normalized(path):
    text = path.read_text(encoding="utf-8")
    notebook = execute.normalized(nbformat.reads(text, as_version=4))
    nbformat.validate(notebook)
    assert nbformat.writes(notebook) + "\n" == text


# Exercises ---------------------------------------------------------------------------------------


def test_every_exercise_is_unwritten_then_checked_then_solved(code):
    tags = [set(cell.metadata.get("tags", [])) for cell in code]
    for i, tag in enumerate(tags):
        if "exercise" in tag:
            assert "raise NotImplementedError" in code[i].source
            assert code[i + 1].source.startswith("check.")
            assert verdict(code[i + 1]) == "not written yet"
            assert {"solution", "hide-cell"} <= tags[i + 2]
            assert re.fullmatch(r"right( \(\d+ inputs tried\))?", verdict(code[i + 2]))
        if "solution" in tag:
            assert "exercise" in tags[i - 2]


def test_what_is_folded_says_what_it_is(code):
    for cell in code:
        tags = set(cell.metadata.get("tags", []))
        if tags & {"hide-input", "hide-cell", "hide-output"} and "remove-input" not in tags:
            assert cell.metadata["mystnb"].get("code_prompt_show"), cell.source


def test_an_answer_is_folded_under_its_own_words(code):
    for cell in code:
        tags = set(cell.metadata.get("tags", []))
        if "answer" in tags:
            assert tags & {"hide-output", "hide-cell"}, cell.source
            assert "answer" in cell.metadata["mystnb"]["code_prompt_show"]
            assert "answer" in cell.metadata["mystnb"]["code_prompt_hide"]


# Prose -------------------------------------------------------------------------------------------


def test_every_number_of_three_decimals_in_prose_is_printed_by_a_cell(code, prose):
    shown = printed(code) + "\n".join(cell.source for cell in code)
    without_links = re.sub(r"\]\([^)]*\)", "", prose)
    for number in re.findall(r"(?<![\d.])\d+\.\d{3,}(?![\d.])", without_links):
        assert number in shown, f"{number} is printed nowhere"


def test_formulas_are_numbered_once_and_every_reference_has_its_formula(prose):
    tags = re.findall(r"\\tag\{(.*?)\}", prose)
    assert tags == [str(i + 1) for i in range(len(tags))]
    references = re.findall(r"(?<![\w`(])\((\d+)\)", without_code(prose))
    assert set(references) <= set(tags)


def test_there_is_no_myst_role_or_directive(prose):
    # Colab and GitHub would show them as they are written.
    assert not re.search(r"\{[a-z][a-z:-]*\}`|^ *(```|:::)+ *\{", prose, re.MULTILINE)
    assert not re.search(r"^\(.+\)=\s*$", prose, re.MULTILINE)


def test_there_is_one_title_and_it_comes_first(notebook, prose):
    assert notebook.cells[0].source.startswith("# ")
    assert len(re.findall(r"^# ", prose, re.MULTILINE)) == 1


def test_links_are_to_chapters_that_exist_or_to_the_web_by_https(path, prose):
    for target in re.findall(r"\]\(([^)\s]+)\)", without_code(prose)):
        if "://" in target:
            assert target.startswith("https://")
        else:
            assert (path.parent / target.split("#")[0]).exists(), target


def test_html_in_prose_is_closed_and_is_only_boxes(prose):
    assert set(re.findall(r"<([a-z]+)", without_code(prose))) <= {"div", "p", "strong"}
    for tag in ("div", "p"):
        assert prose.count(f"<{tag} ") + prose.count(f"<{tag}>") == prose.count(f"</{tag}>")


# The same in every chapter -----------------------------------------------------------------------


def test_the_first_code_cell_is_the_colab_cell(code):
    assert code[0].source == address.colab_cell(address.current())
    assert {"colab", "hide-input"} <= set(code[0].metadata["tags"])


@pytest.mark.parametrize("marker", ["google.colab", "%pip", "pip install"])
def test_no_other_cell_installs_anything(code, marker):
    assert not any(marker in cell.source for cell in code[1:])


def test_the_table_of_contents_names_every_page_once():
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    listed = [toc["root"]] + [c["file"] for part in toc["parts"] for c in part["chapters"]]
    paths = [*(ROOT / "book").rglob("*.ipynb"), *(ROOT / "book").rglob("*.md")]
    there = [str(path.relative_to(ROOT).with_suffix("")) for path in paths]
    assert sorted(listed) == sorted(there)
