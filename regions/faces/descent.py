"""How large is the tree of a problem? Random descents tell cells and questions at once, without bias.

At every node one child is followed, in proportion to the number of pairs below it, and what is found there weighs as
much as the choice was unlikely (Knuth 1975).
"""

import time
from typing import NamedTuple

import numpy as np

from ..deadline import Deadline
from .kernels.tree import pop, visit
from .search import Tree, compile_tree

# Enough to tell engines apart that differ by more than a factor of two, in a fraction of a second on 784 inputs.
DESCENTS, SECONDS = 300, 0.5
# The clock may show so many times the seconds of the processor, on a machine that is busy.
PATIENCE = 2
# Questions that are timed, and seconds after which fewer are enough.
TIMED, TIMED_SECONDS = 100, 0.25


class Size(NamedTuple):
    """What ``descents`` random descents expect: cells and questions of the whole tree, and seconds for a question."""

    cells: float
    questions: float
    seconds_a_question: float
    descents: int


def expected_size(problem, *, seed=0, descents=DESCENTS, seconds=SECONDS):
    """The `Size` of the tree of a `regions.faces.problem.Problem`, by at most so many descents or seconds.

    None where the time is over before the first descent is: what is broken off says nothing without bias.
    """
    compile_tree()
    walk, rng = _Walk(problem), np.random.default_rng(seed)
    began, deadline, found = time.thread_time(), Deadline(PATIENCE * seconds), []
    while len(found) < descents and (not found or time.thread_time() - began < seconds):
        one = walk.descend(rng, deadline)
        if one is None:
            break
        found.append(one)
    if not found:
        return None
    cells, questions = np.mean(found, axis=0)
    return Size(float(cells), float(questions), _seconds_a_question(problem), len(found))


def _seconds_a_question(problem):
    """Of the tree's first questions, which are large ones."""
    tree, began, deadline = Tree(problem), time.thread_time(), Deadline(TIMED_SECONDS)
    while not tree.done and tree.questions < TIMED and not deadline.passed:
        tree.grow(deadline)
    return (time.thread_time() - began) / max(tree.questions, 1)


class _Walk(Tree):
    """A tree of which one path at a time is grown."""

    def descend(self, rng, deadline):
        """``(cells, questions)`` that one path stands for; None when ``deadline`` comes before its end."""
        a, stack, node, tally = self._arrays, self._stack, self._node, self._tally
        stack.sig[0], stack.mode[0] = self.problem.root()
        stack.multipliers[0] = 0.0
        weight, cells, questions, top = 1.0, 0.0, 0.0, 1
        while top:
            if deadline.passed:
                return None
            asked, yes, _, _ = tally.work.tolist()
            size = self._sizes(1)[0]
            pop(stack, 0, node)
            top = visit(a, stack, 0, node, tally, self._room)
            questions += weight * (int(tally.work[0]) - asked)
            cells += weight * size * (int(tally.work[1]) > yes)
            cells += weight * int(tally.filled[0])  # left to rational arithmetic: a guess
            tally.filled[0] = 0
            if top:
                sizes = self._sizes(top)
                chosen = rng.choice(top, p=sizes / sizes.sum())
                weight *= sizes.sum() / sizes[chosen]
                for array in stack:
                    array[0] = array[chosen]
        return cells, questions

    def _sizes(self, top):
        """Numbers of pairs below the first ``top`` nodes of the stack."""
        masters = self._arrays.master == np.arange(len(self._arrays.master))
        free = ((self._stack.sig[:top] == 0) & masters).sum(axis=1)
        return np.ldexp(1.0, free + (self._stack.mode[:top] == 0).sum(axis=1))
