"""Reduction of networks of stacks: each step by hand, the certified reading, torch modules, bad input."""

import numpy as np
import pytest
import torch
from torch import nn

from regions import Box, WholeSpace, count_regions
from regions.errors import InputError, ReadError, UnsupportedError
from regions.reduce import (
    READINGS,
    Stack,
    StackNetwork,
    cluster_units,
    load_stacks,
    reduce_network,
    remove_outside,
    remove_weak,
)
from regions.reduce.stack import factored
from regions.reduce.steps import strengths

# Unit: outputs of order ten. Forward passes in another order of summation differ by rounding.
ROUNDING = 1e-12


def random_stacks(seed, dimensions, widths, factors=2):
    """Gaussian parameters; biases of deviation 1, so that some units never switch on [-1, 1]^n0."""
    rng = np.random.default_rng(seed)
    stacks = []
    for d_in, d_out, n in zip(dimensions[:-1], dimensions[1:], widths, strict=True):
        r = min(d_in, d_out)
        path = [(r, d_in), (d_out, r)] if factors == 2 else [(d_out, d_in)]
        V, W = rng.normal(size=(n, d_in)), rng.normal(size=(d_out, n)) / n
        skip = tuple(rng.normal(size=shape) for shape in path)
        stacks.append(Stack(V, rng.normal(size=n), W, rng.normal(size=d_out), skip))
    return StackNetwork(tuple(stacks))


def difference(first, second, points):
    return np.abs(first.forward(points) - second.forward(points)).max()


def one_stack(V, b, W, c=(0.0,), skip=((0.0,),)):
    return StackNetwork((Stack(V, b, W, c, (skip,)),))


def test_forward_by_hand():
    stack = Stack(
        [[1.0, 0.0], [0.0, -1.0]], [0.0, 1.0], [[2.0, 3.0]], [5.0], ([[1.0, 1.0]], [[10.0]])
    )
    # 2 max(0, 1) + 3 max(0, 1 - 2) + 5 + 10 (1 + 2)
    assert stack.forward([1.0, 2.0]).tolist() == [37.0]
    assert stack.affine.tolist() == [[10.0, 10.0]]


@pytest.mark.parametrize("factors", [1, 2])
@pytest.mark.parametrize("dimensions", [(2, 1, 3), (1, 3, 1), (3, 2, 2)])
def test_plain_network_is_the_same_function_and_bends_no_more(dimensions, factors):
    network = random_stacks(3, dimensions, (5, 4), factors)
    box = Box.cube(dimensions[0], -1, 1)
    plain = network.plain(box)
    points = box.sample(1000, seed=0)
    assert difference(network, plain, points) < ROUNDING
    passing = [plain.widths[k] - n for k, n in enumerate(network.widths)]
    assert all(len(s.affine) >= p for s, p in zip(network.stacks, passing, strict=True))
    start = 0
    for k, width in enumerate(plain.widths):
        on = plain.pattern(points)[:, start + network.widths[k] : start + width]
        assert on.all()
        start += width
    # cells are those of the ReLU units alone: as many signs of these as of all units
    count = count_regions(plain, box, keep_patterns=True)
    chosen = np.concatenate(
        [np.arange(n) + sum(plain.widths[:k]) for k, n in enumerate(network.widths)]
    )
    assert len(np.unique(count.patterns.matrix()[:, chosen], axis=0)) == count.value


def test_svd_factors_of_an_affine_path():
    matrix = np.random.default_rng(0).normal(size=(3, 5))
    inner, outer = factored(matrix)
    assert inner.shape == (3, 5)
    assert outer.shape == (3, 3)
    assert np.abs(outer @ inner - matrix).max() < ROUNDING
    assert np.allclose(np.linalg.norm(inner), np.linalg.norm(outer))  # balanced


@pytest.mark.parametrize("factors", [1, 2])
def test_outside_units_by_points(factors):
    network = random_stacks(1, (2, 3, 2), (30, 30), factors)
    points = Box.cube(2, -0.3, 0.3).sample(40, seed=0)
    step = remove_outside(network, points)
    assert step.reading == ("hull", "points")
    assert all(n > 0 for n in step.removed)
    assert difference(network, step.network, points) < ROUNDING
    assert [len(s.skip) for s in step.network.stacks] == [factors, factors]
    # what is left switches on the points
    for stack, z in zip(step.network.stacks, step.network.inputs(points), strict=False):
        active = stack.preactivations(z) > 0
        assert not (active.all(axis=0) | ~active.any(axis=0)).any()


def test_first_stack_is_the_same_on_the_hull_of_the_points():
    network = random_stacks(2, (2, 3), (40,))
    points = Box.cube(2, -0.5, 0.5).sample(20, seed=0)
    step = remove_outside(network, points)
    weights = np.random.default_rng(1).dirichlet(np.ones(20), size=500)
    assert step.removed[0] > 0
    assert difference(network, step.network, weights @ points) < ROUNDING


def test_later_stacks_differ_between_the_points_and_the_certified_reading_does_not():
    # stack 1 is |x|; on the points -1 and 1 it gives 1, between them less: max(0, z - 0.5) looks linear
    absolute = Stack([[1.0], [-1.0]], [0.0, 0.0], [[1.0, 1.0]], [0.0], ([[0.0]],))
    bend = Stack([[1.0]], [-0.5], [[1.0]], [0.0], ([[0.0]],))
    network = StackNetwork((absolute, bend))
    data, middle = np.array([[-1.0], [1.0]]), np.array([[0.0]])
    on_points = remove_outside(network, data)
    assert on_points.removed == (0, 1)
    assert difference(network, on_points.network, data) == 0
    assert difference(network, on_points.network, middle) == 0.5
    certified = remove_outside(network, domain=Box.cube(1, -1, 1))
    assert certified.removed == (0, 0)
    assert certified.reading == ("domain", "domain")


def test_certified_units_keep_the_function_on_the_domain():
    network = random_stacks(5, (2, 2, 1), (12, 12))
    box = Box.cube(2, -0.2, 0.2)
    step = remove_outside(network, domain=box)
    assert sum(step.removed) > 0
    assert difference(network, step.network, box.sample(5000, seed=3)) < ROUNDING
    by_points = remove_outside(network, box.sample(2000, seed=4))
    assert all(a <= b for a, b in zip(step.removed, by_points.removed, strict=True))


def test_weak_units_by_hand():
    # strengths: 5 * 1, 1 * 0.1, sqrt(2) * 0.1 (v = 1, b = 1)
    network = one_stack([[3.0], [1.0], [1.0]], [4.0, 0.0, 1.0], [[1.0, 0.1, 0.1]])
    assert np.allclose(strengths(network.stacks[0]), [5, 0.1, 0.1 * np.sqrt(2)])
    assert remove_weak(network, 0.0).removed == (0,)
    assert remove_weak(network, 0.2).network.stacks[0].b.tolist() == [4.0, 1.0]
    assert remove_weak(network, [0.25]).network.stacks[0].b.tolist() == [4.0]
    assert remove_weak(network, 1e9).network.widths == (0,)


def test_removed_strength_bounds_the_change():
    network = random_stacks(6, (3, 2), (50,))
    step = remove_weak(network, 0.5)
    z = np.random.default_rng(0).normal(size=(500, 3))
    change = np.linalg.norm(network.forward(z) - step.network.forward(z), axis=1)
    assert 0 < step.removed[0] < 50
    assert (change <= 0.5 * np.sqrt((z**2).sum(axis=1) + 1)).all()


def test_a_cluster_of_one_unit_is_that_unit():
    stack = random_stacks(7, (3, 4), (1,)).stacks[0]
    # two copies of a unit, split unevenly, are one cluster of one place and direction
    double = Stack(
        np.vstack([3 * stack.V, stack.V / 7]),
        np.append(3 * stack.b, stack.b / 7),
        np.column_stack([stack.W / 4, stack.W]),
        stack.c,
        stack.skip,
    )
    step = cluster_units(StackNetwork((double,)), 1)
    (found,) = step.network.stacks
    z = np.random.default_rng(0).normal(size=(200, 3))
    assert step.removed == (1,)
    assert np.abs(found.forward(z) - double.forward(z)).max() < ROUNDING
    # balanced: |w| = sqrt(|v|^2 + b^2)
    assert np.linalg.norm(found.W) == pytest.approx(np.hypot(np.linalg.norm(found.V), found.b[0]))


def test_well_apart_units_are_their_own_clusters():
    network = random_stacks(8, (2, 2), (6,))
    stack = network.stacks[0]
    twice = Stack(
        np.vstack([stack.V, 2 * stack.V]),
        np.append(stack.b, 2 * stack.b),
        np.column_stack([stack.W, stack.W]),
        stack.c,
        stack.skip,
    )
    step = cluster_units(StackNetwork((twice,)), 6, seed=1)
    assert step.network.widths == (6,)
    assert difference(StackNetwork((twice,)), step.network, np.eye(2)) < 1e-9


def test_clusters_that_cancel_and_units_without_direction():
    # two units of opposite outgoing weights cancel; a unit without v is a constant, one without w nothing
    network = one_stack(
        [[1.0], [1.0], [0.0], [5.0], [-1.0]],
        [0.0, 0.0, 3.0, 1.0, 0.0],
        [[1.0, -1.0, 2.0, 0.0, 1.0]],
    )
    step = cluster_units(network, 2)
    x = np.array([[-2.0], [2.0]])
    assert step.network.widths == (1,)
    assert step.network.forward(x).tolist() == network.forward(x).tolist() == [[8.0], [6.0]]
    # opposite directions in one cluster leave no direction: such a cluster is dropped, which is no identity
    opposite = one_stack([[1.0], [-1.0]], [0.0, 0.0], [[1.0, 1.0]])
    assert cluster_units(opposite, 1).network.widths == (0,)


def test_reduction_keeps_to_the_loss_and_says_what_is_known():
    network = random_stacks(9, (1, 1, 2), (60, 60))
    points = np.linspace(-1, 1, 200)[:, None]
    target = network.forward(points) + 0.1

    def loss(candidate):
        return ((candidate.forward(points) - target) ** 2).mean()

    trained = []

    def retrain(candidate):
        trained.append(candidate.widths)
        return candidate

    result = reduce_network(network, loss, points=points, slack=0.1, retrain=retrain, rounds=2)
    assert [s.name for s in result.steps] == ["outside", "weak", "clusters", "retrained"] * 2
    assert trained == [result.steps[2].network.widths, result.network.widths]
    losses = [step.loss for step in result.steps]
    assert losses[0] == pytest.approx(loss(network))
    assert losses[2] <= 1.1 * loss(network)
    assert losses[6] <= 1.1 * losses[3]
    assert result.network.n_units < network.n_units / 2
    assert result.share_removed == 1 - result.network.n_units / 120
    assert {word for step in result.steps for word in step.reading} <= READINGS.keys()
    assert f"120 -> {result.network.n_units} units" in str(result)


class SkipStack(nn.Module):
    def __init__(self, d_in, n, d_out, *, factors=2, twist=1.0):
        super().__init__()
        self.wide, self.bottleneck = nn.Linear(d_in, n), nn.Linear(n, d_out)
        r = min(d_in, d_out)
        shapes = [(d_in, d_out)] if factors == 1 else [(d_in, r), (r, d_out)]
        self.skip = nn.Sequential(*(nn.Linear(*shape, bias=False) for shape in shapes))
        self.twist = twist

    def forward(self, z):
        return self.bottleneck(torch.relu(self.wide(z))) + self.twist * self.skip(z)


@pytest.mark.parametrize("factors", [1, 2])
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_torch_modules_are_read(factors, dtype):
    torch.manual_seed(0)
    module = nn.Sequential(
        SkipStack(4, 20, 2, factors=factors), SkipStack(2, 10, 3, factors=factors)
    )
    module = module.to(dtype)
    network = load_stacks(module)
    assert network.widths == (20, 10)
    points = np.random.default_rng(0).normal(size=(50, 4))
    theirs = module(torch.tensor(points, dtype=dtype)).detach().double().numpy()
    assert np.abs(theirs - network.forward(points)).max() < (
        1e-5 if dtype == torch.float32 else 1e-13
    )


def test_torch_modules_of_another_form_are_refused():
    torch.manual_seed(0)
    for module, message in (
        (nn.Linear(2, 3), "is no torch.nn.Sequential of stacks"),
        (nn.Sequential(nn.Linear(2, 3)), "child 0 has 0 Linear layers with bias and 0 without"),
        (
            nn.Sequential(SkipStack(2, 3, 2, twist=-1.0)),
            "forward pass differs from that of the stacks",
        ),
        (nn.Sequential(nn.Sequential(nn.Linear(2, 3), nn.Tanh())), "0.1 is a Tanh"),
        (nn.Sequential(SkipStack(2, 3, 2), SkipStack(3, 3, 2)), "stack 1 gives 2 values"),
    ):
        with pytest.raises((ReadError, InputError), match=message) as raised:
            load_stacks(module)
        assert "\n" not in str(raised.value)


SMALL = random_stacks(0, (1, 1, 1), (3, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: StackNetwork(()), "at least one stack"),
        (lambda: Stack([[1.0]], [0.0], [[1.0, 2.0]], [0.0], ([[1.0]],)), "do not chain"),
        (lambda: Stack([[1.0]], [0.0], [[1.0]], [0.0], ()), "one or two as its affine path"),
        (lambda: Stack([[np.nan]], [0.0], [[1.0]], [0.0], ([[1.0]],)), "must be finite"),
        (lambda: SMALL.forward([[1.0, 2.0]]), r"shape \(\.\.\., 1\)"),
        (lambda: SMALL.plain(WholeSpace(1)), "lies in no box"),
        (lambda: remove_outside(SMALL), "either points or a domain"),
        (lambda: remove_outside(SMALL, np.zeros((0, 1))), "must have shape"),
        (lambda: remove_weak(SMALL, [1.0]), "tolerances has 1 entries but the network 2 stacks"),
        (lambda: remove_weak(SMALL, -1.0), "at least 0"),
        (lambda: cluster_units(SMALL, 0), "clusters must be at least 1"),
        (
            lambda: reduce_network(SMALL, lambda n: np.nan, points=[[0.0]]),
            "must be a finite number",
        ),
        (lambda: reduce_network(SMALL, lambda n: 1.0, points=[[0.0]], slack=-1), "slack must be"),
    ],
)
def test_what_cannot_be_treated_is_refused_in_one_line(call, message):
    with pytest.raises((InputError, UnsupportedError), match=message) as raised:
        call()
    assert "\n" not in str(raised.value)
