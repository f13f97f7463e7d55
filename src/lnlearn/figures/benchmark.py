"""The figures of the benchmarks."""

from matplotlib.ticker import LogLocator, NullFormatter

from lnlearn.figures.style import MUTED, PAPER, SERIES, SHAPES, new_figure


def bench(results):
    """Draw the times of `lnlearn.bench` as multiples of a copy of the same array.

    Parameters
    ----------
    results : sequence of dict
        As ``lnlearn.bench.cpu.run`` reports them: "dtype", "shape" and "seconds" by method.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each dtype; a method stands lower the faster it is, and 1 is a copy.
    """
    dtypes = list(dict.fromkeys(result["dtype"] for result in results))
    figure, axes = new_figure(4.8, 0.7 + 2.6 * len(dtypes), len(dtypes))
    for ax, dtype in zip(axes, dtypes, strict=True):
        rows = [result for result in results if result["dtype"] == dtype]
        copies = [min(t for name, t in r["seconds"].items() if "copy" in name) for r in rows]
        names = [name for name in rows[0]["seconds"] if "copy" not in name]
        for i, name in enumerate(names):
            ratios = [r["seconds"][name] / copy for r, copy in zip(rows, copies, strict=True)]
            ax.plot(ratios, f"{SHAPES[i]}-", color=SERIES[i], mec=PAPER, label=name)
        ax.axhline(1, color=MUTED, lw=1)
        labels = ["×".join(map(str, row["shape"])) for row in rows]
        ax.set_xticks(range(len(rows)), labels, rotation=20)
        ax.set(yscale="log", ylabel="time / time of a copy")
        ax.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        ax.yaxis.set_major_formatter("{x:g}")
        ax.yaxis.set_minor_formatter(NullFormatter())
        ax.set_title(dtype, loc="left", fontsize=10)
        ax.legend(frameon=False, fontsize=9)
    axes[-1].set_xlabel("rows × width")
    return figure


def bench_gpu(results):
    """Draw the share of a copy's speed that each method of `lnlearn.bench.gpu` reaches.

    Parameters
    ----------
    results : sequence of dict
        As ``lnlearn.bench.gpu.run`` reports them: "task", "shape" and "copy / time" by method.

    Returns
    -------
    matplotlib.figure.Figure
        A panel for each task; 1 is a kernel that moves the same bytes and computes nothing.
    """
    tasks = list(dict.fromkeys(result["task"] for result in results))
    figure, axes = new_figure(4.8, 0.7 + 2.3 * len(tasks), len(tasks))
    for ax, task in zip(axes, tasks, strict=True):
        rows = [result for result in results if result["task"] == task]
        names = dict.fromkeys(name for row in rows for name in row["copy / time"])
        for i, name in enumerate(name for name in names if name != "copy"):
            shares = [row["copy / time"].get(name, float("nan")) for row in rows]
            again, i = divmod(i, len(SERIES))  # the seventh looks like the first, dashed
            line = f"{SHAPES[i]}{'--' if again else '-'}"
            ax.plot(shares, line, color=SERIES[i], ms=5, mec=PAPER, label=name)
        ax.axhline(1, color=MUTED, lw=1)
        labels = ["×".join(map(str, row["shape"])) for row in rows]
        ax.set_xticks(range(len(rows)), labels, rotation=30, ha="right", fontsize=8)
        ax.set(ylim=(0, None), ylabel="time of a copy / time")
        ax.set_title(task, loc="left", fontsize=10)
    axes[0].legend(frameon=False, fontsize=8)
    axes[-1].set_xlabel("rows × width")
    return figure
