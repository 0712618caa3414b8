"""Files that are written whole or not at all, and files that are not what they claim."""

import contextlib
import io
import os
import zipfile

import numpy as np
import pytest

from regions import Box, PatternSet, count_regions, load, save
from regions.draw import plot_regions
from regions.errors import InputError, ReadError
from regions.files import SaveWarning, check_writable, read_array, read_arrays, written
from regions.formats.load import READERS, WRITERS
from tests.ladder import FIGURE_2

DOMAIN = Box.cube(1, -10, 10)


def folder_of(path):
    return sorted(os.listdir(path))


def test_a_failure_in_the_middle_leaves_the_old_file_and_no_other(tmp_path):
    (tmp_path / "net").write_text("old")
    with pytest.raises(TypeError), written(tmp_path / "net") as file:
        file.writelines([b"half of the new", "not bytes"])
    assert (tmp_path / "net").read_text() == "old"
    assert folder_of(tmp_path) == ["net"]


def test_links_and_permissions_stay(tmp_path):
    (tmp_path / "real").write_text("old")
    (tmp_path / "real").chmod(0o640)
    (tmp_path / "link").symlink_to("real")
    with written(tmp_path / "link") as file:
        file.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "new"
    assert (tmp_path / "real").stat().st_mode & 0o777 == 0o640


def test_devices_are_written_as_they_are():
    with written(os.devnull) as file:
        file.write(b"anything")
    assert not os.path.isfile(os.devnull)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
@pytest.mark.parametrize("suffix", WRITERS)
def test_a_full_disk_names_the_file(tmp_path, suffix):
    (tmp_path / f"net{suffix}").symlink_to("/dev/full")
    with pytest.raises(InputError, match=rf"net{suffix} cannot be written"):
        save(FIGURE_2, tmp_path / f"net{suffix}")


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no device that is always full")
def test_a_count_outlives_a_certificate_that_cannot_be_written():
    with pytest.warns(SaveWarning, match="/dev/full"):
        count = count_regions(FIGURE_2, DOMAIN, certificate="/dev/full")
    assert (count.value, count.stats["certificate"][:11]) == (5, "not written")


def test_what_is_read_is_not_replaced(tmp_path):
    save(FIGURE_2, tmp_path / "net.npz")
    os.link(tmp_path / "net.npz", tmp_path / "other.npz")
    with pytest.raises(InputError, match="would be replaced"):
        check_writable(tmp_path / "other.npz", sources=(tmp_path / "net.npz",))


@pytest.mark.parametrize("kind", ["folder", "pipe", "nowhere/file"])
def test_targets_that_cannot_be_written(tmp_path, kind):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match=f"{kind} cannot be written"):
        check_writable(tmp_path / kind)


@pytest.mark.parametrize("suffix", READERS)
def test_networks_in_pipes_are_not_waited_for(tmp_path, suffix):
    os.mkfifo(tmp_path / f"net{suffix}")
    with pytest.raises(ReadError, match="pipe"):
        load(tmp_path / f"net{suffix}")


def test_pipes_are_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for read in (read_arrays, read_array, PatternSet.load):
        with pytest.raises(ReadError, match="pipe"):
            read(tmp_path / "pipe")


def npy(header):
    """A member that announces what ``header`` says and holds eight bytes."""
    text = repr(header).encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text + bytes(8)


def zipped(path, **members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(f"{name}.npy", content)


def test_a_header_that_claims_more_than_is_there(tmp_path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**6, 10**6)}
    zipped(tmp_path / "net.npz", W1=npy(header))
    with pytest.raises(ReadError, match="claims 8,000,000,000,000 bytes"):
        load(tmp_path / "net.npz")
    (tmp_path / "points.npy").write_bytes(npy(header))
    with pytest.raises(ReadError, match="claims"):
        read_array(tmp_path / "points.npy")


def test_an_archive_that_unpacks_to_a_thousand_times_its_size(tmp_path):
    header = {"descr": "<f8", "fortran_order": False, "shape": (10**4, 10**3)}
    zipped(tmp_path / "net.npz", W1=npy(header) + bytes(8 * 10**7))
    assert (tmp_path / "net.npz").stat().st_size < 10**5
    with pytest.raises(ReadError, match="fill the memory"):
        load(tmp_path / "net.npz")


def test_an_ordinary_sparse_network_is_no_bomb(tmp_path):
    np.savez_compressed(tmp_path / "net.npz", W1=np.zeros((2000, 1000)), W2=np.ones((1, 2000)))
    assert load(tmp_path / "net.npz").widths == (2000,)


def test_objects_are_not_unpickled(tmp_path):
    with open(tmp_path / "a.npy", "wb") as file:
        np.save(file, np.array([{}], dtype=object))
    with pytest.raises(ValueError, match="Python objects"):
        read_array(tmp_path / "a.npy")


@pytest.mark.parametrize("dtype", ["<f4", ">f8", "<i2", "?"])
@pytest.mark.parametrize("order", "CF")
def test_arrays_are_those_that_numpy_reads(tmp_path, dtype, order):
    array = np.asarray(np.arange(6).reshape(2, 3), dtype=dtype, order=order)
    np.savez(tmp_path / "a.npz", a=array, scalar=np.float64(0.5))
    found = read_arrays(tmp_path / "a.npz")
    assert np.array_equal(found["a"], array)
    assert found["scalar"] == 0.5


def test_damaged_sets_of_patterns(tmp_path):
    def stored(**arrays):
        np.savez(tmp_path / "p.npz", **arrays)
        return tmp_path / "p.npz"

    some = PatternSet.of([[1, 0, 1], [0, 0, 1]])
    some.save(tmp_path / "good.npz")
    assert PatternSet.load(tmp_path / "good.npz") == some
    (tmp_path / "text.npz").write_text("no patterns")
    for path in (
        tmp_path / "text.npz",
        stored(packed=some.packed),
        stored(packed=some.packed, width=17),
        stored(packed=some.packed, width=-1),
        stored(packed=some.packed, width=1),
        stored(packed=some.packed.astype(float), width=3),
        stored(packed=some.packed, width="three"),
    ):
        with pytest.raises(ReadError, match=r"no set of patterns.*save-patterns"):
            PatternSet.load(path)
    with pytest.raises(ReadError, match="does not exist"):
        PatternSet.load(tmp_path / "none.npz")


@pytest.mark.filterwarnings("ignore::regions.ReadWarning")  # the name of the digest is damaged
def test_every_damaged_byte_of_a_file_is_an_error_of_ours_or_harmless(tmp_path):
    save(FIGURE_2, tmp_path / "net.npz")
    content = (tmp_path / "net.npz").read_bytes()
    rng = np.random.default_rng(0)
    for place in rng.integers(0, len(content), 60):
        damaged = bytearray(content)
        damaged[place] ^= 1 << int(rng.integers(8))
        (tmp_path / "bad.npz").write_bytes(damaged)
        with contextlib.suppress(ReadError):
            assert load(tmp_path / "bad.npz") == FIGURE_2  # a byte that nobody reads


def test_pictures_are_equal_byte_by_byte(tmp_path):
    from tests.ladder import random_network

    network = random_network(0, 2, 4, 1)
    contents = []
    for name in ("a.svg", "b.svg"):
        plot_regions(network, Box.cube(2, -1, 1), tmp_path / name)
        contents.append((tmp_path / name).read_bytes())
    assert contents[0] == contents[1]
    assert io.BytesIO(contents[0]).read(5) == b"<?xml"
