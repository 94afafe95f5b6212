"""Whether two runs were made on processors of one kind."""

import pytest

from savedmodel_matrix.analysis.machines import other_machine, other_numerics, other_processor


def run(model="AMD EPYC", extensions=("avx2", "fma"), architecture="x86_64"):
    listed = None if extensions is None else list(extensions)
    return {
        "processor": {"architecture": architecture, "model": model, "extensions": listed},
        "commit": "abc",
    }


def test_processors_of_one_kind_are_not_mentioned_whatever_the_model():
    assert other_processor(run(), run(model="AMD EPYC 7763")) == ""


def test_nothing_accepted_is_no_other_processor():
    assert other_processor(run(), {}) == ""


def test_a_processor_that_is_not_recorded_is_said_to_be_so():
    said = other_processor(run(), {"commit": "abc"})
    assert said.startswith("The processor of the accepted run is not recorded")


@pytest.mark.parametrize(
    ("there", "tells"),
    [
        (
            run("Intel Xeon", ("avx2", "fma", "avx512_bf16", "amx_bf16")),
            "only there: avx512_bf16, amx_bf16.",
        ),
        (run("Intel Atom", ("avx2",)), "only here: fma."),
        (run("Intel Core", ("avx2", "avx_vnni")), "only there: avx_vnni; only here: fma."),
        (run("Graviton", ("bf16",), "aarch64"), "the architecture is another."),
        (run("Apple M4", None), "the vector extensions there are not known."),
    ],
)
def test_another_kind_is_named_with_what_it_has(there, tells):
    said = other_processor(run(), there)
    assert there["processor"]["model"] in said
    assert "AMD EPYC (x86_64) here" in said
    assert tells in said


def test_extensions_that_are_unknown_here_are_said_to_be_so():
    assert "here are not known" in other_processor(run(extensions=None), run())


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ({}, {}, "of neither result is recorded"),
        (run(), {}, "of the second result is not recorded"),
        ({}, run(), "of the first result is not recorded"),
        (run(), run("Intel Xeon", ("avx2",)), "only in the first: fma."),
        (run(extensions=None), run(), "the vector extensions in the first are not known"),
    ],
)
def test_processors_of_two_results_are_compared(before, after, said):
    (sentence,) = other_machine(before, after)
    assert said in sentence


def test_two_results_of_one_kind_of_machine_need_no_word():
    assert other_machine(run(), run(model="AMD EPYC 7763")) == []


def test_numerics_that_differ_are_named_setting_by_setting():
    before = run() | {"numerics": {"openvino": {"HINT": "f32"}, "onnxruntime": {"x": "0"}}}
    after = run() | {"numerics": {"openvino": {"HINT": "bf16", "more": "1"}}}
    (said,) = other_machine(before, after)
    for part in ("openvino HINT f32 → bf16", "more (not set) → 1", "onnxruntime x 0 → (not set)"):
        assert part in said
    assert other_numerics(before, before) == other_numerics(run(), after) == ""
