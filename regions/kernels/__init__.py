"""Compiled inner loops of the exact engine. Nothing here decides by a tolerance.

Every kernel explores the cells below a partial sign assignment (a *task*) and settles a question
only with a proof in floating point that bounds its own rounding; what it cannot prove it hands back
as an open task, to be settled in rational arithmetic. `regions.twins` has the readable twins, `regions.plain` brute force.
"""

import contextlib
import hashlib
from pathlib import Path


def _drop_stale_cache():
    """Forget compiled code when any kernel changed.

    numba looks only at the file of a compiled function, not at the files of the functions it calls, so
    an edit of an inner loop would leave the outer one running the old code.
    """
    here = Path(__file__).parent
    sources = b"".join(path.read_bytes() for path in sorted(here.glob("*.py")))
    digest = hashlib.sha256(sources).hexdigest()
    stamp = here / "__pycache__" / "kernels.digest"
    if stamp.exists() and stamp.read_text() == digest:
        return
    # a folder that cannot be written holds an installation, whose files change all at once
    with contextlib.suppress(OSError):
        for compiled in here.glob("__pycache__/*.nb[ci]"):
            compiled.unlink(missing_ok=True)
        stamp.parent.mkdir(exist_ok=True)
        stamp.write_text(digest)


_drop_stale_cache()
