"""Points that prove a sign: replayed through the network with a bound on every rounding error."""

import numpy as np
from flint import fmpq, fmpq_mat

from ..arithmetic.rationals import rational, rational_matrix
from ..arithmetic.rounding import QUIET, UNDERFLOW, gamma
from ..network.slopes import outputs

BATCH = 4096


class Replay:
    """Certified signs of the pre-activations of ``network`` at points of ``domain``.

    Points are inputs of shape (m, n0); on an `AffineSlice` they are its coordinates (m, k), since
    the inputs themselves need not be floats.
    """

    def __init__(self, network, domain):
        self.network, self.domain = network, domain
        self._sizes = [np.abs(layer.weight) for layer in network.hidden]

    def inputs(self, points):
        """Inputs (m, n0) of the points, in floating point."""
        return self.domain.inputs_of(points)

    @np.errstate(**QUIET)
    def signs(self, points):
        """Per hidden layer int8 of shape (m, n_l): the proved sign, 0 where rounding hides it.

        A point that is not proved to lie in the domain proves nothing: all 0.
        """
        h, error = self.inputs(points), self.domain.error_of_inputs(points)
        inside = self._inside(points, h, error)
        signs = []
        layers = zip(self.network.hidden, self._sizes, self.network.leaks, strict=True)
        for (weight, bias), size, leak in layers:
            g = h @ weight.T + bias
            rounding = gamma(weight.shape[1] + 2)
            # the last factor pays for the rounding of this bound itself
            # a floor before the weights too: a share of a tiny output may vanish, and its weight be huge
            error = (rounding * np.abs(h) + error + UNDERFLOW) @ size.T + rounding * np.abs(bias)
            error = (error + weight.shape[1] * UNDERFLOW) * (1 + 2 * rounding)
            proved = np.isfinite(g) & (np.abs(g) > error) & inside[:, None]
            signs.append(np.where(proved, np.sign(g), 0).astype(np.int8))
            h = outputs(g, leak)
            if leak is not None:  # max(g, s g) moves by at most max(1, |s|) times as much as g
                error = error * np.maximum(1.0, np.abs(leak)) + gamma(1) * np.abs(h) + UNDERFLOW
        return signs

    def exact_sign(self, point, layer, unit):
        """The sign of one pre-activation at one point in rational arithmetic; 0 also when outside."""
        x = self.domain.exact_input_of(point)
        if not self.domain.contains_exactly(x):
            return 0
        *_, g = self.exact_preactivations(point, layer, [unit])
        return (g[0] > 0) - (g[0] < 0)

    def exact_preactivations(self, point, last=None, units=slice(None)):
        """Pre-activations at one point in rational arithmetic, layer by layer; of layer ``last`` those of ``units``."""
        h = self.domain.exact_input_of(point)
        last = len(self.network.hidden) - 1 if last is None else last
        for k, (weight, bias) in enumerate(self.network.hidden[: last + 1]):
            some = units if k == last else slice(None)
            product = (rational_matrix(weight[some]) * _column(h)).entries()
            g = [v + rational(b) for v, b in zip(product, bias[some], strict=True)]
            yield g
            leak = self.network.leaks[k]
            if leak is None or k == last:
                h = [max(v, fmpq(0)) for v in g]
            else:
                h = [v if v > 0 else v * rational(s) for v, s in zip(g, leak, strict=True)]

    def _inside(self, points, x, error):
        inside = self.domain.contains_proved(x, error)
        for i in np.flatnonzero(~inside) if len(points) == 1 else ():
            inside[i] = self.domain.contains_exactly(self.domain.exact_input_of(points[i]))
        return inside


def _column(values):
    return fmpq_mat(len(values), 1, values)
