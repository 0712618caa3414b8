"""The layers of a Keras model as its configuration describes them, on their way into a `Chain`.

The value is followed with its shape, because Keras' layers act on the last axis of whatever comes: a
dense layer on an input of shape (4, 3) acts on each of four rows. Kernels are stored (in, out), the
transpose of this package's weights.
"""

import math

import numpy as np
from scipy import sparse

from ..errors import ReadError
from ..network.chain import Chain
from ..network.image_steps import LARGEST_LOWERED

REMEDY = (
    "rebuild the model from Dense and ReLU layers, or export it to ONNX (model.export(path, "
    "format='onnx')) if only its way of saying so is unknown here"
)
# Layers that change nothing in inference.
NO_OPERATION = (
    "InputLayer",
    "Dropout",
    "Identity",
    "SpatialDropout1D",
    "SpatialDropout2D",
    "GaussianDropout",
    "GaussianNoise",
    "ActivityRegularization",
)
MODELS = ("Sequential", "Functional", "Model")
OWN_MODULES = ("keras", "tf_keras", "tensorflow")
# Functions that end a classifier: they move no boundary between the regions of what they are given.
SMOOTH_ENDS = ("softmax", "log_softmax", "sigmoid", "tanh")
PLAIN_RELU = {"max_value": (None,), "negative_slope": (0.0, None), "threshold": (0.0, None)}


class KerasChain(Chain):
    """A `Chain` fed by the configuration of a model."""

    def __init__(self):
        super().__init__()
        self.shape = None  # of one sample; None while nothing is known
        self.begun = False

    def model(self, model, weights):
        """Add the layers of a model; ``weights`` gives their arrays."""
        kind = own_kind(model, "the model")
        if kind not in MODELS:
            raise ReadError(
                f"the model is a {kind}, not a Sequential or a functional one; {REMEDY}"
            )
        config = model.get("config") or {}
        layers = config["layers"] if isinstance(config, dict) else config
        called = [layer.get("config", {}).get("name", layer.get("name")) for layer in layers]
        named = [name for name in called if name is not None]
        if kind == "Sequential":
            repeated = sorted({name for name in named if named.count(name) > 1})
            if repeated:
                raise ReadError(
                    f"layers share the name {repeated[0]!r}, or are used twice; {REMEDY}"
                )
        else:
            layers = _in_order(layers, config)
        for layer in layers:
            self.layer(layer, weights)

    def layer(self, layer, weights):
        """Add one layer."""
        config = layer.get("config") or {}
        name = config.get("name", layer.get("name", ""))
        kind = own_kind(layer, f"layer {name!r}")
        title = f"layer {name!r} ({kind})"
        if kind in MODELS:
            self.model(layer, weights.inner(kind, name))
            return
        if kind not in READERS:
            raise ReadError(
                f"{title} cannot be read; a model may hold {', '.join(READERS)}; {REMEDY}"
            )
        self._expect(title, _input_shape(layer, config, first=not self.begun))
        self.begun = True
        READERS[kind](self, title, config, weights.arrays(kind, name))

    def activate(self, title, activation):
        """Add the function ``activation``, a name or the description of an object."""
        if isinstance(activation, dict):
            inner = activation.get("config")
            kind = own_kind(activation, f"the activation of {title}")
            if kind == "ReLU" and isinstance(inner, dict):
                _plain_relu(self, title, inner, [])
                return
            activation = inner if kind == "function" and isinstance(inner, str) else kind
        if activation in (None, "linear"):
            return
        if activation == "relu":
            self.relu()
        elif activation in SMOOTH_ENDS:
            self.leave_out(f"the {activation} of {title}")
        else:
            raise ReadError(
                f"{title} has the activation {activation!r}, not relu or linear; {REMEDY}"
            )

    def rows(self, title, takes):
        """How many rows of ``takes`` numbers the value has."""
        if self.shape is None:
            self.shape = (takes,)
        if None in self.shape or self.shape[-1:] != (takes,):
            raise ReadError(
                f"{title} takes {takes} numbers a row, its input has the shape {self.shape}; {REMEDY}"
            )
        return math.prod(self.shape[:-1])

    def _expect(self, title, shape):
        if shape is None:
            return
        if self.shape is not None and None not in (*shape, *self.shape) and shape != self.shape:
            raise ReadError(
                f"{title} expects an input of shape {shape}, and gets one of {self.shape}; the file "
                "contradicts itself: save the model again"
            )
        self.shape = shape if self.shape is None else self.shape


def own_kind(described, title):
    """The class of a layer or model if it is Keras' own; one of the user's is refused by name."""
    kind = described.get("class_name")
    registered = described.get("registered_name")
    own = str(described.get("module", "keras") or "").split(".")[0] in OWN_MODULES
    if not isinstance(kind, str) or not own or (registered is not None and registered != kind):
        raise ReadError(
            f"{title} is of a class of one's own, {registered or kind!r}: what it computes is not in the "
            f"file; {REMEDY}"
        )
    return kind


def _input_shape(layer, config, first):
    """The shape of one sample that the file gives for the input of a layer; None if it gives none."""
    shape = (layer.get("build_config") or {}).get("input_shape")
    if first:
        shape = config.get("batch_shape") or config.get("batch_input_shape") or shape
    if not isinstance(shape, list | tuple) or not all(
        n is None or isinstance(n, int) for n in shape
    ):
        return None
    return tuple(shape[1:])


def _in_order(layers, config):
    """The layers of a functional model from its one input to its one output."""
    before, by_name = {}, {}
    for layer in layers:
        name = layer.get("name") or layer.get("config", {}).get("name")
        by_name[name], before[name] = layer, _inputs(name, layer.get("inbound_nodes") or [])
    ends = [_references(config.get(key, [])) for key in ("input_layers", "output_layers")]
    if any(len(end) != 1 for end in ends):
        raise ReadError(
            f"the model has {len(ends[0])} inputs and {len(ends[1])} outputs; a network has one of each: "
            "save keras.Model(input, output) of the part that is meant"
        )
    order = [ends[1][0]]
    while before.get(order[-1]):
        order.append(before[order[-1]][0])
        if len(order) > len(layers):
            raise ReadError(f"the model's layers run in a circle; {REMEDY}")
    left = sorted(set(by_name) - set(order))
    if left or order[-1] != ends[0][0]:
        raise ReadError(
            f"the model branches at {', '.join(left) or order[-1]}: only plain chains of layers can be read"
        )
    return [by_name[name] for name in reversed(order)]


def _inputs(name, nodes):
    """The names of the layers that a layer takes its one value from."""
    if len(nodes) > 1:
        raise ReadError(f"layer {name!r} is used {len(nodes)} times: only plain chains can be read")
    if not nodes:
        return []
    (node,) = nodes
    if isinstance(node, dict):  # Keras 3
        found, options = _tensors(node.get("args")), node.get("kwargs") or {}
    else:  # Keras 2: [layer, node, tensor, options] for each tensor
        entries = node if node and isinstance(node[0], list | tuple) else [node]
        found = [entry[0] for entry in entries]
        options = {
            k: v for entry in entries for k, v in (entry[3] if len(entry) > 3 else {}).items()
        }
    given = [key for key, value in options.items() if value not in (None, False)]
    if len(found) != 1 or given:
        what = f"is called with {', '.join(given)}" if given else f"takes {len(found)} values"
        raise ReadError(f"layer {name!r} {what}: only plain chains of layers can be read; {REMEDY}")
    return found


def _tensors(described):
    if isinstance(described, dict):
        if described.get("class_name") == "__keras_tensor__":
            return [described["config"]["keras_history"][0]]
        return [name for value in described.values() for name in _tensors(value)]
    if isinstance(described, list | tuple):
        return [name for value in described for name in _tensors(value)]
    return []


def _references(ends):
    """Names of input or output layers: [name, 0, 0], or a list of such, or a dict of them."""
    if isinstance(ends, dict):
        ends = list(ends.values())
    if ends and isinstance(ends[0], str):
        ends = [ends]
    return [end[0] for end in ends]


def _nothing(chain, title, config, arrays):
    """Nothing changes."""


def _flatten(chain, title, config, arrays):
    if config.get("data_format") == "channels_first" and (
        chain.shape is None or len(chain.shape) > 2
    ):
        raise ReadError(
            f"{title} reorders its inputs (channels_first), which cannot be read; {REMEDY}"
        )
    if chain.shape is not None and None not in chain.shape:
        chain.shape = (math.prod(chain.shape),)
    elif chain.shape is not None:
        chain.shape = None


def _reshape(chain, title, config, arrays):
    wanted = tuple(config.get("target_shape", ()))
    try:
        if chain.shape is None or None in chain.shape:
            raise ValueError("the shape before it is unknown")
        chain.shape = np.empty(chain.shape, dtype=bool).reshape(wanted).shape
    except (ValueError, TypeError) as error:
        raise ReadError(f"{title} cannot be read ({error}); {REMEDY}") from None


def _dense(chain, title, config, arrays):
    if any(config.get(key) for key in ("lora_rank", "quantization_config", "quantization_mode")):
        raise ReadError(f"{title} is quantised or adapted, which cannot be read; {REMEDY}")
    if len(arrays) != 1 + bool(config.get("use_bias", True)):
        raise ReadError(
            f"{title} has {len(arrays)} stored arrays instead of kernel"
            f"{' and bias' * bool(config.get('use_bias', True))} "
            f"(quantised or adapted layers cannot be read); {REMEDY}"
        )
    kernel, bias = arrays[0], arrays[1] if len(arrays) > 1 else None
    if kernel.ndim != 2:
        raise ReadError(
            f"{title} has a kernel of shape {kernel.shape}, which is no matrix; {REMEDY}"
        )
    rows = chain.rows(title, len(kernel))
    weight = kernel.T
    if rows > 1:
        if rows * kernel.size > LARGEST_LOWERED or rows * rows * kernel.size > 8 * LARGEST_LOWERED:
            raise ReadError(
                f"{title} acts on each of {rows} rows, a matrix of {rows * rows * kernel.size:,} entries: "
                "too large to be written out; flatten the input first if one row is meant"
            )
        weight = sparse.kron(sparse.eye_array(rows), weight.astype(np.float64)).tocsr()
        bias = None if bias is None else np.tile(bias, rows)
    chain.affine(title, weight, bias)
    chain.shape = (*chain.shape[:-1], kernel.shape[1])
    chain.activate(title, config.get("activation", "linear"))


def _activation(chain, title, config, arrays):
    chain.activate(title, config.get("activation", "linear"))


def _plain_relu(chain, title, config, arrays):
    if any(config.get(key, plain[0]) not in plain for key, plain in PLAIN_RELU.items()):
        raise ReadError(f"{title} is not the plain max(0, x); {REMEDY}")
    chain.activate(title, "relu")


def _softmax(chain, title, config, arrays):
    chain.activate(title, "softmax")


def _normalise(chain, title, config, arrays):
    """Batch normalisation of vectors: gamma and beta if there are any, mean, variance."""
    count = 2 + bool(config.get("scale", True)) + bool(config.get("center", True))
    if len(arrays) != count or chain.shape is None or len(chain.shape) != 1:
        raise ReadError(f"{title} does not normalise vectors, or lacks its arrays; {REMEDY}")
    arrays = [values.astype(np.float64) for values in arrays]
    *scales, mean, variance = arrays
    factor = 1 / np.sqrt(variance + config.get("epsilon", 1e-3))
    if config.get("scale", True):
        factor = factor * scales[0]
    shift = (scales[-1] if config.get("center", True) else 0.0) - mean * factor
    chain.affine(title, sparse.diags_array(factor).tocsr(), shift, exact=False)


def _rescale(chain, title, config, arrays):
    if chain.shape is None or None in chain.shape:
        raise ReadError(f"{title} scales an input of unknown shape; {REMEDY}")
    size = math.prod(chain.shape)
    scale, offset = config.get("scale", 1.0), config.get("offset", 0.0)
    if not all(isinstance(value, int | float) for value in (scale, offset)):
        raise ReadError(f"{title} scales its entries differently; {REMEDY}")
    chain.affine(
        title, sparse.diags_array(np.full(size, float(scale))).tocsr(), np.full(size, float(offset))
    )


READERS = {
    "Dense": _dense,
    "ReLU": _plain_relu,
    "Activation": _activation,
    "Softmax": _softmax,
    "Flatten": _flatten,
    "Reshape": _reshape,
    "Rescaling": _rescale,
    "BatchNormalization": _normalise,
    **dict.fromkeys(NO_OPERATION, _nothing),
}
