#!/usr/bin/env bash
# Build the wheel and the sdist. The wheel alone, without extras, in a fresh environment: import, count, verify, and
# one JSON object from every verb. The sdist: its own tests are found in it, and those of `bounds` pass.
# Usage: tests/packages.sh PYTHON PYTHON_WITH_BUILD
set -euo pipefail
cd "$(dirname "$0")/.."
plain=$1
builder=$(cd "$(dirname "$2")" && pwd)/$(basename "$2")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"$builder" -m build --outdir "$work/dist" . >"$work/build.log" 2>&1 || { cat "$work/build.log"; exit 1; }
"$plain" -m venv "$work/env"
"$work/env/bin/python" -m pip install --quiet "$work"/dist/*.whl

mkdir "$work/away" "$work/sdist"
tar -xzf "$work"/dist/*.tar.gz -C "$work/sdist" --strip-components 1
cd "$work/away" # away from the checkout: what is imported is what was installed
cat >small.py <<'PYTHON'
import sys

import bounds
import regions
from regions import Box, Network, count_regions, save

slow_or_optional = {"pandas", "seaborn", "matplotlib", "PIL", "torch", "onnx"} & set(sys.modules)
assert not slow_or_optional, slow_or_optional
net = Network.of(([[1.0, 0.5], [-1.0, 2.0], [0.25, 1.0]], [0.0, 0.5, -0.25]), ([[4.0, 2.0, 1.0]], [-3.0]), ([[1.0]], None))
count = count_regions(net, Box.cube(2, -1, 1))
assert count.at_least == count.at_most == count.value, count
assert bounds.shallow(2, 4) == 11
save(net, "net.npz")
PYTHON
"$work/env/bin/python" small.py
verb() { # a verb with its arguments: one JSON object on stdout and nothing else
    echo "regions $*"
    "$work/env/bin/regions" "$@" --json | "$work/env/bin/python" -m json.tool >/dev/null
}
verb count net.npz --box -1 1 --save-certificate proof.npz
verb verify proof.npz net.npz
verb bound 784 11 11 10
verb bound net.npz --box -1 1
verb estimate net.npz --box -1 1
verb stability net.npz --box -1 1
verb compress net.npz --box -1 1 -o small.npz
verb show net.npz --box -1 1
verb export net.npz --box -1 1 -o model.mps
verb doctor
# pictures need an extra: without it one line says which, with exit code 3
if "$work/env/bin/regions" plot net.npz --box -1 1 -o net.png 2>plot.err; then exit 1; else [ $? -eq 3 ]; fi
grep -q 'relu-regions\[plot\]' plot.err

cd "$work/sdist"
"$builder" -m pytest -q -p no:cacheprovider tests/bounds
echo "packages: wheel and sdist work"
