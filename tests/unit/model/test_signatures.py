"""The canonical text of signatures, and how two differ in words."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from savedmodel_matrix.model.signatures import (
    Signature,
    Spec,
    format_signatures,
    parse_signatures,
    signature_changes,
)
from tests.unit.rows import PLAIN

SIGNATURES = {
    "serving_default": Signature({"x": Spec("float32", (-1, 4))}, {"y": Spec("string", ())}),
    "a b": Signature({}, {'"),; -> (': Spec("int64", None), "": Spec("bool", (0,))}),
}


CANONICAL = (
    r'"a b"() -> ("" bool[0], "\"),; -> (" int64[...]); serving_default(x float32[-1,4]) -> '
    "(y string[])"
)


names = st.text(max_size=6) | st.sampled_from(
    ["x", "output_0", 'a"', "\\", "; ", " -> (", "é\u202e"]
)


specs = st.builds(
    Spec,
    st.sampled_from(["float32", "string", "bfloat16"]),
    st.none() | st.lists(st.integers(-1, 99), max_size=3).map(tuple),
)


signatures = st.dictionaries(
    names,
    st.builds(
        Signature,
        st.dictionaries(names, specs, max_size=3),
        st.dictionaries(names, specs, max_size=3),
    ),
    max_size=3,
)


def test_the_canonical_text() -> None:
    assert format_signatures(SIGNATURES) == CANONICAL
    assert parse_signatures(CANONICAL) == SIGNATURES
    assert format_signatures(parse_signatures(PLAIN)) == PLAIN
    assert parse_signatures("") == {}


@settings(deadline=None)
@given(signatures)
def test_what_is_formatted_is_parsed_back(made: dict[str, Signature]) -> None:
    assert parse_signatures(format_signatures(made)) == made


@settings(deadline=None)
@given(st.text() | st.text(alphabet='ab"\\()[],; ->01.-'))
def test_any_other_text_is_a_value_error(text: str) -> None:
    try:
        parsed = parse_signatures(text)
    except ValueError:
        return
    assert format_signatures(parsed) == text


@pytest.mark.parametrize(
    "text",
    [
        "serving_default",
        PLAIN + "; ",
        PLAIN + "; " + PLAIN,
        "b() -> (); a() -> ()",
        "a(y float32[], x float32[]) -> ()",
        "a(x float32[-1, 4]) -> ()",
        "a(x float32[01]) -> ()",
        'a("x" float32[]) -> ()',
    ],
)
def test_text_that_is_not_canonical_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="not"):
        parse_signatures(text)


@settings(deadline=None)
@given(signatures, signatures)
def test_what_differs_is_told_and_what_does_not_is_not(
    one: dict[str, Signature], other: dict[str, Signature]
) -> None:
    changes = signature_changes(format_signatures(one), format_signatures(other))
    assert bool(changes) == (one != other)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("(x f[]) -> ()", "(inputs f[]) -> ()", ["input x is now inputs"]),
        ("() -> (y f[])", "() -> (output_0 f[])", ["output y is now output_0"]),
        ("(x f[]) -> ()", "(z i[]) -> ()", ["input x f[] is now z i[]"]),
        ("(x f[]) -> ()", "(x i[]) -> ()", ["dtype of input x: f is now i"]),
        ("(x f[-1]) -> ()", "(x f[...]) -> ()", ["shape of input x: [-1] is now [...]"]),
        ("(a f[], b i[]) -> ()", "(c i[], d f[]) -> ()", ["input a is now d", "input b is now c"]),
        (
            "(a f[], b f[]) -> ()",
            "(c f[], d f[]) -> ()",
            ["the inputs a, b now have, in some order, the names c, d"],
        ),
        ("(a f[], b i[]) -> ()", "(a f[]) -> ()", ["input b is lost"]),
        ("() -> (a f[])", "() -> (a f[], b i[])", ["output b is added"]),
        (
            "(a f[]) -> ()",
            "(b f[], c f[]) -> ()",
            ["input a is lost", "input b is added", "input c is added"],
        ),
    ],
)
def test_changes_in_words(before: str, after: str, said: list[str]) -> None:
    assert list(signature_changes(f"s{before}", f"s{after}")) == said


def test_lost_and_added_signatures_in_words() -> None:
    changes = signature_changes("a(x f[]) -> (); b() -> ()", "b() -> (y f[]); serve() -> ()")
    assert changes == (
        "signature a is lost",
        "signature serve is added",
        "output y of b is added",
    )


def test_a_text_that_cannot_be_parsed_still_differs() -> None:
    assert signature_changes(PLAIN, "nonsense") == ("the signature is another one",)
