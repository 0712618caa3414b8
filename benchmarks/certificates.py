"""What a certificate costs: its size, the time to write it, and the time to verify it without the engine.

Each row counts, writes the certificate and verifies it in one process, on one thread, on the quick networks of
`benchmarks.counting`; times are CPU time per cell. The peer is the count itself: the engine proves while it
counts, in compiled code; the file buys a second proof that trusts none of it.

    python -m benchmarks.certificates
"""

import tempfile
import time
from pathlib import Path

from benchmarks.counting import QUICK, network
from regions import Box, count_regions, verify_certificate


def main():
    """Print one line for each network; fail if a certificate proves anything but the count."""
    print(f"{'network':<14}{'cells':>7}{'count':>10}{'write':>10}{'verify':>10}{'bytes/cell':>12}")
    for n0, widths in QUICK:
        net = network(n0, widths)
        box = Box.cube(n0, 0 if n0 > 100 else -1, 1)
        count_regions(net, box)  # compile
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "count.npz"
            count, counting = timed(count_regions, net, box)
            _, both = timed(count_regions, net, box, certificate=path)
            found, verifying = timed(verify_certificate, path, net)
            size = path.stat().st_size
        cells = count.value
        if not found.proved_at_least == found.proved_at_most == cells:
            raise SystemExit(f"{net}: counted {cells}, the certificate proves {found}")
        times = (f"{1e6 * t / cells:>7.0f} us" for t in (counting, both - counting, verifying))
        print(f"{net.architecture:<14}{cells:>7}{''.join(times)}{size / cells:>12.0f}")


def timed(function, *arguments, **options):
    """The result of a call and its CPU seconds."""
    start = time.process_time()
    return function(*arguments, **options), time.process_time() - start


if __name__ == "__main__":
    main()
