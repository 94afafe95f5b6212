"""The comparison table says of every cell what the rows say."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.analysis.comparison import panels
from savedmodel_matrix.analysis.counting import outcome
from savedmodel_matrix.model.table import FAILURES, Row, key_of
from tests.unit.rows import cell


def test_rows_are_cases_and_remedies_and_columns_loaders_and_versions() -> None:
    made = [
        cell("fail", producer="tf2.16"),
        cell(producer="tf2.9"),
        cell("not-applicable", producer="tf2.9", remedy="a-remedy"),
        cell("crash", producer="tf2.9", loader="a-loader", remedy="a-remedy"),
        cell(producer="tf2.9", case="first"),
    ]
    (panel,) = panels(made, cases=["first", "module_dense"])
    assert panel.family.versions == ("2.9", "2.16")
    assert list(panel.outcomes.index) == [
        ("first", "as-written"),
        ("module_dense", "as-written"),
        ("module_dense", "a-remedy"),
    ]
    # A loader of what is saved as written comes before one that reads another format.
    assert panel.loaders == ("libtensorflow", "a-loader")
    assert panel.outcomes.to_numpy().tolist() == [
        ["pass values", "", "", ""],
        ["pass values", "fail run", "", ""],
        ["not-applicable", "", "crash run", ""],
    ]


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.builds(
            cell,
            st.sampled_from(["pass", *FAILURES, "not-applicable", "not-run"]),
            case=st.sampled_from("abc"),
            remedy=st.sampled_from(["as-written", "r", "s"]),
            producer=st.sampled_from(["tf2.15", "tf2.9", "keras3.1", "jax"]),
            loader=st.sampled_from("lm"),
        ),
        unique_by=key_of,
    )
)
def test_no_outcome_is_lost_and_none_is_added(made: list[Row]) -> None:
    shown = {}
    for panel in panels(made, cases="ba"):
        for key, values in zip(
            panel.outcomes.index, panel.outcomes.to_numpy().tolist(), strict=True
        ):
            for column, end in zip(panel.outcomes.columns, values, strict=True):
                if end:
                    shown[(*key, *column)] = end
    assert shown == {
        (row["case"], row["remedy"], row["loader"], row["producer"]): outcome(row) for row in made
    }
