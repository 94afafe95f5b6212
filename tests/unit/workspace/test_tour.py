"""The tour: groups as their file has them, the best known case first, short ones before long."""

import random
from dataclasses import dataclass

import pytest

from savedmodel_matrix.model.errors import UserError
from savedmodel_matrix.workspace.tour import place, read_groups


@dataclass
class Placed:
    name: str
    group: str = "First"
    length: int = 20


def test_groups_keep_their_order_and_their_text_is_one_line(tmp_path):
    (tmp_path / "groups.toml").write_text('"Z z" = """\nOne\nline."""\n"A" = "Two."\n')
    assert list(read_groups(tmp_path).items()) == [("Z z", "One line."), ("A", "Two.")]


def test_without_a_file_there_are_no_groups(tmp_path):
    assert read_groups(tmp_path) == {}


@pytest.mark.parametrize(
    ("text", "sentence"),
    [("[", r"groups\.toml cannot be read"), ("A = 3", 'say in a sentence what "A" is about')],
)
def test_a_file_that_is_wrong_is_named(tmp_path, text, sentence):
    (tmp_path / "groups.toml").write_text(text)
    with pytest.raises(UserError, match=sentence):
        read_groups(tmp_path)


def test_the_order_of_a_tour():
    tour = [
        Placed("module_dense", length=30),
        Placed("short", length=15),
        Placed("alpha", length=16),
        Placed("beta", length=16),
        Placed("second", "Second", 1),
        Placed("unknown", "A group of somebody's own", 1),
        Placed("unknown_too", "B group", 1),
        Placed("without", "", 1),
    ]
    shuffled = random.Random(1).sample(tour, len(tour))
    assert sorted(shuffled, key=lambda case: place(["First", "Second"], case)) == tour
