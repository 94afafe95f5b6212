"""Ranges of releases: spans that agree, and models that have them."""

from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.views.report.ranges import ranges, supports
from tests.unit.views.report.generated import cell, facts_of, failed


def test_releases_that_agree_are_one_range():
    labels = ["2.15", "2.16", "2.17", "2.18"]
    assert ranges(labels, ["p", "f", "f", "f"]) == (("2.15", 0), ("2.16\N{EN DASH}2.18", 1))
    assert ranges(labels, ["p", "f", "p", "p"]) == (
        ("2.15", 0),
        ("2.16", 1),
        ("2.17\N{EN DASH}2.18", 2),
    )
    assert ranges([], []) == ()


@given(st.lists(st.sampled_from("pf-"), min_size=1))
def test_every_release_has_the_end_of_the_range_that_it_is_in(ends):
    found = ranges([str(number) for number in range(len(ends))], ends)
    starts = [start for _, start in found]
    assert starts[0] == 0
    for number, end in enumerate(ends):
        assert ends[max(start for start in starts if start <= number)] == end
    assert all(ends[one] != ends[one - 1] for one in starts[1:])


def test_models_that_come_out_alike_are_one_line_the_most_first():
    cells = []
    for case in ("a", "b", "c"):
        cells.append(cell(case, producer="tf2.15"))
        broken = {} if case == "b" else failed()
        cells += [cell(case, producer=name, **broken) for name in ("tf2.16", "tf2.17")]
    [(loader, [first, second])] = supports(facts_of(cells))
    assert loader == "saved_model_cli"
    assert [len(first.models), len(second.models)] == [2, 1]
    assert [mark and mark.word for _, mark in first.ranges] == ["pass", "run"]
    assert [mark and mark.word for _, mark in first.releases] == ["pass", "run", "run"]
    title, links = first.models[1]
    assert title == "What c saves"
    assert [link.href.partition("#")[2] for link in links] == [
        "as-written.tf2.15.saved_model_cli",
        "as-written.tf2.16.saved_model_cli",
    ]
    assert len(second.ranges) == 1
