"""The tree of `Faces` as a certificate: scaled arrays become the network's own units, nothing is proved here."""

import numpy as np

from ..certify.faces_file import NO, OPEN, PLACED, YES, FacesCertificate


def certificate_of_tree(tree):
    """The `FacesCertificate` of a `regions.faces.search.Tree` that kept its record; the checker is the judge of it."""
    names, problem = _Names(tree.problem), tree.problem
    kinds = tree.letters[(tree.letters == YES) | (tree.letters == NO)]
    letters = tree.letters.astype(np.int32)
    places, refuted = [], []
    # what the tree left open and a linear programme settled
    for at, (answer, proof) in zip(np.flatnonzero(letters == OPEN), tree.settled, strict=True):
        if answer:
            letters[at] = PLACED
            places.append(names.place(proof))
        elif answer is False:
            letters[at] = NO
            refuted.append((int((tree.letters[:at] == NO).sum()), names.compact(proof)))
    proofs = tree.proofs[kinds == NO]
    if refuted:
        proofs = np.insert(proofs, [at for at, _ in refuted], [row for _, row in refuted], axis=0)
    letters[letters >= 0] = names.units[letters[letters >= 0]]
    return FacesCertificate(
        digest=problem.network.digest,
        domain=problem.domain,
        letters=letters,
        twins=names.twins(),
        points=names.points(tree.proofs[kinds == YES]),
        multipliers=names.multipliers(proofs),
        places=np.array(places).reshape(len(places), names.coordinates),
    )


class _Names:
    """Which unit and which row of the domain stands where in a problem's arrays."""

    def __init__(self, problem):
        self._problem, network = problem, problem.network
        self._starts = np.cumsum((0, *network.widths))
        kept = problem.kept
        parts = [start + units for start, units in zip(self._starts, kept, strict=False)]
        # with one hidden layer the earlier units of the arrays repeat the last ones
        self._earlier = parts[0] if len(kept) == 1 else np.concatenate(parts[:-1])
        self.units = np.concatenate([self._earlier, parts[-1]])
        self._end = self._starts[len(kept)]
        self._rows = len(problem.hull.rows)
        free = problem.hull.free
        # with fixed coordinates the checker has all of the inputs, the arrays only the free ones
        self.coordinates = problem.hull.dimension if free is None else network.n0

    def place(self, t):
        """A point of the arrays' cube in the checker's coordinates."""
        problem, free = self._problem, self._problem.hull.free
        if free is None:
            return problem.coordinates(t)
        y = problem.hull.origin.copy()
        y[free] = problem.coordinates(t)
        return y

    def compact(self, multipliers):
        """Multipliers in the places of a question with no free unit, as the tree records them."""
        n = len(self._problem.arrays.lower)
        return np.concatenate([multipliers[:n], multipliers[4 * n :]])

    def twins(self):
        """Triples of units on one hyperplane."""
        a, problem = self._problem.arrays, self._problem
        found = [
            (self._earlier[i], self._earlier[master], int(a.flip[i]))
            for i, master in enumerate(a.master)
            if master != i
        ]
        depth = len(problem.kept) - 1
        last, masters, flips = problem.last_twins
        start = self._starts[depth]
        for i, master in enumerate(masters):
            if master != i:
                found.append((start + last[i], start + last[master], int(flips[i])))
        return np.array(found, dtype=np.int64).reshape(-1, 3)

    def points(self, numbers):
        """Multipliers of the first layer's units and of the domain's rows."""
        problem, a = self._problem, self._problem.arrays
        out = np.zeros((len(numbers), self._starts[1] + self._rows))
        out[:, problem.kept[0]] = numbers[:, : a.first] * problem.units.scale[: a.first]
        out[:, self._starts[1] + problem.telling] = (
            numbers[:, a.first : len(a.mixing)] * problem.row_scale
        )
        return out

    def multipliers(self, numbers):
        """Multipliers of all hidden units and of the domain's rows."""
        problem, n = self._problem, len(self._problem.arrays.lower)
        m = len(problem.kept[-1])
        out = np.zeros((len(numbers), self._end + self._rows))
        if len(problem.kept) > 1:
            out[:, self._earlier] = numbers[:, :n] * problem.units.scale
        out[:, self.units[n:]] = numbers[:, n : n + m] * problem.units.last_scale
        out[:, self._end + problem.telling] = numbers[:, n + m :] * problem.row_scale
        return out
