"""A step, told in lines."""

from savedmodel_matrix.analysis.attribution import Attributed, Changed, Step
from savedmodel_matrix.views.attributed import step_lines


def found(cells, **given):
    ways = tuple(("as-written", str(number)) for number in range(cells))
    changed = Changed("a", ("pass", "values", ""), ("fail", "run", "aa"), ways)
    return Attributed(changed, **given)


def test_differences_are_counted_by_release_the_most_first() -> None:
    attributed = (
        found(1, package="tensorflow", since="2.16.1"),
        found(2, package="keras", since="3.0.0"),
        found(3, package="keras", since="3.0.0"),
        found(2, why="not tried"),
    )
    assert step_lines(Step("tf2.15", "tf2.16", {}, (), attributed)) == [
        "tf2.15 → tf2.16: 8 cells differ.",
        "  5 since keras 3.0.0",
        "  2 not attributed: not tried",
        "  1 since tensorflow 2.16.1",
    ]


def test_many_ways_are_summed_up_and_nothing_in_a_reason_acts() -> None:
    attributed = tuple(found(1, why=f"reason {number}\x1b[31m\n") for number in range(20))
    lines = step_lines(Step("tf2.15", "tf2.16", {}, (), attributed))
    assert lines[-1] == "  8 others, 8 ways"
    assert not any("\x1b" in line or "\n" in line for line in lines)
