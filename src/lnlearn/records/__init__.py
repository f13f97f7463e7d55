"""What the book found: published claims that it re-ran, and questions that it answers.

Each chapter has a file here, ``<chapter>.toml``, with two kinds of tables::

    [[claim]]
    id = "table-1-of-layer-norm"
    source = "Ba, Kiros and Hinton 2016, Table 1"
    url = "https://arxiv.org/abs/1607.06450"
    says = "What the source claims, in a sentence or two."
    setting = "What was run here."
    seeds = 1  # how many; 0 where nothing is drawn at random
    scale = "64 cases of 20 features, float64"
    outcome = "holds"  # or another of OUTCOMES
    saw = "What came out, with its numbers."
    date = 2026-11-27

    [[question]]
    id = "biased-or-unbiased"
    asked = "Does layer norm use the biased variance?"
    answer = "Yes: it divides by D. The reason, in a sentence."
    where = "by_hand#which-standard-deviation"  # as in Markdown; or "by_hand"

An id is written once in the whole folder. Texts are plain, with `code` between backticks and
formulas in plain characters: σ², √D. The chapter's own cell computes the outcome and hands it to
`claim` or `question`, which raise if it is not the recorded one. The page *reproductions* prints
`claims`. The page *questions* has each question's `section` and a few lines of code that show its
answer; a test compares. So what stands there is what a cell found.
"""

from lnlearn.records.reading import OUTCOMES, claims, questions

__all__ = ["OUTCOMES", "claim", "claims", "question", "questions"]


def claim(id, holds):
    """Return a recorded claim if its recorded outcome is the one just computed.

    Parameters
    ----------
    id : str
        Of a claim in one of the files of this folder.
    holds : bool or str
        What the cell found: true for "holds", false for "does not hold", or one of `OUTCOMES`.

    Returns
    -------
    Claim
        Shown beside the cell: what the source says, what was run and what came out.

    Raises
    ------
    AssertionError
        If the record has another outcome.
    KeyError
        If no file has a claim with this id.
    TypeError, ValueError
        If `holds` is neither a bool nor one of the words.
    """
    return _agreeing("claim", claims(), id, _outcome(holds))


def question(id, holds):
    """Return a recorded question if the cell has just found that its answer is right.

    Parameters
    ----------
    id : str
        Of a question in one of the files of this folder.
    holds : bool
        Whether what the answer says is what the cell found.

    Returns
    -------
    Question
        Shown beside the cell: what is asked, the answer, and where the book shows it.

    Raises
    ------
    AssertionError
        If the answer does not hold.
    KeyError
        If no file has a question with this id.
    TypeError
        If `holds` is not a bool.
    """
    if isinstance(holds, str):
        raise TypeError(f"holds must be True or False for a question, not {holds!r}.")
    return _agreeing("question", questions(), id, _outcome(holds))


def _agreeing(kind, recorded, id, computed):
    entry = next((entry for entry in recorded if entry.id == id), None)
    if entry is None:
        known = ", ".join(entry.id for entry in recorded)
        raise KeyError(f"no {kind} has the id {id!r}. Those recorded are: {known}.")
    if entry.outcome != computed:
        raise AssertionError(
            f"{kind} {id!r} is recorded with {entry.outcome!r}, but the cell computed "
            f"{computed!r}. Either the code has changed, or {entry.chapter}.toml is wrong."
        )
    return entry


def _outcome(holds):
    """The word for what a cell found. NumPy's and PyTorch's truth values are taken as well."""
    if isinstance(holds, str):
        if holds not in OUTCOMES:
            raise ValueError(f"holds is {holds!r}; the outcomes are: {', '.join(OUTCOMES)}.")
        return holds
    if isinstance(holds, (int, float)) and not isinstance(holds, bool):
        raise TypeError(f"holds must be a bool or one of {OUTCOMES}, not {holds!r}.")
    return "holds" if bool(holds) else "does not hold"
