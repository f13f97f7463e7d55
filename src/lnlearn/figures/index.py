"""The figure of the first page: which chapter needs which."""

from lnlearn.figures.style import BAND, INK, MUTED, PAPER, new_figure

# Each chapter after the one that it needs most, if it needs one.
NEEDS = {
    "why_normalize": None,
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
ALSO = {  # a second one that a chapter needs
    "variants": "transformer",
    "expressivity": "transformer",
    "real_models": "variants",
    "many_devices": "floating_point",
    "invariances": "backward",
    "gpu_kernel": "memory_wall",
}
NAMES = {"pre_post": "before or after", "gpu_kernel": "GPU kernel"}


def _named(chapter):
    return NAMES.get(chapter, chapter.replace("_", " "))


def book_map():
    """A tree: each chapter stands below the one that it needs most, further in, and is linked."""
    figure, [axes] = new_figure(3.9, 0.27 * len(NEEDS))
    depth, row = {}, {}
    for name, needed in NEEDS.items():
        depth[name] = x = 0 if needed is None else depth[needed] + 1
        row[name] = y = -len(row)
        if needed is not None:
            above = depth[needed] + 0.3
            axes.plot([above, above, x], [row[needed] - 0.3, y, y], color=MUTED, lw=1)
        box = {"boxstyle": "round,pad=0.25", "facecolor": BAND, "edgecolor": PAPER}
        text = axes.text(x, y, _named(name), va="center", color=INK, url=f"{name}.ipynb", bbox=box)
        if name in ALSO:
            axes.annotate(
                f"+ {_named(ALSO[name])}",
                (1, 0.5),
                xytext=(7, 0),
                xycoords=text,
                textcoords="offset points",
                va="center",
                color=MUTED,
            )
    axes.set(xlim=(-0.1, 7), ylim=(0.5 - len(NEEDS), 0.5))
    axes.axis("off")
    return figure
