"""One look for all figures: column width, colours that survive colour blindness and grey print."""

import matplotlib.pyplot as plt
import seaborn as sns
from matplotlib.ticker import FuncFormatter, MaxNLocator
from PIL import Image

WIDTH = 4.8  # inches; readable when printed in a column of 3.5
CAPTION_WIDTH = 96  # characters of a caption line at that width

INK, FAINT = "#222222", "#777777"
# Okabe and Ito 2008: distinguishable in every common form of colour blindness.
BLUE, ORANGE, GREEN, PINK, SKY = "#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9"

# No dates, no versions: the same table gives the same file.
METADATA = {"png": {"Software": None}, "pdf": {"CreationDate": None, "Producer": None}}


def use():
    """Set the look; every figure is drawn after this."""
    sns.set_theme(context="paper", style="ticks", font="DejaVu Sans")
    plt.rcParams.update(
        {
            "font.size": 8,
            "axes.labelsize": 8,
            "axes.titlesize": 9,
            "axes.titleweight": "bold",
            "axes.titlelocation": "left",
            "axes.titlepad": 8,
            "xtick.labelsize": 7.5,
            "ytick.labelsize": 7.5,
            "legend.fontsize": 7,
            "legend.frameon": False,
            "axes.grid": True,
            "axes.grid.axis": "y",
            "grid.color": "#e6e6e6",
            "grid.linewidth": 0.6,
            "axes.edgecolor": FAINT,
            "axes.linewidth": 0.7,
            "lines.linewidth": 1.4,
            "figure.dpi": 100,
            "pdf.fonttype": 42,
        }
    )


def panels(columns=1, height=3.4, **options):
    """A figure at column width with its axes side by side."""
    return plt.subplots(1, columns, figsize=(WIDTH, height), layout="constrained", **options)


def finish(figure, caption):
    """Take away the box around the axes and put the caption below."""
    import textwrap

    sns.despine(figure)
    lines = textwrap.wrap(caption, CAPTION_WIDTH)
    figure.supxlabel("\n".join(lines), x=0.01, ha="left", fontsize=6.5, color=FAINT)
    return figure


def powers_of_ten(axis, bins=6):
    """Label an axis that holds log10 of a number with the number itself."""
    axis.set_major_locator(MaxNLocator(bins, integer=True))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"$10^{{{value:g}}}$"))


def direct_labels(axes, x, ends, gap, side="left"):
    """Write labels beside the ends of lines, ``gap`` apart at least in the units of y.

    ``ends`` are triples (height, text, colour); ``side`` is the side of the text that touches x. A label keeps its height
    where it can; labels that would overlap are spread evenly around their mean.
    """
    groups = []
    for end in sorted(ends):
        groups.append([end])
        while len(groups) > 1 and _top(groups[-2], gap) + gap > _bottom(groups[-1], gap):
            last = groups.pop()
            groups[-1] += last
    for group in groups:
        for i, (height, text, colour) in enumerate(group):
            axes.annotate(
                text,
                xy=(x, height),
                xytext=(x, _bottom(group, gap) + i * gap),
                color=colour,
                fontsize=7,
                va="center",
                ha=side,
                annotation_clip=False,
            )


def _bottom(group, gap):
    return sum(height for height, *_ in group) / len(group) - gap * (len(group) - 1) / 2


def _top(group, gap):
    return _bottom(group, gap) + gap * (len(group) - 1)


def save(figure, folder, name):
    """Write png and pdf without dates and close the figure; return the two paths."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for kind, metadata in METADATA.items():
        paths.append(folder / f"{name}.{kind}")
        figure.savefig(paths[-1], dpi=300, metadata=metadata)
    plt.close(figure)
    _with_palette(paths[0])
    return paths


def _with_palette(path):
    """Write the picture at ``path`` again with 256 colours, which it hardly exceeds: a third of the bytes."""
    with Image.open(path) as picture:
        few = picture.convert("RGB").quantize(256, dither=Image.Dither.NONE)
    few.save(path, optimize=True)
