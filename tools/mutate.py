"""Plant faults in the package, one at a time, and count how many the tests catch.

    python tools/mutate.py                               every fault in every file
    python tools/mutate.py scratch/moments.py nn.py      in some files
    python tools/mutate.py --sample 100                  a random hundred
    python tools/mutate.py --book --sample 60            which ones the notebooks alone catch

Each fault is a small change of the code: another operator, constant or comparison, a condition
turned round, a statement or an argument left out; texts are left alone. The tests of the file run
on a copy of the package with the fault in it; faults that no test notices are listed at the end.
With --book, faults are planted in what the notebooks run, when they import and when they call: in
the code of modules outside of functions, and in functions that are called at least once.
"""

import argparse
import ast
import copy
import importlib
import multiprocessing
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "src" / "lnlearn"
# The kernels' tests: in Triton's interpreter, and of what they are compiled to.
KERNELS = ["-m", "not gpu", "tests/accelerated/test_triton.py"]
COMPILED = ["-m", "not slow", "tests/accelerated/test_compiled.py"]
INTERPRETED = {"LNLEARN_BACKEND": "triton", "TRITON_INTERPRET": "1"}


def tests_of(name):
    """What pytest runs for a source file, such as ``scratch/moments.py``: found by the file's name.

    These are the test and the chapter that are called like it, and the examples in its docstrings.
    Where none is called like it, they are all tests of its folder. Those of a file of exercises are
    their contract and the page that lists their inputs.
    """
    path, source = Path(name), (PACKAGE / name).read_text(encoding="utf-8")
    stem, folder = path.stem.strip("_"), ROOT / "tests" / path.parent
    if path.parent.name == "exercises":
        names = [f"{name}-" for name in re.findall(r'name="(\w+)"', source)]
        found = ["tests/check/test_contract.py", "book/exercises.ipynb"]
        own = ROOT / "tests" / "check" / f"test_{stem}.py"
        found += [str(own)] if own.exists() else []
        return ["-k", " or ".join(["exercises", own.stem, *names]), *found]
    called = [folder / f"test_{stem}.py", folder.parent / f"test_{stem}.py"]
    if path.parent.name == "triton" and not any(test.exists() for test in called):
        return KERNELS
    called.append(ROOT / "book" / f"{stem}.ipynb")
    if name == "__init__.py":
        called = [ROOT / "tests" / "test_lnlearn.py"]
    found = [str(test) for test in called if test.exists()]
    if not found:
        found = [str(next(place for place in (folder, *folder.parents) if place.exists()))]
    examples = [f"src/lnlearn/{name}"] if ">>>" in source else []
    # A suite is run by its test in processes of its own, for minutes.
    return ["-k", "not suite", *found, *examples]


# What most tests import and what is slow to import: before the processes part, not in each of them.
LOADED_ONCE = ["hypothesis.extra.numpy", "matplotlib.figure", "nbval.plugin", "torch._dynamo"]
OTHER = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd,
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.And: ast.Or, ast.Or: ast.And,
}  # fmt: skip


def changes(node):
    """Each small change of one node, as (words, function that makes it on the node)."""
    if isinstance(node, (ast.BinOp, ast.AugAssign, ast.BoolOp)) and type(node.op) in OTHER:
        new = OTHER[type(node.op)]
        yield f"{type(node.op).__name__} to {new.__name__}", lambda n: setattr(n, "op", new())
    if isinstance(node, ast.Compare):
        for i, op in enumerate(node.ops):
            new = OTHER[type(op)]
            yield (
                f"{type(op).__name__} to {new.__name__}",
                lambda n, i=i, new=new: n.ops.__setitem__(i, new()),
            )
    if isinstance(node, ast.Constant) and type(node.value) in (int, float, bool):
        value = node.value
        new = (
            not value if type(value) is bool else value + 1 if type(value) is int else value * 2 + 1
        )
        yield f"{value} to {new}", lambda n: setattr(n, "value", new)
    if isinstance(node, (ast.If, ast.IfExp, ast.While)):
        yield (
            "condition turned round",
            lambda n: setattr(n, "test", ast.UnaryOp(ast.Not(), n.test)),
        )
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield f"no {type(node.op).__name__}", lambda n: setattr(n, "op", ast.UAdd())
    if isinstance(node, ast.Call) and node.keywords:
        for i, keyword in enumerate(node.keywords):
            if keyword.arg and keyword.arg not in ("strict", "help", "metavar"):
                yield f"without {keyword.arg}=", lambda n, i=i: n.keywords.pop(i)
    if hasattr(node, "body") and isinstance(node.body, list):
        for i, statement in enumerate(node.body):
            if isinstance(statement, (ast.AugAssign, ast.Raise)) or (
                isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call)
            ):
                yield (
                    f"left out: {ast.unparse(statement).splitlines()[0][:60]}",
                    lambda n, i=i: n.body.__setitem__(i, ast.Pass()),
                )


def faults(path):
    """Every fault of a file, as (line, words, source with the fault)."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    silent = set()  # error texts: what they say is tested where it matters, not letter by letter
    for node in ast.walk(tree):
        if isinstance(node, (ast.JoinedStr, ast.arg)):
            silent |= {id(child) for child in ast.walk(node)}
        if isinstance(node, ast.keyword) and node.arg == "strict":
            silent.add(id(node.value))  # of zip: it changes nothing where lengths are equal
        if isinstance(node, ast.AnnAssign):
            silent |= {id(child) for child in ast.walk(node.annotation)}
        if isinstance(node, ast.FunctionDef) and node.returns:
            silent |= {id(child) for child in ast.walk(node.returns)}
    for index, node in enumerate(ast.walk(tree)):
        if id(node) in silent:
            continue
        for number, (words, _) in enumerate(changes(node)):
            mutant = copy.deepcopy(tree)
            twin = next(n for i, n in enumerate(ast.walk(mutant)) if i == index)
            list(changes(twin))[number][1](twin)
            source = ast.unparse(ast.fix_missing_locations(mutant))
            yield getattr(node, "lineno", 0), words, source


def caught(job):
    """Run the tests of a file on a package with the fault.

    Return the fault, whether they noticed it within `limit` seconds or ran longer, and how long
    they took.
    """
    name, line, words, source, limit, by_book = job
    started = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(PACKAGE, Path(folder, "lnlearn"))
        Path(folder, "lnlearn", name).write_text(source, encoding="utf-8")
        child = os.fork()
        if child == 0:
            os.setpgrp()
            os._exit(run_tests(name, folder, by_book))
        status = ended(child, limit)
    return name, line, words, status != 0, time.monotonic() - started


def ended(child, seconds):
    """Wait for a process; end it, and what it started, when `seconds` are over."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        process, status = os.waitpid(child, os.WNOHANG)
        if process:
            return status
        time.sleep(0.02)
    os.killpg(child, signal.SIGKILL)
    return os.waitpid(child, 0)[1]


def run_tests(name, folder, by_book):
    """In a process of its own: 0 only if every test passes."""
    import pytest

    silence = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silence, 1)
    os.dup2(silence, 2)
    os.environ["PYTHONPATH"] = folder
    sys.path.insert(0, folder)
    os.chdir(ROOT)
    tests = ["book"] if by_book else tests_of(name)
    kernels = tests == KERNELS
    tests = [path.replace("src/lnlearn", f"{folder}/lnlearn") for path in tests]
    options = ["-x", "-q", "-p", "no:cacheprovider"]
    options += ["-W", "ignore::pytest.PytestAssertRewriteWarning"]  # of what is LOADED_ONCE
    if kernels:  # two processes, as Triton interprets or compiles from its import on
        for environment, tests in ((INTERPRETED, KERNELS), ({}, COMPILED)):
            command = [sys.executable, "-m", "pytest", *options, *tests]
            if subprocess.run(command, env=os.environ | environment).returncode:
                return 1
        return 0
    try:
        return int(pytest.main([*options, *tests]))
    except BaseException:
        return 1


RECORDER = """
import os
seen = set()
def called(*place):
    if place not in seen:
        seen.add(place)
        with open(os.path.join(os.path.dirname(__file__), "calls"), "a") as file:
            print(*place, file=file)
"""


def run_by_the_book():
    """The code that the notebooks run, as a set of (file, first line) of modules and functions."""
    with tempfile.TemporaryDirectory() as folder:
        copied = Path(folder, "lnlearn")
        shutil.copytree(PACKAGE, copied)
        Path(folder, "recorder.py").write_text(RECORDER, encoding="utf-8")
        for path in copied.rglob("*.py"):
            name = str(path.relative_to(copied))
            if "triton" not in name:  # which compiles functions as they stand in their file
                path.write_text(recording(name, path.read_text(encoding="utf-8")), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "book"]
        if subprocess.run(command, cwd=ROOT, env=os.environ | {"PYTHONPATH": folder}).returncode:
            sys.exit("the notebooks fail without a fault; nothing can be measured")
        lines = Path(folder, "calls").read_text(encoding="utf-8").splitlines()
    return {(name, int(line)) for name, line in map(str.split, lines)}


def recording(name, source):
    """The source of a file, in which the module and each function first say that they run."""
    tree = ast.parse(source)
    for node in list(ast.walk(tree)):
        if isinstance(node, (ast.Module, ast.FunctionDef)):
            line = 1 if isinstance(node, ast.Module) else first_line(node)
            says = ast.parse(f"__import__('recorder').called({name!r}, {line})").body
            at = 0 if ast.get_docstring(node) is None else 1
            node.body[at:at] = says
    return ast.unparse(ast.fix_missing_locations(tree))


def first_line(function):
    """Of a function, with its decorators."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def innermost(path):
    """For each line of a file, the first line of the function that it is in; 1 outside of them."""
    first = {}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):  # outer ones come first
        if isinstance(node, ast.FunctionDef):
            first |= dict.fromkeys(
                range(node.body[0].lineno, node.end_lineno + 1), first_line(node)
            )
    return first


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("files", nargs="*", help="relative to src/lnlearn; default: all")
    parser.add_argument("--sample", type=int, help="how many faults, chosen at random")
    parser.add_argument("--seed", type=int, default=0, help="of that chance; default: 0")
    parser.add_argument(
        "--book", action="store_true", help="run the cells of the notebooks and no other test"
    )
    options = parser.parse_args()
    there = sorted(str(path.relative_to(PACKAGE)) for path in PACKAGE.rglob("*.py"))
    names = options.files or there
    jobs = [(name, *fault) for name in names for fault in faults(PACKAGE / name)]
    if options.book:
        run = run_by_the_book()
        owners = {name: innermost(PACKAGE / name) for name in names}
        jobs = [job for job in jobs if (job[0], owners[job[0]].get(job[1], 1)) in run]
    if options.sample:
        jobs = random.Random(options.seed).sample(jobs, min(options.sample, len(jobs)))
    names = list(dict.fromkeys(name for name, *_ in jobs))
    print(f"{len(jobs)} faults in {len(names)} files", flush=True)

    for module in LOADED_ONCE:
        importlib.import_module(module)
    sys.modules["torch"].set_num_threads(1)
    survivors, totals = [], {}
    with multiprocessing.get_context("fork").Pool(2) as pool:
        sound = [
            (name, 0, "", (PACKAGE / name).read_text(encoding="utf-8"), 900, options.book)
            for name in names
        ]
        limits = {}  # in seconds: a fault may run, or wait, for ever
        for name, _, _, failed, took in pool.imap(caught, sound):
            if failed:
                sys.exit(f"the tests of {name} fail without a fault; nothing can be measured")
            limits[name] = 20 + 3 * took
        limited = ((*job, limits[job[0]], options.book) for job in jobs)
        results = pool.imap(caught, limited)
        for done, (name, line, words, was_caught, _) in enumerate(results, 1):
            count = totals.setdefault(name, [0, 0])
            count[0] += was_caught
            count[1] += 1
            if not was_caught:
                survivors.append(f"{name}:{line}: {words}")
                print(f"{done} done; not caught: {survivors[-1]}", flush=True)
            if done % 100 == 0:
                print(f"{done} done, {len(survivors)} not caught", flush=True)
    for name, (was_caught, count) in totals.items():
        print(f"{name:28} {was_caught:4} of {count:4} caught")
    share = 1 - len(survivors) / len(jobs)
    print(f"\n{len(jobs) - len(survivors)} of {len(jobs)} caught, {100 * share:.1f} %")


if __name__ == "__main__":
    main()
