"""The pre-activations of a network on a domain as rows of whole numbers, layer by layer, each kept while its signs last.

Doubles are whole numbers times a power of two, so a layer's rows are one matrix of whole numbers and one power. A search
asks for many units under the same signs of the layers before: those rows are computed once.
"""

import numpy as np
from flint import fmpq, fmpz, fmpz_mat

from ..arithmetic.integers import Row, whole_numbers


class WholeRows:
    """Rows of the hidden layers of ``network`` in the coordinates of an exact hull."""

    def __init__(self, network, hull):
        self._starts = np.cumsum((0, *network.widths))
        self._one = hull.one.index(1)
        self._weights = [layer.weight for layer in network.hidden]
        self._layers = [None] * len(network.widths)
        self._biases = [layer.bias for layer in network.hidden]
        self._slopes = [leak if leak is None else whole_numbers(leak) for leak in network.leaks]
        self._hull = hull
        self._inputs = None
        self._last = {}  # of each layer: (the signs before it, its rows, {unit: Row})

    def row(self, signs, unit):
        """The `Row` of a unit, of index 0 to N - 1, under the ``signs`` (N,) of the layers before its own."""
        layer = int(np.searchsorted(self._starts, unit, side="right")) - 1
        matrix, power, known = self._at(signs, layer)
        i = unit - int(self._starts[layer])
        if i not in known:
            values = [matrix[i, d] for d in range(matrix.ncols())]
            known[i] = Row(values, fmpz(1) << power)
        return known[i]

    def fractions(self, signs, stop):
        """The rows of all layers before ``stop`` as lists of ``fmpq``."""
        out = []
        for layer in range(stop):
            matrix, power, _ = self._at(signs, layer)
            scale = fmpz(1) << power
            out += [[fmpq(v, scale) for v in row] for row in matrix.tolist()]
        return out

    def _at(self, signs, layer):
        key = (np.asarray(signs)[: self._starts[layer]] > 0).tobytes()
        last = self._last.get(layer)
        if last is None or last[0] != key:
            last = key, *self._through(signs, layer), {}
            self._last[layer] = last
        return last[1:]

    def _through(self, signs, layer):
        """``(matrix, power)`` of a layer's rows."""
        weights, biases, power = self._layer(layer)
        if layer == 0:
            below, below_power = self._input_rows()
            passed = dict.fromkeys(range(below.nrows()), 1)
        else:
            below, below_power, _ = self._at(signs, layer - 1)
            before = np.asarray(signs)[self._starts[layer - 1] : self._starts[layer]]
            passed, slope_power = self._passed(layer - 1, before > 0)
            below_power += slope_power
        n, columns = len(biases), below.ncols()
        chosen = fmpz_mat(n, len(passed), [row[j] for row in weights for j in passed])
        parts = [below[j, d] for j in passed for d in range(columns)]
        if any(v != 1 for v in passed.values()):
            each = (v for v in passed.values() for _ in range(columns))
            parts = [part * v for part, v in zip(parts, each, strict=True)]
        rest = fmpz_mat(len(passed), columns, parts)
        rows = chosen * rest
        for i, bias in enumerate(biases):
            if bias:
                rows[i, self._one] += fmpz(bias) << below_power
        return rows, power + below_power

    def _passed(self, layer, on):
        """``({unit: what it multiplies its row by}, power)`` of a layer, the units that pass nothing left out."""
        if self._slopes[layer] is None:
            return dict.fromkeys(np.flatnonzero(on).tolist(), 1), 0
        slopes, power = self._slopes[layer]
        passed = {j: fmpz(1) << power if on[j] else s for j, s in enumerate(slopes)}
        return {j: v for j, v in passed.items() if v}, power

    def _layer(self, layer):
        """``(weights, biases, power)`` of a layer, whole numbers over one power of two."""
        if self._layers[layer] is None:
            weight, bias = self._weights[layer], self._biases[layer]
            numbers, power = whole_numbers([*weight.ravel(), *bias])
            n, m = weight.shape
            rows = [numbers[i * m : (i + 1) * m] for i in range(n)]
            self._layers[layer] = rows, numbers[n * m :], power
        return self._layers[layer]

    def _input_rows(self):
        if self._inputs is None:
            entries = [v for row in self._hull.inputs for v in row]
            # stored numbers are dyadic
            power = max((int(v.q).bit_length() - 1 for v in entries), default=0)
            scale = fmpz(1) << power
            whole = [fmpz(v.p) * (scale // fmpz(v.q)) for v in entries]
            self._inputs = fmpz_mat(len(self._hull.inputs), len(self._hull.one), whole), power
        return self._inputs
