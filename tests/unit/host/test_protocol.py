"""What engine and step say to each other comes back as it was said, and nothing else is taken."""

import dataclasses
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.host.protocol import (
    ConvertRequest,
    Failure,
    Limits,
    LoadRequest,
    Order,
    Ready,
    Reply,
    Result,
    SaveRequest,
    ShowRequest,
    Usage,
    line_from_json,
    request_from_json,
    request_to_json,
)

numbers = st.floats(allow_nan=False, allow_infinity=False)
limits = st.builds(Limits, numbers, st.integers(0))
requests = st.one_of(
    st.builds(SaveRequest, limits, st.text(), st.text(), st.text(), st.integers()),
    st.builds(ConvertRequest, limits, st.text(), st.text(), st.text()),
    st.builds(LoadRequest, limits, st.text(), st.text(), st.text(), st.integers(), st.text()),
    st.builds(ShowRequest, limits, st.text()),
)
results = st.builds(
    Result,
    st.text(),
    st.text(),
    st.text(),
    st.none() | st.builds(Failure, *[st.text()] * 6),
    st.none() | st.dictionaries(st.text(), st.integers()),
    st.dictionaries(st.text(), numbers),
    st.dictionaries(st.text(), st.text()),
    numbers,
    numbers,
    st.none() | st.builds(Usage, numbers, st.integers()),
)


@given(requests)
def test_requests_come_back(request):
    assert request_from_json(json.loads(json.dumps(request_to_json(request)))) == request


@given(results)
def test_results_come_back(result):
    assert Result.from_json(json.loads(json.dumps(result.to_json()))) == result


@pytest.mark.parametrize("line", [Ready(1.0, 2.0), Order(1, {"kind": "show"}, "m")])
def test_lines_come_back(line):
    assert line_from_json(type(line), json.loads(json.dumps(dataclasses.asdict(line)))) == line


@pytest.mark.parametrize(
    "data", [{}, {"kind": "sale"}, {"kind": "show", "limits": {}}, {"kind": "show", "more": 1}]
)
def test_other_data_is_no_request(data):
    with pytest.raises(ValueError, match=r"no request|this is not"):
        request_from_json(data)


@pytest.mark.parametrize(
    "data",
    [
        *([], "pass", None, 3, {}, {"status": "pass"}, {"status": 1, "stage": "run"}),
        {"status": "pass", "stage": "run", "first": "now"},
        {"status": "pass", "stage": "run", "failure": ["x"]},
        {"status": "pass", "stage": "run", "usage": {"cpu": 1.0}},
    ],
)
def test_other_data_is_no_result(data):
    with pytest.raises(ValueError, match="this is not"):
        Result.from_json(data)


def test_a_line_that_a_step_forged_is_none():
    with pytest.raises(ValueError, match="this is not a Reply"):
        line_from_json(Reply, {"id": 1, "code": 0})
