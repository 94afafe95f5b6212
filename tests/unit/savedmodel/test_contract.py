"""What a client notices when one artifact takes the place of another."""

from dataclasses import replace

import pytest

from savedmodel_matrix.savedmodel.contract import BREAKS, CHANGES, HARMLESS, differences
from savedmodel_matrix.savedmodel.diagnosis import Diagnosis, Signature, Value

X = Value("float", (-1, 3))


def artifact(inputs=None, outputs=None, name="serving_default", sound=True):
    signature = Signature(name, inputs or {"x": X}, outputs or {"y": X}, sound, ("serve",))
    return Diagnosis("path", "SavedModel", "sound", signatures=(signature,))


def shape(*dims):
    return Value("float", dims)


UNKNOWN = Value("float", None)


def test_nothing_differs_from_itself():
    assert differences(artifact(), artifact()) == []


@pytest.mark.parametrize(
    ("old", "new", "risk"),
    [
        ({"x": X}, {"z": X}, BREAKS),
        ({"x": X}, {"x": X, "z": Value("int32", ())}, BREAKS),
        ({"x": X, "z": Value("int32", ())}, {"x": X}, BREAKS),
        ({"x": X}, {"x": Value("double", (-1, 3))}, BREAKS),
        ({"x": X}, {"x": shape(-1, 4)}, BREAKS),
        ({"x": X}, {"x": shape(-1, 3, 1)}, BREAKS),
        ({"x": X}, {"x": shape(2, 3)}, CHANGES),
        ({"x": X}, {"x": shape(-1, -1)}, HARMLESS),
        ({"x": X}, {"x": UNKNOWN}, HARMLESS),
        ({"x": UNKNOWN}, {"x": X}, CHANGES),
        ({"x": X}, {"x": X, "z": X}, BREAKS),
    ],
)
def test_inputs(old, new, risk):
    assert differences(artifact(old), artifact(new))[0].risk == risk


@pytest.mark.parametrize(
    ("old", "new", "risk"),
    [
        ({"y": X}, {"z": X}, BREAKS),
        ({"y": X}, {"y": X, "z": X}, HARMLESS),
        ({"y": X}, {"y": Value("half", (-1, 3))}, BREAKS),
        ({"y": X}, {"y": shape(-1, 4)}, BREAKS),
        ({"y": X}, {"y": shape(2, 3)}, HARMLESS),
        ({"y": X}, {"y": shape(-1, -1)}, CHANGES),
        ({"y": X}, {"y": UNKNOWN}, CHANGES),
    ],
)
def test_outputs(old, new, risk):
    assert differences(artifact(outputs=old), artifact(outputs=new))[0].risk == risk


def test_signatures_come_and_go_and_stop_running():
    assert [d.risk for d in differences(artifact(), artifact(name="other"))] == [BREAKS, HARMLESS]
    assert [d.risk for d in differences(artifact(), artifact(sound=False))] == [BREAKS]
    assert differences(artifact(sound=False), artifact()) == []


def test_inputs_that_can_be_swapped_from_now_on_are_named():
    old = artifact({"a": X, "b": Value("int32", (1,))})
    found = differences(old, artifact({"a": X, "b": X}))
    assert [d.risk for d in found] == [BREAKS, BREAKS, HARMLESS]
    assert found[2].message.endswith("a and b")


def test_the_same_signature_of_two_metagraphs_is_two():
    one, two = artifact().signatures[0], replace(artifact().signatures[0], tags=("train",))
    both = replace(artifact(), signatures=(one, two))
    assert differences(both, both) == []
    assert [d.risk for d in differences(both, artifact())] == [BREAKS]
