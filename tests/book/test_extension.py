"""The pieces that make the pages, one at a time."""

import json
import re
from types import SimpleNamespace
from xml.etree import ElementTree

import pytest
from docutils import nodes

import book_site
import formulas
import pages
import pictures
import sources
from lnlearn import figures


def mathml(latex, display="inline"):
    return formulas.converted({(latex, display)})[latex, display]


def paragraph(*children):
    """A document with one paragraph of texts and nodes."""
    document = nodes.document(None, None)
    document += nodes.paragraph(
        "", "", *[nodes.Text(c) if isinstance(c, str) else c for c in children]
    )
    return document


def html(doctree):
    return "".join(
        node.astext()
        for node in doctree.findall()
        if isinstance(node, (nodes.Text, nodes.raw)) and not isinstance(node.parent, nodes.raw)
    )


# Formulas -----------------------------------------------------------------------------------------


def test_each_formula_gets_its_own_mathml():
    asked = {("x^2", "inline"), ("x^2", "block"), (r"\frac{1}{s}", "block")}
    done = formulas.converted(asked)
    assert set(done) == asked
    assert "<mfrac>" in done[r"\frac{1}{s}", "block"]
    assert 'display="inline"' in done["x^2", "inline"]


def test_a_formula_that_pandoc_cannot_read_stops_the_build():
    with pytest.raises(ValueError, match=r"pandoc cannot read a formula.*\\frac"):
        formulas.converted({(r"\frac{1", "inline")})


def test_a_prefix_minus_is_no_operator_and_a_binary_one_is():
    assert "<mi>−</mi>" in mathml(r"-\frac{a}{b}")
    assert "<mo>−</mo>" in mathml("a - b")


def test_a_nabla_is_upright():
    assert '<mi mathvariant="normal">∇</mi>' in mathml(r"\nabla L")


def test_a_function_s_name_stands_apart_from_a_factor_and_close_to_its_bracket():
    assert '<mspace width="0.167em" /><mrow><mi mathvariant="normal">mean' in mathml(
        r"x \operatorname{mean}(g)"
    )
    assert mathml(r"\operatorname{sign}(a)\operatorname{mean}(g)").count("mspace") == 1
    assert "mspace" not in mathml(r"(\operatorname{mean}(g))")
    assert "mspace" not in mathml(r"\operatorname{mean}(g)")
    assert "mspace" not in mathml(r"a = \operatorname{mean}(g)")


def test_operators_in_limits_are_tight():
    tree = ElementTree.fromstring(mathml(r"\sum_{i=1}^D x = y", "block"))
    equals = [mo for mo in tree.iter("mo") if mo.text == "="]
    assert [mo.get("lspace") for mo in equals] == ["0", None]


def test_a_hat_is_a_small_one_over_the_letter():
    accent = ElementTree.fromstring(mathml(r"\hat x")).find(".//mover")
    assert accent.get("accent") == "true"
    assert (accent[1].text, accent[1].get("stretchy")) == ("ˆ", "false")


def test_a_letter_s_tail_does_not_lower_its_subscript():
    assert '<mpadded depth="0"><mi>y</mi></mpadded>' in mathml("y_i")
    assert "mpadded" not in mathml("x_i")


def test_a_long_formula_in_the_text_can_be_broken_after_a_relation():
    done = mathml(r"dx = (g - \operatorname{mean}(g) - \hat x \operatorname{mean}(g\hat x))/s")
    assert re.search(r"<mo>=</mo></mrow></math><wbr><math", done)
    assert "<wbr>" not in mathml("a = b")


def test_punctuation_stays_on_the_line_of_its_formula():
    page = paragraph("Here (", nodes.math("", "s"), "), and ", nodes.math("", "t"), " again")
    formulas.to_mathml(page, {("s", "inline"): "<S>", ("t", "inline"): "<T>"})
    assert html(page) == 'Here <span class="together">(<S>),</span> and <T> again'


def test_a_number_is_a_link_only_where_the_page_has_that_formula():
    page = paragraph("By (1) and (2), f(1) and ", nodes.literal("", "(1)"))
    page += nodes.math_block("", r"a = b \tag{1}")
    formulas.to_mathml(page, {("a = b", "block"): "<A>"})
    assert html(page).startswith(
        'By <a class="eqref" href="#eq-1">(1)</a> and (2), f(1) and (1)'
        '<div class="formula" id="eq-1"><A><span class="eqno">(1)</span></div>'
    )


def test_no_line_ends_within_a_number_or_before_its_percent_sign():
    page = paragraph("At 90 % of 131 072 rows, 10 times, ", nodes.literal("", "7 % 100"))
    book_site.keep_numbers_whole(page)
    space = "\N{NO-BREAK SPACE}"
    assert html(page) == f"At 90{space}% of 131{space}072 rows, 10 times, 7 % 100"
    assert book_site.lighter("<td>5.8 %</td> 7 % 3") == "<td>5.8&nbsp;%</td> 7 % 3"
    cells = figures.table(["eps", "a long heading"], [["1e-05", "two words"]])._repr_html_()
    assert re.findall("nowrap[^>]*>([^<]*)", book_site.lighter(cells)) == ["eps", "1e-05"]


# Figures ------------------------------------------------------------------------------------------


def test_an_inlined_figure_has_ids_of_its_own_words_and_the_theme_s_colours():
    svg = (
        '<?xml version="1.0"?><svg xmlns:xlink="x"><metadata>2026</metadata><g id="unused">'
        '<path id="m1" style="fill: #0072b2"/><use xlink:href="#m1"/></g></svg>'
    )
    assert pictures.inline_figure(svg, 'says "so"', "f2-") == (
        '<svg class="figure" role="img" aria-label="says &quot;so&quot;" xmlns:xlink="x">'
        '<path id="f2-m1" style="fill: var(--figure-blue)"/><use href="#f2-m1"/></svg>'
    )


def test_a_power_of_ten_is_one_word_in_the_middle_of_its_tick_or_beside_it():
    signs = [(0, -1, 10, "1"), (6, -1, 10, "0"), (13, -5, 7, "−"), (19, -5, 7, "8")]
    spans = "".join(
        f'<tspan x="{x}" y="{y}" style="font-size: {size}px; fill: #1f2328">{sign}</tspan>'
        for x, y, size, sign in signs
    )
    tick = (
        '<g id="{}tick_1"><g><use/></g>'
        '<g style="s" transform="translate(40 90)"><text>{}</text></g></g>'
    )
    power = '<tspan font-size="7px" dy="-4.00">−8</tspan></text></g>'
    before, below = pictures.powers_of_ten(tick.format("x", spans)).split("<text ")
    assert before == '<g id="xtick_1"><g><use/></g>'
    assert below == f'style="s" x="51.74" y="89.00" text-anchor="middle" font-size="10px">10{power}'
    beside = pictures.powers_of_ten(tick.format("y", spans))
    assert f'x="63.48" y="89.00" text-anchor="end" font-size="10px">10{power}' in beside
    plain = '<g id="xtick_1"><g><text>5</text></g></g>'
    assert pictures.powers_of_ten(plain) == plain


def test_groups_that_say_nothing_are_taken_away_and_others_stay():
    svg = '<g><g clip-path="c"><g><a/></g><g/></g><b/><g transform="t"><c/></g></g>'
    left = '<g clip-path="c"><a/></g><b/><g transform="t"><c/></g>'
    assert pictures.without_bare_groups(svg) == left


def test_what_stands_below_a_figure_in_jupyter_is_not_on_the_site():
    app = SimpleNamespace(env=SimpleNamespace(doc2path=lambda name: f"{name}.ipynb"))
    cells = [
        {"metadata": {"tags": tags}} for tags in (["words"], ["solution"], ["words", "solution"])
    ]
    source = [json.dumps({"cells": cells})]
    book_site.leave_out_words(app, "a", source)
    assert json.loads(source[0])["cells"] == [{"metadata": {"tags": ["solution"]}}]


# Pages and sources --------------------------------------------------------------------------------


def test_a_description_is_sentences_enough_and_not_a_word_more():
    first = (
        "What is it? A sentence says it in words that fit on a line, or nearly so, and stops there."
    )
    more = (
        "Another one, which is so long that no search engine would show it to anyone at all, ever."
    )
    assert pages.description(paragraph(f"{first} {more}")) == first


def test_the_sitemap_names_every_page_under_the_book_s_address():
    tree = ElementTree.fromstring(pages.sitemap(["book/a", "book/b"], "https://x.github.io/y/"))
    assert [loc.text for loc in tree.findall(".//{*}loc")] == [
        "https://x.github.io/y/book/a.html",
        "https://x.github.io/y/book/b.html",
    ]


@pytest.mark.parametrize(
    ("link", "address"),
    [
        ("https://arxiv.org/pdf/1607.06450v1.pdf", "https://arxiv.org/abs/1607.06450"),
        ("https://www.arxiv.org/abs/1607.06450#section", "https://arxiv.org/abs/1607.06450"),
        ("https://keras.io/api/", "https://keras.io/api"),
        ("https://a.org/b?id=3#c", "https://a.org/b?id=3"),
    ],
)
def test_one_source_has_one_address(link, address):
    assert sources.address_of(link) == address


def test_a_source_is_listed_once_with_its_longest_text_and_all_chapters_that_link_to_it():
    def links(*pairs):
        return paragraph(*[nodes.reference("", text, refuri=uri) for text, uri in pairs])

    paper, code = "https://arxiv.org/abs/1607.06450", "https://github.com/a/b"
    found = sources.collect(
        {
            "book/a": links(("Ba", f"{paper}v1"), ("the code", code)),
            "book/b": links(("Ba and others, Layer Normalization, 2016", paper)),
            "book/c": links(("not of a chapter", "https://x.org")),
        },
        {
            "book/a": pages.Page("book/a", "A", number=1),
            "book/b": pages.Page("book/b", "B", number=2),
            "book/c": pages.Page("book/c", "C"),
        },
    )
    listed = sources.bibliography(found)
    assert re.findall(r'<a href="([^"]+)">([^<]+)</a>', listed) == [
        (paper, "Ba and others, Layer Normalization, 2016"),
        ("a.html", "A"),
        ("b.html", "B"),
        (code, "github.com/a/b"),
        ("a.html", "A"),
    ]


def test_with_an_address_a_page_links_to_its_notebook_there():
    config = SimpleNamespace(
        html_baseurl="",
        html_theme_options={
            "repository_url": "https://github.com/You/book",
            "repository_branch": "main",
        },
    )
    book_site.use_the_address(None, config)
    assert config.html_baseurl == "https://you.github.io/book/"
    links = book_site.links_of(config, "book/axes")
    assert (
        links["Colab"]
        == "https://colab.research.google.com/github/You/book/blob/main/book/axes.ipynb"
    )
    assert links["GitHub"] == "https://github.com/You/book/blob/main/book/axes.ipynb"
