"""What a sheet asks for, and everything that is wrong with it, said before anybody is graded."""

import ast
import importlib
import importlib.util
from dataclasses import replace

from lnlearn import check
from lnlearn.check.sheet import (
    OPTIONS,
    Task,
    calls,
    code_cells,
    names_of_modules,
    parsed,
    suggestion,
)

NO_CHECK = (
    "{} holds no check of an exercise. A check is a call such as check.layer_norm(my_layer_norm)."
)


def read_tasks(path, known, points=None):
    """The exercises of a sheet, the notebook that was handed out.

    Parameters
    ----------
    path : path of an .ipynb file
    known : dict of str to Checker
        `lnlearn.check.sheet.checkers`.
    points : dict of str to float, optional
        What an exercise is worth. Left out: what the metadata of its check cell tell nbgrader, or
        else 1.

    Raises
    ------
    ValueError
        Names every cell that would fail all students alike, and how to mend it.
    """
    cells = code_cells(path)
    bound = names_of_modules(cells)
    literals = _literals(cells)
    found, wrong = [], [*_not_installed(bound), *_defined_here(cells)]
    for cell in cells:
        if parsed(cell.source) is None:
            wrong.append(f"{cell} is not Python")
        for call in calls(cell.source, bound):
            if call.path in known or _is_missing(call.path) or _is_foreign(call.path, known):
                task, problems = _task(call, cell, known, literals)
                wrong += [f"{cell}: {problem}" for problem in problems]
                found.append(task)
    tasks = {task.key: task for task in found if task}
    for task in found:
        if task and task.options != tasks[task.key].options:
            wrong.append(
                f"code cells {task.cell} and {tasks[task.key].cell} check {task.function} with "
                f"different options. Give one of the functions another name"
            )
    if unused := set(points or {}) - {task.exercise for task in tasks.values()}:
        wrong.append(f"points are given to {', '.join(sorted(unused))}, which it does not ask")
    if wrong:
        lines = "\n".join(f"  {problem}." for problem in dict.fromkeys(wrong))
        raise ValueError(f"{path} cannot be graded as it is:\n{lines}")
    if not tasks:
        raise ValueError(NO_CHECK.format(path))
    return [_worth(task, points or {}) for task in tasks.values()]


def tasks_of_a_submission(path, known):
    """The exercises that a submission itself checks. Nothing of it is imported here."""
    cells = code_cells(path)
    bound, literals = names_of_modules(cells), _literals(cells)
    found = {}
    for cell in cells:
        for call in calls(cell.source, bound):
            if call.function and (call.path in known or _is_missing(call.path)):
                options = {k.arg: _literal(k.value, literals) for k in call.node.keywords}
                options = {name: value for name, value in options.items() if value is not None}
                name = known[call.path].name if call.path in known else call.path.split(".")[-1]
                found[name, call.function] = Task(name, call.function, options, cell.number)
    if not found:
        raise ValueError(NO_CHECK.format(path))
    return list(found.values())


def _task(call, cell, known, literals):
    """The task of a call, and the problems with it."""
    if call.path not in known:
        module, _, name = call.path.rpartition(".")
        if module == "lnlearn.check":
            return None, [f"there is no exercise called {name}.{suggestion(call.path, known)}"]
        return None, [f"{name} is a Checker of {module}. Grade with --exercises {module}"]
    checker, problems, options = known[call.path], [], {}
    if not call.function or len(call.node.args) != 1:
        problems.append(
            f"{ast.unparse(call.node)[:80]} does not check a function by its name. Write it as "
            f"{checker.name}(NAME), or move it into a function if it is a demonstration"
        )
    for keyword in call.node.keywords:
        value = _literal(keyword.value, literals)
        if keyword.arg not in OPTIONS:
            problems.append(
                f"{keyword.arg}= is no option of a check; the options are {', '.join(OPTIONS)}"
            )
        elif value is None:
            problems.append(f"{keyword.arg}={ast.unparse(keyword.value)}: write out its value here")
        else:
            options[keyword.arg] = value
    try:
        checker = checker.for_cohort(options.get("cohort"))
    except (TypeError, ValueError) as error:
        problems.append(str(error).rstrip("."))
    inputs = [probe.name for probe in checker.probes]
    without = options.get("without", ())
    if not isinstance(without, list | tuple | set) or set(without) - set(inputs):
        problems.append(
            f"without={without!r} names no input of {checker.name}; its inputs are {inputs}"
        )
    elif "without" in options:
        options["without"] = sorted(without)
        if set(without) >= set(inputs):
            problems.append("without= leaves no input")
    seconds = options.get("seconds", 1)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or seconds <= 0:
        problems.append(f"seconds={seconds!r} needs to be a positive number")
    problems += _of_the_formula(checker)
    points = (cell.metadata.get("nbgrader") or {}).get("points", 1)
    return Task(checker.name, call.function, options, cell.number, float(points)), problems


def _worth(task, points):
    return replace(task, points=points.get(task.exercise, task.points))


def _of_the_formula(checker):
    """Whether the checker has no expected result: it would fail in every submission."""
    for probe in checker.probes:
        try:
            checker.expected(probe)
        except Exception as error:
            yield f"its formula fails for {probe.name}: {type(error).__name__}: {error}"


def _literals(cells):
    """The names that cells give to values which stand there: ``leave_out = ["float16"]``."""
    found = {}
    for node in (n for cell in cells for n in getattr(parsed(cell.source), "body", ())):
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                found[name] = _literal(value, {}) if name not in found else None
    return found


def _literal(node, literals):
    """The value of an expression that can be read without running anything; else None."""
    if isinstance(node, ast.Name):
        return literals.get(node.id)
    try:
        return ast.literal_eval(node)
    except (ValueError, TypeError):
        return None


def _is_missing(path):
    """Whether this is a call of a checker that does not exist."""
    module, _, name = path.rpartition(".")
    return module == "lnlearn.check" and not hasattr(check, name)


def _is_foreign(path, known):
    """Whether this is a checker of a module that was not named. The sheet's modules are trusted."""
    module, _, name = path.rpartition(".")
    if not module or module.partition(".")[0] == "lnlearn":
        return False
    try:
        value = getattr(importlib.import_module(module), name, None)
    except Exception:
        return False
    return isinstance(value, check.Checker) and value not in known.values()


def _defined_here(cells):
    """Checkers that the sheet itself defines and uses: they would be graded in no submission."""
    trees = [(cell, node) for cell in cells for node in ast.walk(parsed(cell.source) or ast.Pass())]
    defined = set()
    for _, node in trees:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=ast.Call(func=func)):
                if ast.unparse(func).rpartition(".")[2] == "Checker":
                    defined.add(name)
    for cell, node in trees:
        match node:
            case ast.Call(func=ast.Name(id=name), args=[ast.Name()]) if name in defined:
                yield (
                    f"{cell}: the sheet itself defines the exercise {name}, with its answer. Move "
                    f"it into a file my_course.py, import it from there, and grade with "
                    f"--exercises my_course"
                )


def _not_installed(bound):
    for root in sorted({path.partition(".")[0] for path in bound.values()}):
        if importlib.util.find_spec(root) is None:
            yield (
                f"it imports {root}, which is not installed here: every submission would fail. "
                f"Install it, or start where it can be imported"
            )
