"""Read a notebook: its code cells, and the exercises that its check cells ask for.

A check cell calls a checker with the name of a function: ``check.layer_norm(my_layer_norm)``. It is
found however the checker is called: by its full name, by a name that was imported, below a magic.
"""

import ast
import difflib
import importlib
import json
from dataclasses import dataclass, field
from pathlib import Path

from lnlearn import check

OPTIONS = ("without", "seconds", "cohort")
NOT_GRADED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While)


@dataclass(frozen=True)
class Cell:
    """A code cell."""

    number: int  # among the code cells of the notebook, from 1
    source: str
    metadata: dict

    def __str__(self):
        first = next((line for line in self.source.splitlines() if line.strip()), "")
        return f"code cell {self.number} ({first.strip()[:60]})"


@dataclass(frozen=True)
class Task:
    """One exercise of a sheet."""

    exercise: str  # the checker's name
    function: str  # the name of what is checked
    options: dict = field(default_factory=dict)
    cell: int = 0
    points: float = 1.0

    @property
    def key(self):
        """What a check cell of a submission has in common with the sheet's."""
        return self.exercise, self.function


@dataclass(frozen=True)
class Call:
    """What a check cell says, before it is known to be right."""

    path: str  # such as lnlearn.check.layer_norm
    node: ast.Call

    @property
    def function(self):
        """The name of what is checked; "" if it has none."""
        first = self.node.args[0] if self.node.args else None
        return first.id if isinstance(first, ast.Name) else ""


def code_cells(path):
    """The code cells of a notebook, without its solutions.

    Raises
    ------
    ValueError
        The file cannot be read, or is no notebook.
    """
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
        code = [
            Cell(number, "".join(cell["source"]), dict(cell.get("metadata") or {}))
            for number, cell in enumerate((c for c in cells if c["cell_type"] == "code"), 1)
        ]
        return [cell for cell in code if "solution" not in cell.metadata.get("tags", [])]
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {error.strerror}.") from None
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise ValueError(f"{path} is not a notebook. Pass the path of an .ipynb file.") from None


def checkers(modules=()):
    """Every checker that can be graded, by its full name.

    Parameters
    ----------
    modules : sequence of str
        Modules with exercises of one's own. A module's checkers are the `Checker` objects in it.
    """
    found = {f"lnlearn.check.{name}": checker for name, checker in check._CHECKERS.items()}
    names = set(check._CHECKERS)
    for module in modules:
        try:
            values = vars(importlib.import_module(module))
        except ImportError as error:
            raise ValueError(
                f"--exercises {module} cannot be imported: {error}. Start where {module}.py lies, "
                f"or add its folder to PYTHONPATH."
            ) from None
        own = {n: v for n, v in values.items() if isinstance(v, check.Checker)}
        own = {n: v for n, v in own.items() if v not in found.values()}
        if not own:
            raise ValueError(f"--exercises {module} holds no Checker.")
        for checker in set(own.values()):
            if checker.name in names:
                raise ValueError(
                    f"--exercises {module}: another exercise is called {checker.name!r} already. "
                    f"Give the Checker another name."
                )
            names.add(checker.name)
        found |= {f"{module}.{name}": checker for name, checker in own.items()}
    return found


def parsed(source):
    """The syntax tree of a cell; the magics in it are ignored. None where it is no Python."""
    from IPython.core.inputtransformer2 import TransformerManager

    if source.lstrip().startswith("%%"):
        source = source.lstrip().partition("\n")[2]
    try:
        return ast.parse(TransformerManager().transform_cell(source))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def names_of_modules(cells):
    """What the imports of the cells bind: the name in the notebook, and what it stands for."""
    bound = {"check": "lnlearn.check"}
    for node in (node for cell in cells for node in ast.walk(parsed(cell.source) or ast.Pass())):
        match node:
            case ast.Import(names=names):
                for name in names:
                    first = name.name.partition(".")[0]
                    bound[name.asname or first] = name.name if name.asname else first
            case ast.ImportFrom(module=str(module), names=names, level=0):
                bound |= {n.asname or n.name: f"{module}.{n.name}" for n in names}
    return bound


def calls(source, bound):
    """The calls in a cell that are made once each, and so may be checks, in their order."""
    waiting, found = [parsed(source)], []
    while waiting:
        node = waiting.pop(0)
        if node is None or isinstance(node, NOT_GRADED):
            continue
        if isinstance(node, ast.Call) and (path := _path(node.func, bound)):
            found.append(Call(path, node))
        waiting = [*ast.iter_child_nodes(node), *waiting]
    return found


def _path(node, bound):
    """The full name of what is called; "" if it was not imported."""
    names = []
    while isinstance(node, ast.Attribute):
        names, node = [node.attr, *names], node.value
    if isinstance(node, ast.Name) and node.id in bound:
        return ".".join([bound[node.id], *names])
    return ""


def keys(source, bound, known):
    """The tasks that a cell of a submission checks, and whether it does nothing else."""
    tree = parsed(source)
    found = [(known[c.path].name, c.function) for c in calls(source, bound) if c.path in known]
    only = tree is not None and all(
        isinstance(statement, ast.Import | ast.ImportFrom)
        or (
            isinstance(statement, ast.Expr)
            and isinstance(statement.value, ast.Call)
            and _path(statement.value.func, bound) in known
        )
        for statement in tree.body
    )
    return found, only and bool(found)


def suggestion(path, known):
    """How an exercise is called that is not there."""
    near = difflib.get_close_matches(path, known, 1)
    return f" Did you mean {near[0]}?" if near else ""
