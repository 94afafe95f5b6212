"""The sentence above the table is right for any selection."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.model.table import FAILURES, STATUSES, Row, key_of
from savedmodel_matrix.views.sentence import sentence
from tests.unit.pages import cell, failed, summary_of

CLI, C_API, PYTHON = "saved_model_cli", "libtensorflow", "tf.saved_model.load"
VERSIONS = ("tf2.15", "tf2.16", "tf2.17")
BAD = failed("run", "no")


def rows(cases: str, loaders: tuple[str, ...], broken: tuple[str, ...], **more: str) -> list[Row]:
    """Return cells of these cases and loaders, those of the ``broken`` versions failing."""
    return [
        cell(
            case=case,
            loader=loader,
            producer=version,
            consumer=version,
            **more,
            **(BAD if version in broken else {}),
        )
        for case, loader, version in product(cases, loaders, VERSIONS)
    ]


@pytest.mark.parametrize(
    ("made", "said"),
    [
        ([], "No cell was selected."),
        ([cell()], "Saved as written, module_dense passes in saved_model_cli on TensorFlow 2.16."),
        (
            [cell(**BAD)],
            "Saved as written, module_dense fails in saved_model_cli on TensorFlow 2.16.",
        ),
        (
            [cell(producer="mine", consumer="mine")],
            "Saved as written, module_dense passes in saved_model_cli in mine.",
        ),
        (
            rows("ab", (CLI, C_API, PYTHON), ()),
            "Saved as written, all 2 cases pass in all 3 loaders on TensorFlow 2.15 to 2.17.",
        ),
        (
            rows("ab", (CLI,), VERSIONS),
            "Saved as written, none of 2 cases passes in saved_model_cli on TensorFlow 2.15 to 2.17.",
        ),
        (
            rows("a", (CLI, C_API), VERSIONS[1:]) + rows("a", (PYTHON,), ()),
            (
                "Saved as written, a passes on TensorFlow 2.15 and fails from 2.16 on in libtensorflow "
                "and saved_model_cli, but not in tf.saved_model.load."
            ),
        ),
        (
            rows("a", (CLI,), VERSIONS[1:]) + rows("b", (CLI,), ()),
            (
                "Saved as written, 1 of 2 cases that pass on TensorFlow 2.15 fails from 2.16 on in "
                "saved_model_cli."
            ),
        ),
        (
            rows("abc", (CLI,), VERSIONS[2:])
            + rows("d", (CLI,), VERSIONS[1:])
            + rows("ab", (PYTHON,), VERSIONS[1:])
            + rows("cd", (PYTHON,), ()),
            (
                "Saved as written, all 4 cases that pass on TensorFlow 2.15 fail from 2.16 on or later "
                "in saved_model_cli, 2 from 2.16 on in tf.saved_model.load."
            ),
        ),
        (
            rows("a", (CLI,), VERSIONS[2:]) + rows("a", (C_API, PYTHON), ()),
            (
                "Saved as written, a passes on TensorFlow 2.15 and fails on 2.17 in "
                "saved_model_cli, but not in libtensorflow or tf.saved_model.load."
            ),
        ),
        (
            # What fails and then passes again does not stop working.
            rows("a", (CLI,), VERSIONS[1:2]) + rows("b", (CLI,), ()),
            (
                "Saved as written, 1 of 2 cases fails in saved_model_cli in at least one of 3 "
                "environments."
            ),
        ),
        (
            [cell(case="a", **BAD), cell(case="b"), cell(case="b", loader=C_API, **BAD)],
            (
                "Saved as written, 1 of 2 cases fails in libtensorflow, 1 in saved_model_cli on "
                "TensorFlow 2.16."
            ),
        ),
        (
            rows("a", (CLI,), VERSIONS[1:])
            + rows("a", (CLI,), (), remedy="resave")
            + rows("a", (CLI,), (), remedy="model-export")
            + rows("a", (CLI,), VERSIONS[2:], remedy="track-keras-variables"),
            (
                "Saved as written, a passes on TensorFlow 2.15 and fails from 2.16 on in "
                "saved_model_cli. For a, model-export and resave work everywhere."
            ),
        ),
        (
            rows("ab", (CLI,), VERSIONS[1:])
            + rows("ab", (CLI,), (), remedy="resave")
            + rows("a", (CLI,), (), remedy="model-export"),
            (
                "Saved as written, all 2 cases that pass on TensorFlow 2.15 fail from 2.16 on in "
                "saved_model_cli. Of 2 cases that fail, 2 have a remedy that works everywhere: resave "
                "for 2 and model-export for 1."
            ),
        ),
        (
            [cell(**BAD), cell(remedy="resave", **BAD)],
            (
                "Saved as written, module_dense fails in saved_model_cli on TensorFlow 2.16. No other "
                "way of saving module_dense that ran works everywhere."
            ),
        ),
        (
            [cell(**BAD), cell(remedy="resave", status="not-run", stage="load")],
            (
                "Saved as written, module_dense fails in saved_model_cli on TensorFlow 2.16. 1 cell was "
                "not run, so nothing is known of it."
            ),
        ),
        (
            # A file that other programs read is no remedy for what these cannot read.
            [cell(**BAD), cell(remedy="h5-file", loader="keras.models.load_model")],
            "Saved as written, module_dense fails in saved_model_cli on TensorFlow 2.16.",
        ),
        (
            [cell(remedy="resave"), cell(remedy="model-export", **BAD)],
            "1 of 2 cells passes. resave works everywhere.",
        ),
        (
            [cell(remedy="resave")],
            "Saved with resave, module_dense passes in saved_model_cli on TensorFlow 2.16.",
        ),
        (
            [cell(status="not-applicable", stage="", reason="It has several signatures.")],
            "Saved as written, nothing can be run: It has several signatures.",
        ),
        (
            [cell(status="not-run", stage="environment")],
            "The cell was not run, so nothing is known.",
        ),
        (
            [cell(case=name, status="not-run", stage="environment") for name in "ab"],
            "All 2 cells were not run, so nothing is known.",
        ),
        (
            [cell(consumer="tf2.15"), cell(consumer="tf2.17", **BAD)],
            "Where another environment loads than saved, 1 of 2 (50 %) cells pass.",
        ),
    ],
)
def test_the_sentence(made: list[Row], said: str) -> None:
    assert sentence(summary_of(made)) == said


ENDS = {"pass": "values", "not-applicable": "", "not-run": "environment"}


@settings(deadline=None, max_examples=60)
@given(
    st.lists(
        st.builds(
            lambda status, **where: cell(
                **where, consumer=where["producer"], status=status, stage=ENDS.get(status, "run")
            ),
            st.sampled_from(STATUSES),
            case=st.sampled_from("abc"),
            remedy=st.sampled_from(["as-written", "resave", "model-export"]),
            producer=st.sampled_from([*VERSIONS, "keras3.1", "jax"]),
            loader=st.sampled_from([CLI, PYTHON]),
        ),
        unique_by=key_of,
    )
)
def test_the_sentence_never_contradicts_the_table(made: list[Row]) -> None:
    said = sentence(summary_of(made))
    assert said.endswith(".")
    assert "  " not in said
    about = [row for row in made if row["remedy"] == "as-written"] or made
    failing = {row["case"] for row in about if row["status"] in FAILURES}
    passing = {row["case"] for row in about if row["status"] == "pass"}
    first = said.split(". ")[0]
    if failing and passing:
        assert " fail" in first or "cells pass" in first or "cell passes" in first
    elif failing:
        assert " fails " in first or "none of " in first
    elif passing:
        assert " pass" in first
        assert " fail" not in said
    else:
        assert "pass" not in first
    for name in ("resave", "model-export"):
        if f"{name} works everywhere" in said or f"{name} work everywhere" in said:
            assert any(row["status"] == "pass" for row in made if row["remedy"] == name)
