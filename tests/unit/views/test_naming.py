"""Plain names: every loader is in one group, and whatever has no name keeps its own."""

from savedmodel_matrix.views.naming import OTHER, USES, WAYS, uses, way
from savedmodel_matrix.workspace.catalogue import find_loaders, find_remedies


def test_every_loader_and_way_of_ours_has_a_place_and_a_name():
    grouped = [name for use in USES for name in use.loaders]
    assert sorted(grouped) == sorted(one.name for one in find_loaders())
    assert sorted(WAYS) == sorted(one.name for one in find_remedies())
    assert len({*WAYS.values()}) == len(WAYS)


def test_loaders_keep_their_order_within_a_group_and_the_unknown_come_last():
    found = uses(["mine", "litert", "libtensorflow", "tflite", "mine"])
    assert [(use.name, use.loaders) for use in found] == [
        ("Serve", ("libtensorflow",)),
        ("Mobile", ("tflite", "litert")),
        (OTHER, ("mine",)),
    ]
    assert uses([]) == ()


def test_who_reads_as_libtensorflow_does_is_said():
    for name in ("TensorFlow Serving", "C++", "Java", "Go", "Rust"):
        assert name in USES[0].words


def test_a_way_of_somebody_elses_goes_by_the_name_of_its_file():
    assert way("my-way") == "my-way"
