"""Activation histograms: how many cells of a layer can have many active units, all at once.

Theorem
-------
Let n half-spaces be given in R^d, "active" inside and "inactive" outside, and let N(m) be the
number of cells (of their n boundary hyperplanes) that lie outside at most m of them. Then
N(m) <= M(m; n, d) for every m at the same time, where M(-1; n, d) = 0 and, for m >= 0,

    M(m; n, 0) = M(m; 0, d) = 1
    M(m; n, 1) = min(1 + 2m, n + 1)
    M(m; n, 2) = min(1 + n m, 1 + n(n + 1)/2)
    M(m; n, d) = M(m; n - 1, d) + M(m - 1; n - 1, d - 1)        for d >= 3.

Proof
-----
*General position.* Choose a point in every cell. Moving the hyperplanes slightly keeps the side on
which each of these points lies, so no N(m) falls; the hyperplanes may therefore be taken in general
position. This covers units that are constant on the space (a zero normal), repeated units and
weights of low rank.

*The step for d >= 3.* Take one half-space away. Of the N'(m) cells outside at most m of the others,
let C be cut by its boundary and let Q(m) lie wholly outside it. Cells cut by the boundary are cells
of an arrangement of n - 1 half-spaces in R^(d-1), so C(m) <= M(m; n - 1, d - 1). Cells outside at
most m of all n: inside the removed one, N'(m) - Q(m); outside, C(m - 1) + Q(m - 1). As
Q(m - 1) <= Q(m), the sum is at most N'(m) + C(m - 1).

*d = 1.* Let i and k be the outermost of the intervals that lie outside at most m half-lines, with
p points between them. Each half-line whose end is one of these points misses i or misses k, so
p <= 2m and there are at most 2m + 1 intervals from i to k. There are n + 1 intervals altogether.

*d = 2.* Only N(m) <= 1 + n m is to be shown; the other number is Zaslavsky's.

(a) We may assume a point that is inside all half-planes. Write them as a_i x + b_i > 0 and move
them outwards, b_i + t |a_i| with t growing, until all contain the origin. Cells change only when
three lines meet in a point: one triangle vanishes and the opposite one appears. Call the three
functions g_i = a_i x + b_i + t |a_i|, let u_1 a_1 + u_2 a_2 + u_3 a_3 = 0 be the dependency of
their normals, and c(t) the sum of u_i g_i, constant in x. The triangle is where all u_i g_i have
the sign of c, and c changes at the rate of the sum of u_i |a_i|. If all u_i are positive then c
grows through 0: the triangle outside all three is replaced by one inside all. Else, up to order
and a factor, u_1 and u_2 are positive and u_3 = -1, so |a_3| <= u_1 |a_1| + u_2 |a_2| and c cannot
fall: the triangle outside the first two becomes one outside the third only. (Equality makes a_3
parallel to the others, which general position excludes.) Neither lowers any
N(m). Events at the same time are separated by a slight move.

(b) Let R be the open set of points that lie in at most m closed outsides. Going away from a point
inside all half-planes one never leaves an outside, so R is star-shaped, an open disk. It is the
union of F = N(m) cells, of E open edges with both sides in R, and of V vertices with all four
corners in R, and Euler's relation for an open disk is F - E + V = 1. On a line h, the edges of R
are the intervals outside at most m - 1 of the other n - 1 half-planes. Say there are B(h) of them
in r(h) runs of neighbours; the vertices inside runs are the V, each on two lines, so 2V = sum of
B(h) - r(h), and N(m) = 1 + half the sum of B(h) + r(h) over all lines. By the case d = 1, from the
outermost to the outermost of these intervals there are at most 2(m - 1) + 1 intervals, of which at
least r(h) - 1 lie between runs. So B(h) + r(h) <= 2m, and N(m) <= 1 + n m. QED

Solving the recurrence by paths from (n, d) to the cases d = 2 or n = 0 gives the closed form of
`activation_histogram`. For d = 1 and 2 and few units the tests find every M(m; n, d) reached; the
recurrence for d >= 3 is not claimed to be best possible.

References
----------
Hinz, van de Geer 2019 (the framework of histograms); Hinz 2021, arXiv 2103.17174 (histograms that
are better than binomials). The text of the latter was not at hand: the theorem and its proof were
derived here, and give the histograms of the public code of that bound.
"""

from math import comb
from typing import SupportsIndex

from .arrangement import binomial_row
from .checks import integer


def activation_histogram(n: SupportsIndex, d: SupportsIndex) -> list[int]:
    """The extreme histogram of n half-spaces in R^d: entry k stands for cells with k active units.

    The list has n + 1 entries. Their sum over k >= K bounds the number of cells with at least K
    active units, for every K at once and for any n half-spaces; the total is Zaslavsky's number.
    Proof: module docstring. Raises ValueError unless ``n >= 0`` and ``d >= 0`` are whole numbers.

    >>> activation_histogram(3, 1), activation_histogram(4, 2), activation_histogram(5, 3)
    ([0, 1, 2, 1], [0, 2, 4, 4, 1], [0, 2, 8, 10, 5, 1])
    """
    n, d = integer("n", n, least=0), integer("d", d, least=0)
    early = max(d, 1)
    by_inactive = (binomial_row(n, n)[:early] + late_entries(n, d, early))[: n + 1]
    by_inactive += [0] * (n + 1 - len(by_inactive))
    return by_inactive[::-1]


def late_entries(n, d, first):
    """Entries i = first, first + 1, ... of the extreme histogram, i counting inactive units.

    Requires ``max(d, 1) <= first``: before d the histogram has the binomials C(n, i). Trailing
    zeros are left out.
    """
    every = range(first, (n + d) // 2 + 1)
    if d == 0:
        return []
    if d == 1:
        return [2 if 2 * i <= n else 1 for i in every]
    if d == 2:
        return [n if 2 * i <= n + 1 else n // 2 for i in every]
    return list(_late_entries_in_space(n, d, every))


def _late_entries_in_space(n, d, every):
    """Sums over all paths of the recurrence, d >= 3, in closed form.

    With a = i - d + 2 and x = n - 2a + 1 the entry is
    n C(x, d-2) - (d-2) C(x+1, d-1) + (a-1) C(x, d-3); all of it is a multiple of C(x, d-3), which
    is carried along because binomials of wide layers are slow to start afresh.
    """
    if not every:
        return
    r = d - 3
    x = n - 2 * (every[0] - d + 2) + 1
    binomial = comb(x, r)
    for i in every:
        a = i - d + 2
        factor = (x - r) * (n * (d - 1) - (d - 2) * (x + 1)) + (a - 1) * (d - 1) * (d - 2)
        yield binomial * factor // ((d - 1) * (d - 2))
        if x >= r + 2:
            binomial = binomial * ((x - r) * (x - r - 1)) // (x * (x - 1))
        x -= 2
