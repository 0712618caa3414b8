"""Perceptrons of scikit-learn, against their own predictions."""

import warnings

import numpy as np
import pytest

from regions import load
from regions.errors import ReadError
from regions.network.chain import ReadWarning

neural = pytest.importorskip("sklearn.neural_network")
RNG = np.random.default_rng(0)
X = RNG.normal(size=(60, 3))


def fitted(kind, labels, **options):
    model = kind(hidden_layer_sizes=(5, 4), max_iter=5, random_state=0, **options)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # five iterations do not converge
        return model.fit(X, labels)


@pytest.mark.parametrize("outputs", [1, 2])
@pytest.mark.parametrize("activation", ["relu", "identity"])
@pytest.mark.filterwarnings("ignore:folded")
def test_regressors(outputs, activation):
    model = fitted(neural.MLPRegressor, X[:, :outputs].squeeze(), activation=activation)
    network = load(model)
    assert network.widths == ((5, 4) if activation == "relu" else ())
    expected = model.predict(X).reshape(60, -1)
    assert np.abs(network.forward(X) - expected).max() < 1e-12


@pytest.mark.parametrize("classes", [2, 3])
def test_classifiers(classes):
    model = fitted(neural.MLPClassifier, np.arange(60) % classes)
    with pytest.warns(ReadWarning, match="is left out"):
        network = load(model)
    logits = network.forward(X)
    if classes == 2:  # one output, through a logistic function
        expected, found = model.predict_proba(X)[:, 1], 1 / (1 + np.exp(-logits[:, 0]))
    else:
        expected, found = model.predict_proba(X), np.exp(logits) / np.exp(logits).sum(1)[:, None]
    assert np.abs(found - expected).max() < 1e-12


def test_what_cannot_be_read():
    with pytest.raises(ReadError, match="not fitted"):
        load(neural.MLPRegressor())
    with pytest.raises(ReadError, match="'tanh'"):
        load(fitted(neural.MLPRegressor, X[:, 0], activation="tanh"))
