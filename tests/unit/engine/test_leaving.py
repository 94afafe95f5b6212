"""Addresses where workers leave what they made: used as they are, or refused in a sentence."""

import pytest

from savedmodel_matrix.engine import leaving
from savedmodel_matrix.model.errors import UserError


@pytest.fixture(params=["memory://smx-runs/a", "{place}/runs", "file://{place}/runs/"])
def address(request, tmp_path):
    return request.param.format(place=tmp_path)


def test_what_is_left_is_fetched_once(address):
    leaving.check(address)
    place = leaving.leave(address, "one.tar", b"made")
    assert leaving.fetch(place) == b"made"
    with pytest.raises(UserError, match=r"one\.tar cannot be read here .*--dask-storage"):
        leaving.fetch(place)


def test_nothing_stays_of_the_check(tmp_path):
    leaving.check(f"file://{tmp_path}/runs")
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.parametrize("address", ["nowhere://bucket/runs", "{place}/file/runs"])
def test_an_address_that_cannot_work_is_one_sentence(address, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError) as refused:
        leaving.check(address.format(place=tmp_path))
    said = str(refused.value)
    assert said.startswith("Nothing can be left at ")
    assert "\n" not in said
    assert "--dask-storage" in said


def test_a_worker_without_the_package_of_a_protocol_refuses_before_it_works():
    assert leaving.refusal("") == leaving.refusal("memory://x") == ""
    assert leaving.refusal("nowhere://x").startswith("cannot use the address nowhere://x (Protocol")
