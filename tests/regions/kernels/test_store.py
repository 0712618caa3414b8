"""Where compiled code is kept: never that of another source, never a damaged file, never an error for want of a place."""

import importlib
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from numba.core import config

from regions import Box, Polytope, WholeSpace, count_regions, estimate_regions
from regions.errors import InputError
from regions.exact_search import warm_up
from regions.exact_search.warm_up import compile_kernels
from regions.kernels import halfspaces, store, vertices
from tests.ladder import random_network

INNER = """
from .store import njit

@njit(nogil=True)
def inner(x):
    return x + {}
"""
OUTER = """
from .inner import inner
from .store import njit

@njit(nogil=True)
def outer(x):
    return inner(2 * x)
"""


@pytest.fixture
def toy(tmp_path, monkeypatch):
    """``run(added)``: 2 * 10 + added by two kernels in files of their own, loaded anew as by another process."""
    package = tmp_path / "toy_kernels"
    package.mkdir()
    shutil.copy(store.__file__, package)
    (package / "__init__.py").touch()
    (package / "outer.py").write_text(OUTER)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "place"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "home"))

    def run(added):
        (package / "inner.py").write_text(INNER.format(added))
        for name in [name for name in sys.modules if name.startswith("toy_kernels")]:
            del sys.modules[name]
        importlib.invalidate_caches()
        return importlib.import_module("toy_kernels.outer").outer(10)

    yield run
    for name in [name for name in sys.modules if name.startswith("toy_kernels")]:
        del sys.modules[name]


def kept(folder):
    return sorted(folder.rglob("*.code"))


def test_an_edit_of_an_inner_kernel_is_seen_where_the_place_is_named(toy, tmp_path, capfd):
    assert toy(1) == 21
    assert "once on this machine; kept in" in capfd.readouterr().err
    assert len(kept(tmp_path / "place")) == 2
    assert toy(1) == 21
    assert capfd.readouterr().err == ""  # loaded, not compiled
    assert toy(5) == 25
    assert "compiling" in capfd.readouterr().err
    assert toy(1) == 21
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "damage", [lambda b: b[:-9], lambda b: b"", lambda b: b[:99] + b"?" + b[100:]]
)
def test_a_damaged_file_is_thrown_away_and_made_again(toy, tmp_path, damage, capfd):
    toy(1)
    (file,) = [file for file in kept(tmp_path / "place") if file.name.startswith("outer")]
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    assert toy(1) == 21
    assert capfd.readouterr().err.count("compiling") == 2
    assert len(file.read_bytes()) > len(whole) / 2
    assert toy(1) == 21
    assert capfd.readouterr().err == ""


def test_without_a_place_named_it_is_beside_the_source_and_old_code_goes(
    toy, tmp_path, monkeypatch
):
    monkeypatch.setattr(config, "CACHE_DIR", "")
    for added in (1, 2):
        assert toy(added) == 20 + added
        assert len(kept(tmp_path / "toy_kernels" / "__pycache__")) == 2


def test_no_place_at_all_is_a_slow_start_and_one_line(toy, tmp_path, monkeypatch, capfd):
    nowhere = tmp_path / "a_file"
    nowhere.touch()
    (tmp_path / "toy_kernels" / "__pycache__").touch()  # a file where a folder would be
    monkeypatch.setattr(config, "CACHE_DIR", str(nowhere))
    monkeypatch.setenv("XDG_CACHE_HOME", str(nowhere))
    monkeypatch.setattr(Path, "home", lambda: nowhere)
    assert toy(1) == 21
    line = capfd.readouterr().err
    assert "in every process" in line
    assert "NUMBA_CACHE_DIR=FOLDER" in line
    assert line.count("\n") == 1


def test_code_is_taken_from_any_folder_that_has_it(toy, tmp_path, monkeypatch, capfd):
    """An image compiled while it was built: another place is named when it runs, and is not needed."""
    monkeypatch.setattr(config, "CACHE_DIR", "")
    toy(1)
    capfd.readouterr()
    monkeypatch.setattr(config, "CACHE_DIR", str(tmp_path / "elsewhere"))
    assert toy(1) == 21
    assert capfd.readouterr().err == ""
    assert [file.name[:5] for file in kept(tmp_path / "elsewhere")] == ["outer"]  # what was used


QUESTIONS = [
    (random_network(0, 2, 4, 3, 1), WholeSpace(2)),
    (random_network(1, 3, 4, 1), Polytope([[1.0, 1.0, 1.0]], [0.5], Box.cube(3, -1, 1))),
    (random_network(2, 7, 8, 3, 1), Box.cube(7, -1, 1)),
    (random_network(3, 6, 8, 1), Polytope([[1.0] * 6], [0.5], Box.cube(6, -1, 1))),
    (random_network(4, 9, 3, 3, 1), Box([0.0] * 9, [1.0] * 8 + [0.0])),
]


def test_what_is_compiled_ahead_is_what_a_count_calls():
    """A signature more would be seconds of compiling inside an answer's time."""
    for kind in warm_up.KINDS:
        warm_up.prepare(kind, descents=True)
    ready = [list(kernel.explore.signatures) for kernel in (vertices, halfspaces)]
    for network, domain in QUESTIONS:
        count_regions(network, domain, keep_patterns=True)
        estimate_regions(network, domain, samples=20, counting=False)
    assert [list(kernel.explore.signatures) for kernel in (vertices, halfspaces)] == ready


COMPILATIONS = """
from collections import Counter
from numba.core import event

from regions.exact_search.warm_up import prepare
from regions.kernels.store import Store

Store.load_overload = Store.save_overload = lambda *_: None
with event.install_recorder("numba:compile") as recorder:
    prepare("vertices", False)
started = [event.data["dispatcher"].py_func for _, event in recorder.buffer if event.is_start]
ours = Counter(function.__name__ for function in started if function.__module__.startswith("regions"))
print(len(started), *(name for name, times in ours.items() if times > 1))
"""


def test_few_functions_are_compiled_and_each_of_ours_once():
    done = subprocess.run(
        [sys.executable, "-c", COMPILATIONS],
        capture_output=True,
        text=True,
        check=True,
    )
    compilations, *twice = done.stdout.split()
    assert int(compilations) <= 45  # 95 with slice assignments and literal integers
    assert twice == ["put"]  # signs, splits, coordinates


def test_no_search_of_that_name():
    with pytest.raises(InputError, match="choose from vertices, half_spaces, wide"):
        compile_kernels(["edges"])
