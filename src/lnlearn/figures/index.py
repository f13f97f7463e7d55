"""The figure of the first page: which chapter needs which."""

from lnlearn.figures.style import BAND, INK, MUTED, PAPER, new_figure

# Each chapter after the one without which it cannot be read; the first needs none.
NEEDS = {
    "by_hand": None,
    "axes": "by_hand",
    "backward": "by_hand",
    "module": "backward",
    "what_does_the_work": "backward",
    "variants": "backward",
    "gpu_kernel": "backward",
    "many_devices": "backward",
    "geometry": "by_hand",
    "invariances": "geometry",
    "expressivity": "geometry",
    "transformer": "by_hand",
    "pre_post": "transformer",
    "training": "pre_post",
    "real_models": "pre_post",
    "without": "pre_post",
    "floating_point": "by_hand",
    "memory_wall": "floating_point",
}
COLUMNS = (0, 0.92, 2.2, 3.6)
NAMES = {"pre_post": "before or after", "gpu_kernel": "GPU kernel"}


def book_map():
    """A tree: each chapter stands to the right of the one that it needs, and is linked."""
    depth, row, rows, last = {}, {}, 0, None
    for name, needed in NEEDS.items():
        depth[name] = 0 if needed is None else depth[needed] + 1
        rows += needed is not None and needed != last  # the first one continues a row
        row[name], last = rows, name
    figure, [axes] = new_figure(3.9, 0.3 * (rows + 1))
    for name, needed in NEEDS.items():
        x, y = COLUMNS[depth[name]], -row[name]
        if needed is not None:
            start, bend = COLUMNS[depth[needed]], x - 0.12
            axes.plot([start, bend, bend, x], [-row[needed]] * 2 + [y] * 2, color=MUTED, lw=1)
        axes.text(
            x,
            y,
            NAMES.get(name, name.replace("_", " ")),
            va="center",
            color=INK,
            url=f"{name}.ipynb",
            bbox={"boxstyle": "round,pad=0.25", "facecolor": BAND, "edgecolor": PAPER},
        )
    axes.set(xlim=(-0.05, 4.6), ylim=(-rows - 0.5, 0.5))
    axes.axis("off")
    return figure
