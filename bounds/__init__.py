"""How many linear regions there can be: integers in, exact Python integers out.

Upper bounds, for every choice of weights (``n0`` inputs, hidden ``widths``):

=================  ==============================================================================
`ceiling`          2^N patterns of N units
`shallow`          one hidden layer, exact: Zaslavsky 1975; Pascanu, Montúfar, Bengio 2013
`montufar_2014`    2^N: Montúfar, Pascanu, Cho, Bengio 2014
`raghu_2017`       computable stand-in for the asymptotic bound of Raghu et al. 2017
`montufar_2017`    Montúfar 2017
`layered`          Serra, Tjandraatmadja, Ramalingam 2018, Theorem 1; with ranks: Cai et al. 2023
`layered_terms`    the set J of Theorem 1, term by term
`hinz_2021`        Hinz 2021, with `activation_histogram` derived and proved in `bounds.histogram`
`convolutional`    one convolutional layer, exact: Xiong, Huang, Yu, Liu, Zhu, Shao 2020
`maxout`           maxout units: Serra et al. 2018, Theorem 8
`maxout_2021`      maxout units, sharper: Montúfar, Ren, Zhang 2021
`piecewise_linear` any piecewise linear activation; setting of Goujon, Etemadi, Unser 2022
`by_activity`      tables of possible activity: derived here; setting of Serra, Ramalingam 2020
`by_active_sets`   sets of active units by what they allow: derived in `bounds.active_sets`
=================  ==============================================================================

Lower bounds, for the best weights of a shape only:

=====================  ==========================================================================
`montufar_2014_lower`  Montúfar, Pascanu, Cho, Bengio 2014
`arora_2016_lower`     Arora, Basu, Mianjy, Mukherjee 2016
`one_input_maximum`    Serra et al. 2018, Theorem 5 (exact)
`layered_lower`        Serra et al. 2018, Theorem 6
`zonotope_lower`       Serra et al. 2018, Theorem 7
=====================  ==========================================================================

Random networks, to compare with: `expected_layered` (Theorem 1 under random sparsity, Cai et al.
2023) with the laws of ranks `sampled_ranks` and `binomial_ranks`, and `hanin_rolnick_2019`.

Arrangements: `zaslavsky` (the most cells of m hyperplanes) and `count_cells` (of given ones,
exact), Zaslavsky 1975. `Bound` and `upper_bounds` pair each number with its reference; `log10`
prints long ones. `bounds.symbolic`, imported by itself, has the bounds as polynomials.
"""

from .active_sets import Kind, by_active_sets
from .activity import by_activity
from .arrangement import count_cells, zaslavsky
from .bound import Bound, log10, upper_bounds
from .convolutional import convolutional, windows
from .expected import binomial_ranks, expected_layered, hanin_rolnick_2019, sampled_ranks
from .histogram import activation_histogram
from .lower import (
    arora_2016_lower,
    layered_lower,
    montufar_2014_lower,
    one_input_maximum,
    zonotope_lower,
)
from .upper import (
    ceiling,
    hinz_2021,
    layered,
    layered_terms,
    maxout,
    maxout_2021,
    montufar_2014,
    montufar_2017,
    piecewise_linear,
    raghu_2017,
    shallow,
)

__all__ = [
    "Bound",
    "Kind",
    "activation_histogram",
    "arora_2016_lower",
    "binomial_ranks",
    "by_active_sets",
    "by_activity",
    "ceiling",
    "convolutional",
    "count_cells",
    "expected_layered",
    "hanin_rolnick_2019",
    "hinz_2021",
    "layered",
    "layered_lower",
    "layered_terms",
    "log10",
    "maxout",
    "maxout_2021",
    "montufar_2014",
    "montufar_2014_lower",
    "montufar_2017",
    "one_input_maximum",
    "piecewise_linear",
    "raghu_2017",
    "sampled_ranks",
    "shallow",
    "upper_bounds",
    "windows",
    "zaslavsky",
    "zonotope_lower",
]
