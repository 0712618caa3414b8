"""scikit-learn's multilayer perceptrons in memory, known by the names of their classes."""

from ..errors import ReadError
from ..network.chain import Chain

KINDS = ("MLPClassifier", "MLPRegressor")
ENDS = ("softmax", "logistic")


def is_perceptron(thing):
    """Whether this is one of scikit-learn's own perceptrons."""
    kind = type(thing)
    return kind.__module__.startswith("sklearn.neural_network") and kind.__name__ in KINDS


def from_sklearn(model):
    """The `Network` of a fitted ``MLPClassifier`` or ``MLPRegressor`` with ReLU, or the identity, inside.

    A softmax or logistic function at the end is left out with a `ReadWarning`.

    Raises
    ------
    ReadError
        Not fitted, or another activation.
    """
    name = type(model).__name__
    if not hasattr(model, "coefs_"):
        raise ReadError(f"the {name} is not fitted; call its fit first")
    if model.activation not in ("relu", "identity"):
        raise ReadError(
            f"the {name} has the activation {model.activation!r}; only 'relu' can be read"
        )
    chain = Chain()
    layers = list(zip(model.coefs_, model.intercepts_, strict=True))
    for k, (weight, bias) in enumerate(layers, start=1):
        chain.affine(f"layer {k}", weight.T, bias)  # stored as (in, out)
        if k < len(layers) and model.activation == "relu":
            chain.relu()
    if model.out_activation_ in ENDS:
        chain.leave_out(f"the {model.out_activation_} function of the {name}")
    elif model.out_activation_ != "identity":
        raise ReadError(f"the {name} ends in {model.out_activation_!r}, which cannot be read")
    return chain.network()
