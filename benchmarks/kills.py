"""Claim: a count that is killed at any moment and started again ends with the same certified number.

Ten times over: a count with a journal runs in a process of its own, gets SIGKILL at a random moment between its start and
the time that a whole run takes, and the same command is given again. Prints what the journal held at the kill.

    python -m benchmarks.kills [--kills 10] [--seed 0]
"""

import argparse
import json
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.counting import network
from regions import save

# About half a million cells: some 30 lines of the journal, a few seconds.
SHAPE = 4, (30, 30)


def main():
    """Print one line for each kill; fail if a resumed count is another one."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0, help="of the moments")
    options = parser.parse_args()
    moments = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "net.npz"
        save(network(*SHAPE), path)
        command = [sys.executable, "-m", "regions", "count", path, "--box", "-1", "1", "--json"]
        right, seconds = whole(command)
        print(f"not killed: {right['value']} {right['status']} in {seconds:.1f} s")
        for kill in range(options.kills):
            journal = Path(folder) / f"{kill}.jsonl"
            moment = moments.uniform(0, seconds)
            closed = killed([*command, "--journal", journal], moment, journal)
            resumed, took = whole([*command, "--journal", journal])
            print(
                f"killed after {moment:4.1f} s with {closed:3} lines: resumed to {resumed['value']} "
                f"{resumed['status']} in {took:.1f} s"
            )
            if any(resumed[key] != right[key] for key in ("value", "at_most", "status")):
                raise SystemExit(f"resumed to {resumed}, not to {right}")


def whole(command):
    """The answer of a run that is left alone, and its seconds."""
    start = time.monotonic()
    done = subprocess.run(command, check=True, capture_output=True)
    return json.loads(done.stdout), time.monotonic() - start


def killed(command, moment, journal):
    """Kill a run after ``moment`` seconds; the lines of its journal then."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(moment)
    process.kill()
    process.wait()
    return len(journal.read_text().splitlines()) if journal.exists() else 0


if __name__ == "__main__":
    main()
