"""Figure: units left after each step of the reduction, beside the paper's, and what it costs."""

from . import style
from .tables import data_source, whole

TABLE = "reduction"
TITLES = {"sine": "Composite sine", "mnist": "MNIST"}


def draw(table):
    """The figure of the table `reduction`."""
    table = whole(table, "stage", "units", "published_units", "seed")
    problems = [name for name in TITLES if name in set(table["problem"])]
    figure, axes = style.panels(columns=len(problems), height=3.3, squeeze=False, sharey=True)
    for place, (panel, problem) in enumerate(zip(axes[0], problems, strict=True)):
        _panel(panel, table[table["problem"] == problem], problem, first=place == 0)
    return style.finish(
        figure,
        f"ReLU units left after each step (Heiss, Stockinger, Teichmann 2021). {_cost(table)} Units "
        "outside are so on the data; weak units and clusters go as far as the training loss allows. "
        f"Data: {data_source(table)}.",
    )


def _panel(axes, table, problem, first):
    stages = sorted(set(table["stage"]))
    steps = table.drop_duplicates("stage").set_index("stage")["step"]
    ours = table.groupby("stage")["units"]
    theirs = table.groupby("stage")["published_units"].first()
    axes.plot(
        stages, theirs, "o--", color=style.FAINT, markersize=3.5, label="printed in the paper"
    )
    axes.plot(stages, ours.mean(), "o-", color=style.BLUE, markersize=4, label="measured here")
    axes.fill_between(stages, ours.min(), ours.max(), color=style.BLUE, alpha=0.15, linewidth=0)
    for stage, offset, side in ((stages[0], (6, 4), "left"), (stages[-1], (6, -3), "left")):
        value = ours.mean()[stage]
        axes.annotate(
            f"{value:.0f}",
            (stage, value),
            xytext=offset,
            textcoords="offset points",
            ha=side,
            fontsize=7,
            color=style.BLUE,
        )
    axes.set_yscale("log")
    axes.set(title=TITLES[problem], xlim=(-0.5, stages[-1] * 1.2 + 0.2))
    axes.set_xticks(stages, [steps[s] for s in stages], rotation=50, ha="right")
    if first:
        axes.set_ylabel("ReLU units")
        axes.legend(loc="lower left")


def _cost(table):
    """From the first to the last stage: what the test score was and is."""
    phrases = []
    for problem, some in table.groupby("problem", sort=False):
        scores = some.assign(test=some["test"].astype(float)).groupby("stage")["test"].mean()
        published = (
            some.assign(p=some["published_test"].astype(float)).groupby("stage")["p"].first()
        )
        name = some["measure"].iloc[0]
        phrases.append(
            f"{TITLES[problem]}: test {name} {scores.iloc[0]:.4g} to {scores.iloc[-1]:.4g} (printed: "
            f"{published.iloc[0]:.4g} to {published.iloc[-1]:.4g})."
        )
    return " ".join(phrases)
