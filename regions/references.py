"""The papers that this package implements, each once; `regions.citation` says which are behind a result.

CITATION.cff names the same papers in the same order, which a test compares.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reference:
    """A paper: authors as printed, year, title, venue, and where it can be read ("" if unknown).

    >>> print(PAPERS["hinz_2021"])
    Peter Hinz (2021). Using Activation Histograms to Bound the Number of Affine Regions in ReLU
    Feed-Forward Neural Networks. arXiv preprint. https://arxiv.org/abs/2103.17174
    """

    authors: tuple[str, ...]
    year: int
    title: str
    venue: str
    url: str = ""

    @property
    def short(self):
        """Family names and year, as docstrings and `bounds.Bound` write it.

        >>> PAPERS["serra_2018"].short
        'Serra, Tjandraatmadja, Ramalingam 2018'
        """
        return f"{', '.join(author.split()[-1] for author in self.authors)} {self.year}"

    @property
    def shorter(self):
        """First family name and year.

        >>> PAPERS["serra_2018"].shorter
        'Serra et al. 2018'
        """
        return f"{self.authors[0].split()[-1]} et al. {self.year}"

    def __str__(self):
        return f"{', '.join(self.authors)} ({self.year}). {self.title}. {self.venue}. {self.url}".rstrip()


_ICML = "International Conference on Machine Learning (ICML)"
_NEURIPS = "Advances in Neural Information Processing Systems (NeurIPS)"
_CPAIOR = "Integration of Constraint Programming, Artificial Intelligence, and Operations Research (CPAIOR)"
_PREPRINT = "arXiv preprint"

PAPERS = {
    "serra_2018": Reference(
        ("Thiago Serra", "Christian Tjandraatmadja", "Srikumar Ramalingam"),
        2018,
        "Bounding and Counting Linear Regions of Deep Neural Networks",
        _ICML,
        "https://arxiv.org/abs/1711.02114",
    ),
    "serra_2020_empirical": Reference(
        ("Thiago Serra", "Srikumar Ramalingam"),
        2020,
        "Empirical Bounds on Linear Regions of Deep Rectifier Networks",
        "AAAI Conference on Artificial Intelligence",
        "https://arxiv.org/abs/1810.03370",
    ),
    "serra_2020_lossless": Reference(
        ("Thiago Serra", "Abhinav Kumar", "Srikumar Ramalingam"),
        2020,
        "Lossless Compression of Deep Neural Networks",
        _CPAIOR,
        "https://arxiv.org/abs/2001.00218",
    ),
    "serra_2021": Reference(
        ("Thiago Serra", "Xin Yu", "Abhinav Kumar", "Srikumar Ramalingam"),
        2021,
        "Scaling Up Exact Neural Network Compression by ReLU Stability",
        _NEURIPS,
        "https://arxiv.org/abs/2102.07804",
    ),
    "cai_2023": Reference(
        (
            "Junyang Cai",
            "Khai-Nguyen Nguyen",
            "Nishant Shrestha",
            "Aidan Good",
            "Ruisen Tu",
            "Xin Yu",
            "Shandian Zhe",
            "Thiago Serra",
        ),
        2023,
        "Getting Away with More Network Pruning: From Sparsity to Geometry and Linear Regions",
        _CPAIOR,
        "https://arxiv.org/abs/2301.07966",
    ),
    "hinz_2021": Reference(
        ("Peter Hinz",),
        2021,
        "Using Activation Histograms to Bound the Number of Affine Regions in ReLU Feed-Forward "
        "Neural Networks",
        _PREPRINT,
        "https://arxiv.org/abs/2103.17174",
    ),
    "kumar_2019": Reference(
        ("Abhinav Kumar", "Thiago Serra", "Srikumar Ramalingam"),
        2019,
        "Equivalent and Approximate Transformations of Deep Neural Networks",
        _PREPRINT,
        "https://arxiv.org/abs/1905.11428",
    ),
    "yu_2022": Reference(
        ("Xin Yu", "Thiago Serra", "Srikumar Ramalingam", "Shandian Zhe"),
        2022,
        "The Combinatorial Brain Surgeon: Pruning Weights That Cancel One Another in Neural Networks",
        _ICML,
        "https://arxiv.org/abs/2203.04466",
    ),
    "heiss_2021": Reference(
        ("Jakob Heiss", "Alexis Stockinger", "Josef Teichmann"),
        2021,
        "Reducing the Number of Neurons of Deep ReLU Networks Based on the Current Theory of "
        "Regularization",
        "Submission to the International Conference on Learning Representations (ICLR)",
    ),
    "zaslavsky_1975": Reference(
        ("Thomas Zaslavsky",),
        1975,
        "Facing up to Arrangements: Face-Count Formulas for Partitions of Space by Hyperplanes",
        "Memoirs of the American Mathematical Society",
    ),
    "pascanu_2013": Reference(
        ("Razvan Pascanu", "Guido Montúfar", "Yoshua Bengio"),
        2013,
        "On the Number of Response Regions of Deep Feed Forward Networks with Piece-Wise Linear "
        "Activations",
        _PREPRINT,
        "https://arxiv.org/abs/1312.6098",
    ),
    "montufar_2014": Reference(
        ("Guido Montúfar", "Razvan Pascanu", "Kyunghyun Cho", "Yoshua Bengio"),
        2014,
        "On the Number of Linear Regions of Deep Neural Networks",
        _NEURIPS,
        "https://arxiv.org/abs/1402.1869",
    ),
    "raghu_2017": Reference(
        (
            "Maithra Raghu",
            "Ben Poole",
            "Jon Kleinberg",
            "Surya Ganguli",
            "Jascha Sohl-Dickstein",
        ),
        2017,
        "On the Expressive Power of Deep Neural Networks",
        _ICML,
        "https://arxiv.org/abs/1606.05336",
    ),
    "montufar_2017": Reference(
        ("Guido Montúfar",),
        2017,
        "Notes on the Number of Linear Regions of Deep Neural Networks",
        "International Conference on Sampling Theory and Applications (SampTA)",
    ),
    "knuth_1975": Reference(
        ("Donald Knuth",),
        1975,
        "Estimating the Efficiency of Backtrack Programs",
        "Mathematics of Computation",
    ),
    "gomes_2006": Reference(
        ("Carla Gomes", "Ashish Sabharwal", "Bart Selman"),
        2006,
        "Model Counting: A New Strategy for Obtaining Good Bounds",
        "AAAI Conference on Artificial Intelligence",
    ),
    "han_2015": Reference(
        ("Song Han", "Jeff Pool", "John Tran", "William Dally"),
        2015,
        "Learning both Weights and Connections for Efficient Neural Networks",
        _NEURIPS,
        "https://arxiv.org/abs/1506.02626",
    ),
    "hassibi_1992": Reference(
        ("Babak Hassibi", "David Stork"),
        1992,
        "Second Order Derivatives for Network Pruning: Optimal Brain Surgeon",
        _NEURIPS,
    ),
    "singh_2020": Reference(
        ("Sidak Pal Singh", "Dan Alistarh"),
        2020,
        "WoodFisher: Efficient Second-Order Approximation for Neural Network Compression",
        _NEURIPS,
        "https://arxiv.org/abs/2004.14340",
    ),
}
