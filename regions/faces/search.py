"""The tree of a problem, grown piece by piece, with what is proved so far."""

import functools
from math import comb

import numpy as np

from ..deadline import COMPILATION, NEVER, Late, now
from ..domain import Box
from ..errors import UnsupportedError
from ..network import Network
from .kernels.arrays import make_room
from .kernels.tree import Node, Stack, Tally, grow
from .problem import Problem
from .rational import Judge
from .second_opinion import SecondOpinion

# Questions per call of the compiled tree, at first; then as many as fit into the seconds of a call. One may take a third
# of a second where layers are many and narrow.
FIRST_BUDGET, CALL_SECONDS = 1, 0.2
# Open nodes that a call may hand back.
OPEN_ROOM = 256
# Unit: bytes of a tree.
MOST_BYTES = 2**32
# Leaves that a call may record.
LOG_ROOM = 1024


@functools.cache
def compile_tree():
    """Compile the kernels, or load them: once in a process, and no part of an answer's time."""
    network = Network.of((np.eye(2), [0.1, 0.2]), (np.eye(2), [-0.5, -0.5]), (np.eye(2), None))
    with COMPILATION:  # which loading is a part of
        tree = Tree(Problem(network, Box.cube(2, -1, 1)))
        while not tree.done:
            tree.grow()


def room(n, m, places=0):
    """Bytes of a `Tree` over ``n`` units and ``m`` of the last layer with so many multipliers a node, about."""
    return 8 * ((n + (m + 2) ** 2) * max(places, 4 * n + m) + (n + 1) * (m + 1) ** 2)


class Tree:
    """The search for all faces of a `regions.faces.problem.Problem`.

    ``yes`` and ``no`` are numbers of pairs (parent's signs, set of units), proved, as Python integers; the tree is
    done when they add up to ``whole``. With ``keep`` the tree is recorded, as `letters` and `proofs`.
    """

    def __init__(self, problem, *, keep=False):
        self.problem, a = problem, problem.arrays
        sig, mode = problem.root()
        self._arrays, n, m = a, len(sig), len(mode)
        places = 4 * n + m + len(a.mixing) - a.first
        if room(n, m, places) > MOST_BYTES:
            raise UnsupportedError(
                f"a tree of faces of {n} units and {m} in the last layer takes {room(n, m, places):.1e} bytes, more than "
                f"{MOST_BYTES:.1e}; choose engine cells"
            )
        capacity = n + (m + 2) * (m + 2) + 8
        self._stack = Stack(
            np.zeros((capacity, n), dtype=np.int8),
            np.zeros((capacity, m), dtype=np.int8),
            np.zeros((capacity, places)),
        )
        self._stack.sig[0], self._stack.mode[0] = sig, mode
        self._top = 1
        self._node = Node(
            sig.copy(),
            mode.copy(),
            np.zeros(m, dtype=np.bool_),
            *(np.zeros(places) for _ in range(3)),
            *(np.zeros(max(m, n) + 1, dtype=np.int64) for _ in range(2)),
            *(np.zeros(max(n, len(a.mixing))) for _ in range(2)),
        )
        self._tally = Tally(
            yes=np.zeros((n + 1, m + 1, m + 1), dtype=np.int64),
            no=np.zeros(n + m + 1, dtype=np.int64),
            work=np.zeros(4, dtype=np.int64),
            open_sig=np.zeros((OPEN_ROOM, n), dtype=np.int8),
            open_mode=np.zeros((OPEN_ROOM, m), dtype=np.int8),
            open_point=np.zeros((OPEN_ROOM, a.mixing.shape[1])),
            kinds=np.zeros(LOG_ROOM * (m + 2) if keep else 0, dtype=np.int16),
            numbers=np.zeros((LOG_ROOM if keep else 0, places - 3 * n)),
            filled=np.zeros(3, dtype=np.int64),
        )
        self._room = make_room(a, m)
        self._judge, self._second, self._open = None, SecondOpinion(a, m), []
        self._exact_yes = self._exact_no = 0
        self._exact_by_size = [0] * (m + 1)
        self.settled_exactly = self.settled_by_programme = 0
        self._budget = FIRST_BUDGET
        self._letters, self._proofs = [], []
        self.settled = []  # of each open node, in order, what `SecondOpinion` proved

    @property
    def whole(self):
        """Number of pairs of the root."""
        return 1 << self.problem.exponent

    @property
    def done(self):
        """Whether every pair is decided."""
        return self._top == 0 and not self._open

    @property
    def yes(self):
        """Pairs proved to be faces: so many cells there are at least."""
        total = self._exact_yes
        for free, inside, open_ in np.argwhere(self._tally.yes):
            total += int(self._tally.yes[free, inside, open_]) << int(free + open_)
        return total

    @property
    def by_size(self):
        """``yes`` by the number of units in the set: the parents first, then facets between cells of one parent, ..."""
        sizes = list(self._exact_by_size)
        for free, inside, open_ in np.argwhere(self._tally.yes).tolist():
            leaves = int(self._tally.yes[free, inside, open_]) << free
            for more in range(open_ + 1):
                sizes[inside + more] += leaves * comb(open_, more)
        return sizes

    @property
    def no(self):
        """Pairs proved to be none."""
        leaves = enumerate(self._tally.no.tolist())
        return self._exact_no + sum(count << exponent for exponent, count in leaves)

    @property
    def recorded(self):
        """Whether the record proves all: the tree is done, and nothing was left to rationals."""
        return self.done and not self.settled_exactly

    @property
    def questions(self):
        """Questions asked."""
        return int(self._tally.work[0])

    @property
    def leaves(self):
        """``(yes, no)``: leaves that are proved in floating point."""
        return int(self._tally.work[1]), int(self._tally.work[2])

    def grow(self, deadline=NEVER):
        """A fraction of a second's work on the tree; then, one by one, what it left open until ``deadline``."""
        if self._top:
            began, asked = now(), self.questions
            self._top = grow(
                self._arrays,
                self._stack,
                self._top,
                self._node,
                self._tally,
                self._room,
                self._budget,
            )
            self._take_open()
            self._take_log()
            if now() - began >= CALL_SECONDS / 2:
                self._budget = max(self._budget // 2, 1)
            elif self.questions - asked >= self._budget:
                self._budget *= 2
        elif self._open:
            node = self._open.pop()
            try:
                self._settle(*node, deadline)
            except Late:
                self._open.append(node)

    def _take_open(self):
        count = int(self._tally.filled[0])
        for i in range(count):
            node = self._tally.open_sig[i], self._tally.open_mode[i], self._tally.open_point[i]
            self._open.append((len(self.settled), *(array.copy() for array in node)))
            self.settled.append((None, None))
        self._tally.filled[0] = 0

    def _take_log(self):
        kinds, numbers = self._tally.filled[1:]
        if kinds:
            self._letters.append(self._tally.kinds[:kinds].copy())
            self._proofs.append(self._tally.numbers[:numbers].copy())
            self._tally.filled[1:] = 0

    @property
    def letters(self):
        """The tree in preorder: branches, on last unit k as N + k, and kinds of leaf below zero."""
        return np.concatenate([np.zeros(0, dtype=np.int16), *self._letters])

    @property
    def proofs(self):
        """A row of numbers for each yes leaf and each no leaf with multipliers, in their order."""
        return np.concatenate([self._tally.numbers[:0], *self._proofs])

    def _settle(self, number, sig, mode, point, deadline):
        """Decide one open node, by a linear programme or in rational arithmetic."""
        whole = 1 << int((mode == 0).sum())
        answer, near = self._second.of(sig, mode)
        if answer is None:
            if self._judge is None:
                self._judge = Judge(self.problem)
            near = near if near.any() else point
            found = self._judge.faces(sig, mode, self.problem.coordinates(near), deadline)
            self.settled_exactly += 1
        else:
            self.settled[number] = answer, near
            found = whole if answer else 0
            self.settled_by_programme += 1
        self._exact_yes += found
        self._exact_by_size[int((mode > 0).sum())] += found  # an open node has no free unit
        self._exact_no += whole - found
