"""Cells of an order are counted once, however often it begins."""

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.engine.cluster import Progress
from savedmodel_matrix.engine.followed import Followed


class Listener:
    def __init__(self):
        self.said, self.cells = [], []

    def say(self, line):
        self.said.append(line)

    def known(self, cells): ...

    def expect(self, seconds): ...

    def first(self, cells): ...

    def cell(self, status, doing, seconds):
        self.cells.append((status, doing, seconds))


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=8), st.integers(0, 6))
def test_all_cells_are_counted_at_the_end_and_none_twice(told, failed):
    listener = Listener()
    followed = Followed(listener, 6, 12.0)
    for number, (done, failing) in enumerate(told):
        followed.tell(Progress(0, f"w{number}", done=done, failed=min(failing, failed)))
        assert len(listener.cells) < 6
    followed.finish(failed)
    assert len(listener.cells) == 6
    assert sum(seconds for *_, seconds in listener.cells) == 12.0


def test_what_a_worker_says_is_said_with_its_name():
    listener = Listener()
    Followed(listener, 1, 1.0).tell(Progress(0, "w1", said="installing tf2.21"))
    assert listener.said == ["w1: installing tf2.21"]
