"""What this installation can do: versions, solvers, licences, and a clash of import names."""

import platform
from importlib import metadata

from ..errors import SolverError
from ..solvers.gurobi import WITHOUT_LIMIT, accepts, environment
from ..text import indented
from ..version import __version__

DISTRIBUTION = "relu-regions"
PACKAGES = [
    "numpy",
    "scipy",
    "numba",
    "python-flint",
    "highspy",
    "gurobipy",
    "pyscipopt",
    "torch",
    "onnx",
    "onnxruntime",
    "h5py",
    "safetensors",
    "mlxtend",
    "distributed",
]

# Unit: variables or rows. A licence that takes a model of this size is called unlimited here.
LARGEST_TRIED = 1 << 15


def diagnose():
    """Everything `regions doctor` reports, as plain data."""
    return {
        "version": __version__,
        "python": platform.python_version(),
        "packages": {name: _version(name) for name in PACKAGES},
        "solvers": {
            "gurobi": _gurobi(),
            "scip": _available("pyscipopt", "pip install 'relu-regions[scip]'"),
            "highs": _available("highspy", "pip install highspy"),
        },
        "import_clash": import_clash(metadata.packages_distributions()),
    }


def import_clash(providers):
    """Other distributions that install a package called ``regions``, and hence overwrite this one.

    ``providers`` maps an import name to the distributions that provide it, as
    `importlib.metadata.packages_distributions` does.

    >>> import_clash({"regions": ["relu-regions", "regions"]})
    ['regions: pip uninstall regions, then install relu-regions again']
    """
    others = sorted(set(providers.get("regions", ())) - {DISTRIBUTION})
    return [f"{name}: pip uninstall {name}, then install {DISTRIBUTION} again" for name in others]


def _gurobi():
    try:
        with environment() as env:
            limits = {
                "variables": _largest(lambda n: accepts(env, variables=n)),
                "rows": _largest(lambda n: accepts(env, rows=n)),
            }
    except SolverError as error:
        return {"available": False, "remedy": str(error)}
    limited = any(limit is not None for limit in limits.values())
    return {
        "available": True,
        "size_limit": limits,
        "remedy": f"a larger licence, or {WITHOUT_LIMIT}" if limited else None,
    }


def _largest(accepted):
    """The largest size that is accepted, by bisection; None when `LARGEST_TRIED` is."""
    if accepted(LARGEST_TRIED):
        return None
    low, high = 0, LARGEST_TRIED
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if accepted(middle) else (low, middle)
    return low


def _available(package, remedy):
    installed = _version(package) is not None
    return {"available": installed, "remedy": None if installed else remedy}


def _version(package):
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def doctor_text(found):
    """What `regions.cli.installation.diagnose` found, one line per fact."""
    return "\n".join(indented(found, indent=""))
