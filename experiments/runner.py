"""Run the tasks of a study that have no row yet, and append a row for each as it is finished."""

import sys

from tqdm import tqdm

from .plan import table_path
from .table import Table


def run(study, scale, results, only=None):
    """Bring the table of ``study`` up to date; return how many tasks were run.

    Parameters
    ----------
    study
        A `Study`; the studies that it requires must have been run.
    scale
        ``"quick"`` or ``"paper"``.
    results
        The folder of the tables of this scale.
    only
        Run only tasks whose label contains this text; rows that the plan no longer asks for then
        stay where they are.

    Notes
    -----
    A finished row is never computed again. A kill at any moment loses the task that was running (for
    networks: the batch in training) and nothing else.
    """
    table = Table(table_path(results, study.name))
    tasks = study.tasks(scale, results)
    if only is None:
        _tidy(study, table, {study.key(task) for task in tasks})
    done = table.keys()
    asked = [task for task in tasks if only is None or only in task.label]
    missing = [task for task in asked if study.key(task) not in done]
    with tqdm(
        total=len(asked), initial=len(asked) - len(missing), desc=study.name, file=sys.stderr
    ) as bar:
        for batch in study.batches(missing):
            bar.set_postfix_str(batch[0].label, refresh=True)
            answers = study.answer(batch, results)
            rows = [study.row(*pair) for pair in zip(batch, answers, strict=True)]
            table.append(rows)
            bar.update(len(batch))
    return len(missing)


def _tidy(study, table, keys):
    moved = table.set_aside(keys)
    if moved:
        print(
            f"{study.name}: {moved} rows that the plan no longer asks for were set aside",
            file=sys.stderr,
        )
