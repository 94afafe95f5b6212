"""The table as lines: every cell is under its version, in every width."""

from __future__ import annotations

import re
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.model.table import FAILURES, Row, key_of
from savedmodel_matrix.views.table import lines
from savedmodel_matrix.views.wording import DASH, MARKS, legend, mark
from tests.unit.pages import cell, failed, summary_of

CLI, C_API, PYTHON = "saved_model_cli", "libtensorflow", "tf.saved_model.load"
VERSIONS = tuple(f"tf2.{minor}" for minor in range(15, 22))
LONGEST = "same_shaped_inputs_eleven_outputs"


def shown(made: list[Row], width: int, **more: Any) -> list[str]:
    summary = summary_of(made, **more)
    return [
        "".join(text for text, _ in line).rstrip()
        for panel in summary.panels
        for line in lines(panel, summary.groups, summary.headings, width)
    ]


def default_run() -> list[Row]:
    broken = failed("run", "no")
    return [
        cell(
            case=case,
            producer=version,
            consumer=version,
            loader=loader,
            **(broken if version != "tf2.15" and loader != PYTHON else {}),
        )
        for case, version, loader in product(("a", LONGEST), VERSIONS, (CLI, C_API, PYTHON))
    ]


TOUR = {"a": "A group", LONGEST: "Another"}
KERAS = {
    name: {"packages": {"keras": "2.15.0" if name == "tf2.15" else "3.15.1"}} for name in VERSIONS
}


def test_three_loaders_and_seven_versions_beside_the_longest_name_fit_80_columns() -> None:
    assert shown(default_run(), 80, tour=TOUR, environments=KERAS) == [
        "Keras 2.15.0 │ 3.15.1                libtensorflow  saved_model_   tf.saved_",
        "                                                    cli            model.load",
        "TensorFlow 2.                        1│1 1 1 1 2 2  1│1 1 1 1 2 2  1│1 1 1 1 2 2",
        "                                     5│6 7 8 9 0 1  5│6 7 8 9 0 1  5│6 7 8 9 0 1",
        "A group",
        "  a                                  ✓│R R R R R R  ✓│R R R R R R  ✓│✓ ✓ ✓ ✓ ✓ ✓",
        "Another",
        f"  {LONGEST}  ✓│R R R R R R  ✓│R R R R R R  ✓│✓ ✓ ✓ ✓ ✓ ✓",
    ]


def test_wider_terminals_have_versions_that_are_read_at_once() -> None:
    assert shown(default_run(), 120, tour=TOUR, environments=KERAS)[:4] == [
        (
            "Keras 2.15.0 │ 3.15.1                libtensorflow           saved_model_cli         "
            "tf.saved_model.load"
        ),
        (
            "TensorFlow                           2.15│16 17 18 19 20 21  2.15│16 17 18 19 20 21  "
            "2.15│16 17 18 19 20 21"
        ),
        "A group",
        (
            "  a                                   ✓  │R  R  R  R  R  R    ✓  │R  R  R  R  R  R    "
            "✓  │✓  ✓  ✓  ✓  ✓  ✓"
        ),
    ]
    assert "2.15│2.16 2.17 2.18" in shown(default_run(), 200, tour=TOUR, environments=KERAS)[1]


def test_remedies_are_rows_below_their_case() -> None:
    made = [cell(case="a"), cell(case="a", remedy="resave"), cell(case="b", remedy="resave")]
    made += [cell(case="c", remedy=remedy) for remedy in ("resave", "model-export")]
    assert shown(made, 80)[2:] == [
        "a                ✓",
        "  resave         ✓",
        "b, resave        ✓",
        "c",
        "  model-export   ✓",
        "  resave         ✓",
    ]


def test_loaders_without_room_come_in_a_block_below_and_repetitions_are_named() -> None:
    names = [f"a_loader_with_name_{n}" for n in range(9)]
    made = [
        cell(
            case=LONGEST,
            producer=version,
            consumer=version,
            loader=name,
            **(failed("run", "no") if version == VERSIONS[number % 6] else {}),
        )
        for version, (number, name) in product(VERSIONS, enumerate(names))
    ]
    page = shown(made, 80)
    assert sum(line.startswith(LONGEST) for line in page) == 2
    assert page[-3:] == [f"{names[n]}: the same as {names[n - 6]} in every row." for n in (6, 7, 8)]
    assert max(map(len, page)) <= 80
    assert sum(line.startswith(LONGEST) for line in shown(made, 200)) == 1


def test_a_block_leaves_out_the_rows_of_other_formats() -> None:
    made = [
        cell(
            case=LONGEST,
            producer=v,
            consumer=v,
            loader=f"loader_{n}_{'x' * 20}",
            remedy="as-written" if n < 2 else "keras-file",
            **(failed("run", "no") if int(v[-2:]) == 15 + n else {}),
        )
        for v, n in product(VERSIONS, range(4))
    ]
    page = shown(made, 90)
    first, second = (i for i, line in enumerate(page) if line.startswith(LONGEST))
    assert [line.split()[0] for line in page[first:]] != []
    assert not any("keras-file" in line for line in page[first:second])
    assert sum("keras-file" in line for line in page[second:]) == 1


def test_where_nothing_fits_there_is_a_list() -> None:
    made = [cell(case="a", producer=v, consumer=v) for v in VERSIONS]
    assert shown(made, 20) == [
        "TensorFlow 2.15, 2.16, 2.17, 2.18, 2.19, 2.20, 2.21, in this order",
        "a",
        "  saved_model_cli ✓✓✓✓✓✓✓",
    ]


def test_every_outcome_has_a_symbol_of_its_own_one_cell_wide() -> None:
    assert len(set(MARKS.values())) == len(MARKS)
    assert all(len(symbol) == 1 for symbol in MARKS.values())


def test_the_legend_names_what_is_there() -> None:
    assert legend(["pass values", "", "fail run", "fail save", "fail values"]) == (
        "✓ pass   fails at S save, R run   ≠ wrong numbers"
    )
    assert legend(["crash run", "timeout load", "not-applicable", "not-run build"]) == (
        f"! crash   T timeout   {DASH} not applicable   ? not run"
    )
    assert legend(["fail build"]) == "fails at B build"
    assert legend([]) == ""


STAGES = st.sampled_from(["build", "save", "load", "run", "values"])


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            lambda status, stage, **where: cell(
                **where,
                consumer=where["producer"],
                status=status,
                stage={"pass": "values", "not-applicable": ""}.get(status, stage),
            ),
            st.sampled_from(["pass", *FAILURES, "not-applicable", "not-run"]),
            STAGES,
            case=st.sampled_from(["a", "b"]),
            remedy=st.sampled_from(["as-written", "resave"]),
            producer=st.sampled_from(VERSIONS),
            loader=st.sampled_from([CLI, PYTHON]),
        ),
        min_size=1,
        unique_by=key_of,
    ),
    st.sampled_from([60, 70, 80, 200]),
)
def test_every_symbol_stands_under_its_loader_and_version(made: list[Row], width: int) -> None:
    page = shown(made, width)
    start = next(i for i, line in enumerate(page) if line.startswith("TensorFlow"))
    written_below = (
        re.fullmatch(r"TensorFlow 2\.( +\d)*.*", page[start]) and ".1" not in page[start]
    )
    start += bool(written_below)
    versions = sorted({row["producer"] for row in made}, key=VERSIONS.index)
    written = {row["loader"] for row in made if row["remedy"] == "as-written"}
    order = sorted({row["loader"] for row in made}, key=lambda name: (name not in written, name))
    # Where each version stands, loader by loader: behind the names, which take 15 columns.
    spots = [found.span() for found in re.finditer(r"\d(?:\.?\d)*", page[start][15:])]
    columns = dict(zip(product(order, versions), spots, strict=True))
    case, found = "", {}
    for line in page[start + 1 :]:
        name, remedy = line[:15].strip(), "as-written"
        if line.startswith(" "):
            remedy = name
        else:
            case, _, only = name.partition(", ")
            remedy = only or remedy
        for (loader, version), (left, right) in columns.items():
            if symbol := line[15:][left:right].strip():
                found[case, remedy, loader, version] = symbol
    assert found == {
        (r["case"], r["remedy"], r["loader"], r["producer"]): mark(outcome(r)) for r in made
    }


@pytest.mark.parametrize("width", [80, 120, 200])
def test_many_families_are_tables_of_their_own(width: int) -> None:
    names = ["tf2.15", "tf2.16", "tf2.16-released", "keras3.0", "keras3.14", "jax"]
    page = shown([cell(case="a", producer=name, consumer=name) for name in names], width)
    labels = [line.split("  ")[0] for line in page if line.startswith(("T", "K", "E"))]
    assert labels == ["TensorFlow", "TensorFlow, as released", "Keras", "Environment"]
    assert sum(line.startswith("a ") for line in page) == 4
