"""Pruning against worked examples, dense linear algebra, torch, brute force and a second solver."""

from fractions import Fraction
from itertools import combinations, pairwise

import numpy as np
import pytest
import torch

from regions import Network
from regions.errors import InputError, SolverError, UnsupportedError
from regions.network import Convolution, ConvolutionalNetwork, Relu
from regions.prune import (
    METHODS,
    Blocks,
    Fisher,
    Hessian,
    Search,
    Surgeon,
    cheapest_set,
    prune_network,
    search,
    surgeon_update,
    woodfisher_costs,
    woodfisher_update,
)
from regions.prune import best_set as exact
from regions.prune.local_search import smallest
from regions.prune.pruning import removal_count
from regions.prune.weights import Examples, weight_vector, with_weights
from regions.solvers import gurobi

# Reading a result in doubles: far above the rounding of sums of fewer than a hundred terms.
ROUNDING = 1e-9


def chosen(size, *indices):
    found = np.zeros(size, dtype=bool)
    found[list(indices)] = True
    return found


# --- worked examples -------------------------------------------------------------------------------


@pytest.fixture
def cancelling():
    """Two weights that cancel one another exactly, and a small one that stands alone."""
    weights = np.array([1.0, 1.0, 0.5])
    return weights, Hessian([[1, -1, 0], [-1, 1, 0], [0, 0, 1]]).removal(weights)


def test_weights_that_cancel_cost_nothing_together(cancelling):
    weights, removal = cancelling
    costs = {pair: removal.cost(chosen(3, *pair)) for pair in combinations(range(3), 2)}
    assert costs == {(0, 1): 0.0, (0, 2): 0.625, (1, 2): 0.625}
    assert removal.cost(smallest(np.abs(weights), 2)) == 0.625
    assert search(removal, weights, 2).tolist() == [True, True, False]
    best = cheapest_set(removal, 2)
    assert (best.chosen.tolist(), best.cost, best.proved) == ([True, True, False], 0.0, True)


def test_the_kept_weight_makes_up_for_the_removed_one():
    hessian, weights, removed = Hessian([[2, 1], [1, 2]]), np.array([1.0, 3.0]), chosen(2, 0)
    updated = surgeon_update(weights, removed, hessian, damping=0.0)
    np.testing.assert_allclose(updated, [0.0, 3.5], rtol=1e-15)
    assert hessian.increase(updated - weights) == pytest.approx(0.75, rel=1e-15)
    assert hessian.removal(weights).cost(removed) == 1.0
    # alone, a weight costs by WoodFisher what its update leaves
    inverse = hessian.inverse(0.0)
    assert woodfisher_costs(weights, inverse)[0] == pytest.approx(0.75, rel=1e-15)
    np.testing.assert_allclose(woodfisher_update(weights, removed, inverse), updated, rtol=1e-15)


# --- curvature: the gradient matrix against the matrix that it stands for ----------------------------


@pytest.fixture(params=[(3, 8), (20, 8)], ids=["fewer examples than weights", "more"])
def curvatures(request):
    examples, size = request.param
    rng = np.random.default_rng(examples)
    gradients = rng.normal(size=(examples, size))
    return Fisher(gradients), Hessian(gradients.T @ gradients / examples), rng.normal(size=size)


def test_fisher_costs_are_those_of_its_matrix(curvatures):
    fisher, hessian, weights = curvatures
    matrix = weights[:, None] * hessian.matrix * weights
    removed = chosen(8, 1, 2, 5)
    for curvature in (fisher, hessian):
        removal = curvature.removal(weights)
        np.testing.assert_allclose(removal.alone, np.diag(matrix))
        np.testing.assert_allclose(removal.row(3), matrix[3])
        np.testing.assert_allclose(removal.block([3, 1], [2, 0]), matrix[[3, 1]][:, [2, 0]])
        np.testing.assert_allclose(removal.left @ removal.total(removed), matrix @ removed)
        assert removal.cost(removed) == pytest.approx(matrix[removed][:, removed].sum() / 2)
        assert curvature.increase(-weights * removed) == pytest.approx(removal.cost(removed))


def test_woodbury_inverse_is_the_recursion_of_woodfisher(curvatures):
    fisher, hessian, weights = curvatures
    recursion = np.eye(fisher.size) / 0.1
    for gradient in fisher.gradients:
        pulled = recursion @ gradient
        recursion -= np.outer(pulled, pulled) / (fisher.examples + gradient @ pulled)
    for curvature in (fisher, hessian):
        diagonal, product = curvature.inverse(0.1)
        np.testing.assert_allclose(diagonal, np.diag(recursion), rtol=ROUNDING)
        np.testing.assert_allclose(product(weights), recursion @ weights, rtol=ROUNDING)


def test_update_is_the_published_formula_and_a_minimum(curvatures):
    fisher, hessian, weights = curvatures
    damped, removed = hessian.matrix + 0.1 * np.eye(8), chosen(8, 0, 3, 4)
    inverse = np.linalg.inv(damped)
    multipliers = np.linalg.solve(inverse[np.ix_(removed, removed)], weights[removed])
    published = weights - inverse[:, removed] @ multipliers
    for curvature in (fisher, hessian):
        updated = surgeon_update(weights, removed, curvature, damping=0.1)
        assert not updated[removed].any()
        np.testing.assert_allclose(updated, published, atol=ROUNDING)
        slope = damped @ (updated - weights)
        np.testing.assert_allclose(slope[~removed], 0.0, atol=ROUNDING)


def test_blocks_are_the_matrix_without_what_lies_between_them(curvatures):
    fisher, hessian, weights = curvatures
    parts = (slice(0, 3), slice(3, 8))
    within = hessian.matrix.copy()
    within[:3, 3:] = within[3:, :3] = 0.0
    removed = chosen(8, 1, 4, 5)
    for curvature in (fisher, hessian):
        blocks = Blocks.of(curvature, parts)
        diagonal, product = blocks.inverse(0.1)
        np.testing.assert_allclose(diagonal, Hessian(within).inverse(0.1).diagonal)
        np.testing.assert_allclose(product(weights), Hessian(within).inverse(0.1).product(weights))
        np.testing.assert_allclose(
            surgeon_update(weights, removed, blocks, 0.1),
            surgeon_update(weights, removed, Hessian(within), 0.1),
        )


def test_asymmetry_of_a_hessian_changes_no_cost():
    assert np.array_equal(Hessian([[2, 3], [1, 2]]).matrix, [[2, 2], [2, 2]])


def test_bad_hessians_are_refused():
    with pytest.raises(InputError, match=r"square matrix; got shape \(1, 2\)"):
        Hessian([[1.0, 2.0]])
    with pytest.raises(InputError, match=r"not positive definite .* raise the damping"):
        surgeon_update(np.ones(2), chosen(2, 0), Hessian([[1, 0], [0, -1]]), damping=0.5)


# --- selection ---------------------------------------------------------------------------------------


def quadratics(family, problems):
    """Random problems of up to 18 weights with as many examples as the family says."""
    examples = {"twice": lambda n: 2 * n, "equal": lambda n: n, "half": lambda n: max(2, n // 2)}
    for seed in range(problems):
        rng = np.random.default_rng(seed)
        size = int(rng.integers(4, 19))
        count = int(rng.integers(1, size))
        weights = rng.normal(size=size)
        gradients = rng.normal(size=(examples[family](size), size))
        yield weights, Fisher(gradients).removal(weights), count


@pytest.mark.parametrize("family", ["twice", "equal", "half"])
def test_local_search_finds_the_cheapest_set_in_95_of_100_cases(family):
    found = []
    for weights, removal, count in quadratics(family, problems=60):
        best = cheapest_set(removal, count)
        cost = removal.cost(search(removal, weights, count))
        assert cost >= best.cost * (1 - ROUNDING)
        found.append(cost <= best.cost * (1 + ROUNDING))
    assert np.mean(found) >= 0.95


def test_local_search_ends_where_no_swap_gains():
    for weights, removal, count in quadratics("half", problems=20):
        removed = search(removal, weights, count)
        assert removed.sum() == count
        for i in np.flatnonzero(removed):
            for j in np.flatnonzero(~removed):
                swapped = removed.copy()
                swapped[i], swapped[j] = False, True
                # the cost has a half that the rule for a swap has not
                assert removal.cost(swapped) > removal.cost(removed) - Search().least_gain


@pytest.mark.parametrize("judge", [None, lambda removed: not removed[0]])
def test_local_search_is_never_worse_than_magnitude(judge):
    """Whatever loss judges the sets that are met, and far above the size that all starts are tried."""
    rng = np.random.default_rng(0)
    for size in (30, 150, 400):
        weights = rng.normal(size=size)
        removal = Fisher(rng.normal(size=(40, size)).astype(np.float32)).removal(weights)
        for count in (0, 1, size // 2, size - 1, size):
            removed = search(removal, weights, count, judge=judge)
            assert removed.sum() == count
            assert removal.cost(removed) <= removal.cost(smallest(np.abs(weights), count))


def test_equal_seeds_give_equal_sets():
    rng = np.random.default_rng(0)
    weights = rng.normal(size=200)
    removal = Fisher(rng.normal(size=(20, 200))).removal(weights)
    first, again, other = (search(removal, weights, 100, seed=seed) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_cheapest_set_in_exact_arithmetic():
    rng = np.random.default_rng(3)
    gradients = rng.integers(-3, 4, size=(4, 9))
    removal = Fisher(gradients.astype(float)).removal(np.ones(9))

    def cost(some):
        slopes = gradients[:, list(some)].sum(axis=1)
        return Fraction(int(slopes @ slopes), 8)

    for count in range(10):
        least = min(map(cost, combinations(range(9), count)))
        best = cheapest_set(removal, count)
        assert best.chosen.sum() == count
        assert cost(np.flatnonzero(best.chosen)) == least


def test_gurobi_agrees_with_enumeration(monkeypatch):
    for weights, removal, count in quadratics("equal", problems=6):
        listed = cheapest_set(removal, count)
        with monkeypatch.context() as patch:
            patch.setattr(exact, "MOST_SETS", 0)
            solved = cheapest_set(removal, count)
        assert (listed.method, solved.method) == ("enumeration", "gurobi")
        assert solved.proved
        assert solved.cost == pytest.approx(listed.cost, rel=1e-6)
        assert len(weights) == len(solved.chosen)


def test_problems_too_large_to_prove_are_refused():
    """The licence inside the gurobipy wheel takes 200 variables in a quadratic model."""
    removal = Fisher(np.random.default_rng(0).normal(size=(5, 250))).removal(np.ones(250))
    with pytest.raises(InputError, match="cannot remove 251 of 250 weights"):
        cheapest_set(removal, 251)
    with gurobi.environment() as env:
        if gurobi.accepts(env, variables=gurobi.RESTRICTED_SIZE + 1):
            pytest.skip("the Gurobi licence in use has no size limit")
    with pytest.raises(SolverError, match=r"has 250 variables.* local search"):
        cheapest_set(removal, 125)


# --- networks ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def problem():
    """A network with biases on random data that it classifies itself, with some labels wrong."""
    rng = np.random.default_rng(0)
    sizes = (6, 8, 5, 3)
    network = Network(
        tuple(
            (rng.normal(0, (2 / a) ** 0.5, (b, a)), rng.normal(0, 0.3, b))
            for a, b in pairwise(sizes)
        )
    )
    inputs = rng.normal(size=(400, 6))
    labels = network.forward(inputs).argmax(axis=1)
    labels[:40] = rng.integers(0, 3, 40)
    return network, inputs, labels


def test_gradients_and_loss_are_those_of_torch(problem):
    network, inputs, labels = problem
    layers = [tuple(map(torch.tensor, layer)) for layer in network.layers]
    weights = [weight.requires_grad_() for weight, _ in layers]
    examples = Examples(network, inputs[:30], labels[:30])
    vector = weight_vector(network)
    found, losses = examples.gradients(vector), []
    for x, label, gradient in zip(inputs, labels, found, strict=False):
        h = torch.tensor(x)
        for k, (weight, bias) in enumerate(layers):
            h = weight @ (torch.relu(h) if k else h) + bias
        loss = torch.nn.functional.cross_entropy(h[None], torch.tensor([label]))
        expected = torch.cat([g.ravel() for g in torch.autograd.grad(loss, weights)]).numpy()
        # single precision: a few units in the seventh digit
        np.testing.assert_allclose(gradient, expected, rtol=1e-4, atol=1e-6)
        losses.append(loss.item())
    assert examples.loss(vector) == pytest.approx(np.mean(losses), rel=1e-5)
    assert with_weights(network, vector) == network


@pytest.mark.parametrize("method", METHODS)
def test_every_method_removes_the_share_and_keeps_the_rest(problem, method):
    network, inputs, labels = problem
    pruning = prune_network(network, inputs, labels, 0.55, method=method)
    assert pruning.weights_removed == 57  # 0.55 * 103 = 56.65
    assert f"57 of 103 weights removed ({method})" in str(pruning)
    for old, new, removed in zip(
        network.layers, pruning.network.layers, pruning.removed, strict=True
    ):
        assert not new.weight[removed].any()
        np.testing.assert_array_equal(new.bias, old.bias)
        if method not in ("woodfisher", "cbs"):
            np.testing.assert_array_equal(new.weight[~removed], old.weight[~removed])
    assert pruning.original == network


@pytest.mark.parametrize("blocks", ["layers", "network"])
def test_methods_are_ordered_as_the_model_proves(problem, blocks):
    network, inputs, labels = problem
    surgeon = Surgeon(network, inputs, labels, blocks=blocks, damping=1e-6)
    for sparsity in (0.2, 0.5, 0.8):
        cost = {name: surgeon.prune(sparsity, name).modelled_increase for name in METHODS}
        assert cost["cbs-selection"] <= cost["magnitude"]
        if blocks == "network":  # then the update is the least of the model, up to the damping
            assert cost["cbs"] <= cost["cbs-selection"]
            assert cost["woodfisher"] >= 0


def test_what_is_pruned_in_one_call_or_by_one_surgeon_is_the_same(problem):
    surgeon = Surgeon(*problem, seed=3, gradients=50)
    surgeon.prune(0.3, "cbs-selection")
    for method in ("cbs", "woodfisher"):
        alone = prune_network(*problem, 0.6, method=method, seed=3, gradients=50)
        assert alone.network == surgeon.prune(0.6, method).network


def test_a_sparsity_of_zero_changes_nothing(problem):
    for method in METHODS:
        pruning = prune_network(*problem, 0, method=method)
        assert pruning.network == problem[0]
        assert pruning.loss_after == pruning.loss_before
        assert pruning.modelled_increase == 0.0


def test_shares_are_read_as_decimals_and_rounded_up():
    """In doubles 0.55 * 100 is above 55 and 0.07 * 100 above 7."""
    assert [removal_count(r, 100) for r in (0.55, 0.07, 0.551)] == [55, 7, 56]
    assert removal_count(0.7, 32360) == 22652


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"sparsity": 1.0}, r"a sparsity of 1.0 is outside \[0, 1\)"),
        ({"sparsity": -0.1}, r"a sparsity of -0.1 is outside \[0, 1\)"),
        ({"sparsity": float("nan")}, r"a sparsity of nan is outside \[0, 1\)"),
        ({"method": "obs"}, "method='obs' is unknown; choose one of magnitude"),
        ({"blocks": "units"}, "blocks='units' is unknown; choose one of layers, network"),
        ({"damping": 0.0}, "damping must be positive; got 0.0"),
        ({"gradients": 0}, "gradients must be a whole number at least 1; got 0"),
        ({"labels": [0, 3]}, r"labels must be whole numbers from 0 to 2.* got \[0 3\]"),
        ({"labels": [0.0, 1.0]}, "labels must be whole numbers from 0 to 2"),
        ({"labels": [0]}, r"inputs have shape \(2, 6\), labels \(1,\); give \(m, 6\)"),
        ({"inputs": np.zeros((2, 5))}, r"inputs have shape \(2, 5\)"),
        ({"inputs": np.full((2, 6), np.nan)}, r"inputs\[0, 0\] is nan"),
    ],
)
def test_bad_input_is_one_clear_line(problem, change, message):
    arguments = {"inputs": np.zeros((2, 6)), "labels": [0, 1], "sparsity": 0.5} | change
    with pytest.raises(InputError, match=message) as refused:
        prune_network(problem[0], **arguments)
    assert "\n" not in str(refused.value)


def test_convolutions_are_refused():
    blur = Convolution(np.full((1, 1, 2, 2), 0.25), [-0.5])
    head = Network.of((np.ones((2, 4)), None))
    network = ConvolutionalNetwork.of((1, 3, 3), (blur, Relu()), head)
    with pytest.raises(UnsupportedError, match="has convolutions, whose weights are shared"):
        prune_network(network, np.zeros((2, 9)), [0, 1], 0.5)
