"""The comparison table: sorted, all text, byte-identical, and read back as it was written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.model.files import write_files
from savedmodel_matrix.model.table import (
    COLUMNS,
    STATUSES,
    csv_bytes,
    environment_order,
    from_cells,
    key_of,
    read_csv,
    rows_of,
    write_csv,
)

if TYPE_CHECKING:
    from pathlib import Path
    from random import Random

HEADER = ",".join(COLUMNS) + "\n"
PASSING = "module_dense,as-written,tf2.15,saved_model_cli,tf2.15,pass,values,,,\n"


def cell(**given: object) -> dict[str, object]:
    known = dict(zip(COLUMNS, PASSING.strip("\n").split(","), strict=True))
    return {**known, **given}


def written(directory: Path, text: str | bytes) -> Path:
    path = directory / "matrix.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


# What the reader must give back: quotes, commas, line ends of all kinds, emoji, "NA", nothing.
texts = st.text(max_size=12) | st.sampled_from(
    ["NA", "nan", "", "a\r", '"', '""', "\n", ",", "👩🏽‍🔬", "\0"]
)
names = texts.filter(bool)
endings = st.sampled_from(
    [("pass", "values"), ("not-applicable", ""), ("fail", "run"), ("not-run", "environment")]
)
cells = st.builds(
    lambda key, ending, rest: dict(zip(COLUMNS, (*key, *ending, *rest), strict=True)),
    st.tuples(*[names] * 5),
    endings,
    st.tuples(*[texts] * 3),
)
tables = st.lists(cells, max_size=5, unique_by=lambda each: tuple(each[c] for c in COLUMNS[:5]))


@settings(deadline=None)
@given(tables)
def test_what_is_written_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, made: list[dict[str, str]]
) -> None:
    path = tmp_path_factory.mktemp("table") / "matrix.csv"
    table = from_cells(made)
    write_csv(table, path)
    assert rows_of(read_csv(path)) == rows_of(table)
    assert sorted(map(key_of, rows_of(table))) == sorted(map(key_of, made))


@settings(deadline=None)
@given(tables, st.randoms())
def test_the_order_of_cells_leaves_no_trace(made: list[dict[str, str]], random: Random) -> None:
    shuffled = list(made)
    random.shuffle(shuffled)
    assert csv_bytes(from_cells(shuffled)) == csv_bytes(from_cells(made))


def test_a_table_sorted_otherwise_is_written_sorted() -> None:
    table = from_cells([cell(case="a"), cell(case="b")])
    assert csv_bytes(table.iloc[::-1]) == csv_bytes(table)


def test_the_bytes_of_a_table(tmp_path: Path) -> None:
    path = tmp_path / "results" / "matrix.csv"
    write_csv(from_cells([cell(seconds=1.5, reason='a "b",\nc')]), path)
    assert path.read_bytes().decode() == HEADER + PASSING.replace(
        "values,,", 'values,"a ""b"",\nc",'
    )
    assert [file.name for file in path.parent.iterdir()] == ["matrix.csv"]


def test_environments_sort_by_version() -> None:
    names = ["tf2.15", "tf2.9", "tf10.1", "tf2.16-keras3.0", "tf2.16", "tf2.021", "tf2.21"]
    assert sorted(names, key=environment_order) == [
        "tf2.9",
        "tf2.15",
        "tf2.16",
        "tf2.16-keras3.0",
        "tf2.021",
        "tf2.21",
        "tf10.1",
    ]


@settings(deadline=None)
@given(st.lists(st.text(), unique=True))
def test_every_two_names_have_one_order(made: list[str]) -> None:
    orders = [environment_order(name) for name in made]
    assert len(set(orders)) == len(made)
    assert all(min(one, other) in {one, other} for one in orders for other in orders)


def test_environments_of_any_kind_have_their_order() -> None:
    ordered = ["tf2.15", "tf2.16", "tf2.16-released", "tf2.17", "tf2.21", "keras3.0", "keras3.4"]
    ordered += ["keras3.14", "jax", "onnxruntime", "openvino"]
    assert sorted(sorted(ordered), key=environment_order) == ordered


def test_rows_sort_by_case_remedy_producer_loader_consumer() -> None:
    made = [
        cell(producer="tf2.15", loader="z"),
        cell(producer="tf2.9", loader="z"),
        cell(producer="tf2.15", loader="a", consumer="tf2.15"),
        cell(producer="tf2.15", loader="a", consumer="tf2.9"),
    ]
    keys = [key_of(row)[2:] for row in rows_of(from_cells(made))]
    assert keys == [
        ("tf2.9", "z", "tf2.15"),
        ("tf2.15", "a", "tf2.9"),
        ("tf2.15", "a", "tf2.15"),
        ("tf2.15", "z", "tf2.15"),
    ]


def test_a_lone_surrogate_is_spelled_out(tmp_path: Path) -> None:
    table = from_cells([cell(reason="\ud800")])
    write_csv(table, tmp_path / "matrix.csv")
    assert rows_of(read_csv(tmp_path / "matrix.csv"))[0]["reason"] == "\\ud800"


def test_an_empty_table_has_its_columns(tmp_path: Path) -> None:
    write_csv(from_cells([]), tmp_path / "matrix.csv")
    assert (tmp_path / "matrix.csv").read_text() == HEADER
    assert list(read_csv(tmp_path / "matrix.csv").columns) == list(COLUMNS)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"status": "passed"}, "status 'passed', which is none of pass"),
        ({"stage": "run"}, "status pass at stage 'run'"),
        ({"status": "not-applicable"}, "status not-applicable at stage 'values'"),
        ({"status": "fail", "stage": ""}, "status fail at stage ''"),
        ({"reason": None}, "has no text as its reason"),
        ({"case": ""}, "names no case"),
    ],
)
def test_a_cell_that_cannot_be_is_refused(given: dict[str, object], said: str) -> None:
    with pytest.raises(UserError, match=said):
        from_cells([cell(**given)])


def test_a_cell_that_lacks_a_column_is_refused() -> None:
    with pytest.raises(UserError, match="has no text as its signature"):
        from_cells([{key: value for key, value in cell().items() if key != "signature"}])


def test_a_cell_comes_once() -> None:
    with pytest.raises(UserError, match=r"module_dense, as-written, tf2\.15, .* comes twice"):
        from_cells([cell(), cell(status="fail", stage="run")])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "line 1: not the header"),
        ("case;remedy\n", "line 1: not the header"),
        (f"{HEADER}{PASSING}<<<<<<< HEAD\n", "line 3: this row should have 10 fields and has 1"),
        (f"{HEADER}{PASSING}{PASSING}", "line 3: this row states the cell of line 2 again"),
        (HEADER + PASSING.replace(",,,", ',"x\ny",,') + "\n", "line 4: this row should have 10"),
        (HEADER + PASSING.replace("pass", "ok"), "line 2: this row has the status 'ok'"),
        (f'{HEADER}{PASSING}"a\nb\n', "line 3: not CSV"),
        (f'{HEADER}"a"b{PASSING}', "line 2: not CSV"),
        (HEADER.encode() + b"a\n\xff", "line 3: not UTF-8"),
    ],
)
def test_a_malformed_file_is_one_sentence(tmp_path: Path, text: str | bytes, said: str) -> None:
    path = written(tmp_path, text)
    with pytest.raises(UserError) as caught:
        read_csv(path)
    sentence = str(caught.value)
    assert sentence.startswith(f"{path}")
    assert said in sentence
    assert sentence.endswith("run `nox -s matrix` again.")
    assert sentence.count("\n") == 0


def test_a_file_that_is_not_there_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"Cannot read .*matrix\.csv \(No such file"):
        read_csv(tmp_path / "matrix.csv")


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(tmp_path: Path) -> None:
    path = written(tmp_path, ("\ufeff" + HEADER + PASSING).replace("\n", "\r\n"))
    assert rows_of(read_csv(path)) == [cell()]


def test_a_field_of_a_megabyte_is_read(tmp_path: Path) -> None:
    long = "x" * 2**20
    write_csv(from_cells([cell(signature=long)]), tmp_path / "matrix.csv")
    assert rows_of(read_csv(tmp_path / "matrix.csv"))[0]["signature"] == long


def test_when_one_file_cannot_be_written_none_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a directory should be")
    first = tmp_path / "first"
    first.write_text("before")
    with pytest.raises(UserError, match=r"Cannot write .*first and .*second"):
        write_files({first: b"after", tmp_path / "taken" / "second": b"x"})
    assert first.read_text() == "before"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first", "taken"]


def test_every_status_has_a_stage_that_it_may_end_in() -> None:
    stages = {"pass": "values", "not-applicable": ""}
    made = [
        cell(case=status, status=status, stage=stages.get(status, "load")) for status in STATUSES
    ]
    assert len(from_cells(made)) == len(STATUSES)
