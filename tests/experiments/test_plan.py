from dataclasses import dataclass, replace

from experiments import bottleneck, depth_and_dimension, tightness
from experiments.plan import Study


@dataclass(frozen=True)
class Square:
    number: int
    sides: tuple = (1, 2)

    @property
    def label(self):
        return f"square of {self.number}"


STUDY = Study(
    "squares",
    "?",
    version=1,
    tasks=lambda scale, results: [Square(n) for n in range(4)],
    answer=lambda batch, results: [{"value": t.number**2} for t in batch],
)


def test_keys_are_stable():
    """Frozen: committed tables are found by these keys. A change here stales every table."""
    assert STUDY.key(Square(3)) == "f7f5744c9235693a"
    first = depth_and_dimension.STUDY.tasks("quick", None)[0]
    assert depth_and_dimension.STUDY.key(first) == "852d4888e40a9335"


def test_a_key_depends_on_every_field_and_on_the_method_version():
    keys = {
        STUDY.key(Square(3)),
        STUDY.key(Square(4)),
        STUDY.key(Square(3, sides=(2, 1))),
        replace(STUDY, version=2).key(Square(3)),
        replace(STUDY, name="cubes").key(Square(3)),
    }
    assert len(keys) == 5


def test_all_tasks_of_a_study_have_keys_of_their_own():
    for module in (bottleneck, depth_and_dimension, tightness):
        tasks = module.STUDY.tasks("paper", None)
        assert len({module.STUDY.key(task) for task in tasks}) == len(tasks)


def test_batches_keep_every_task_once_and_the_order_of_their_first():
    parity = replace(STUDY, batch=lambda task: task.number % 2)
    tasks = STUDY.tasks("quick", None)
    assert [[t.number for t in batch] for batch in parity.batches(tasks)] == [[0, 2], [1, 3]]
    assert [len(batch) for batch in STUDY.batches(tasks)] == [1, 1, 1, 1]


def test_a_row_says_what_was_asked_and_found():
    row = STUDY.row(Square(3), {"value": 9})
    assert (row["study"], row["version"]) == ("squares", 1)
    assert row["sides"] == "1-2"
    assert row["value"] == 9
