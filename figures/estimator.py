"""Figure: the width of estimated intervals against the time that they took, and whether they cover."""

import math

from . import style
from .tables import what_was_counted, whole

TABLE = "estimator"
SHARES = (0.01, 0.03, 0.1, 0.3, 1.0)
SECONDS = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)
COLOURS = (style.BLUE, style.ORANGE, style.GREEN)


def draw(table):
    """The figure of the table `estimator`."""
    table = whole(table, "value", "samples")
    number = {name: table[name].astype(float) for name in ("estimate_seconds", "seconds")}
    ends = {name: table[name].astype(float) for name in ("log10_value", "ci_low", "ci_high")}
    half = (
        10 ** (ends["ci_high"] - ends["log10_value"]) - 10 ** (ends["ci_low"] - ends["log10_value"])
    ) / 2
    table = table.assign(**number, half=half, covered=table["covered"] == "True")
    figure, axes = style.panels(height=3.2)
    for colour, (name, some) in zip(
        COLOURS, table.groupby("architecture", sort=False), strict=False
    ):
        inside, outside = some[some["covered"]], some[~some["covered"]]
        axes.plot(
            inside["estimate_seconds"], inside["half"], ".", color=colour, alpha=0.4, markersize=5
        )
        axes.plot(outside["estimate_seconds"], outside["half"], "x", color=colour, markersize=5)
        middle = some.groupby("samples")[["estimate_seconds", "half"]].median()
        cells, counting = some["value"].iloc[0], some["seconds"].iloc[0]
        axes.plot(
            middle["estimate_seconds"],
            middle["half"],
            "o-",
            color=colour,
            markersize=4,
            label=f"{name}: {cells:,} cells, counted in {counting:.2g} s",
        )
    axes.set(
        xscale="log",
        yscale="log",
        title="More descents, narrower intervals",
        xlabel="seconds of an estimate",
        ylabel="half the interval, as a share of the estimate",
    )
    axes.set_yticks(SHARES, [f"{share:.0%}" for share in SHARES])
    low, high = table["estimate_seconds"].min(), table["estimate_seconds"].max()
    seconds = [second for second in SECONDS if low / 2 <= second <= 2 * high]
    axes.set_xticks(seconds, [f"{second:g}" for second in seconds])
    axes.minorticks_off()
    axes.legend(loc="lower left")
    covered, confidence = table["covered"], float(table["confidence"].iloc[0])
    runs = table.groupby(["architecture", "samples"]).size()
    error = 2 * math.sqrt(confidence * (1 - confidence) / len(covered))
    return style.finish(
        figure,
        f"{covered.mean():.0%} of {len(covered)} intervals at {confidence:.0%} cover the certified count "
        f"(crosses do not; chance alone moves the share by {error:.0%}); lines are medians of {runs.min()} seeds. "
        f"{what_was_counted(table)}",
    )
