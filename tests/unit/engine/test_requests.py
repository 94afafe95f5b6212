"""What a host is asked: everything that the step needs, by path."""

from pathlib import Path

from savedmodel_matrix.engine.keys import SEED
from savedmodel_matrix.engine.requests import request_for
from savedmodel_matrix.host.protocol import ConvertRequest, LoadRequest, SaveRequest, ShowRequest
from savedmodel_matrix.model.case import Case
from savedmodel_matrix.model.limits import Limits
from savedmodel_matrix.model.plugin import Converter, Loader, Remedy
from savedmodel_matrix.model.steps import Convert, Given, Load, Made, Save

SAVE = Save(Case("c", Path("c.py"), ""), Remedy("r", Path("r.py"), "", "SavedModel"), "tf2.21")
CONVERT = Convert(SAVE, Converter("v", Path("v.py"), "", "SavedModel", "TFLite"), "tf2.21")
LOADER = Loader("l", Path("l.py"), "", ("SavedModel",), ("numpy",), False)
LIMITS = Limits(seconds=5.0, memory=7)


def ask(step, makes=None):
    def place_of(artifact):
        if isinstance(artifact, Given):
            return artifact.path
        return Path("converted" if artifact.convert else "saved")

    return request_for(step, LIMITS, place_of, makes)


def test_a_save_is_asked_for_a_case_under_a_remedy():
    assert ask(SAVE, Path("room")) == SaveRequest(LIMITS, "c.py", "r.py", "room", SEED)


def test_a_conversion_reads_what_was_saved():
    assert ask(CONVERT, Path("room")) == ConvertRequest(LIMITS, "saved", "v.py", "room")


def test_a_load_reads_the_artifact_and_what_was_converted_from_it():
    plain, converted = (
        ask(Load(Made(SAVE, convert), LOADER, "tf2.21")) for convert in (None, CONVERT)
    )
    assert plain == LoadRequest(LIMITS, "saved", "l.py", "c.py", SEED)
    assert converted == LoadRequest(LIMITS, "saved", "l.py", "c.py", SEED, "converted")


def test_an_artifact_that_was_given_has_no_case():
    asked = ask(Load(Given(Path("mine"), "hash", "SavedModel"), LOADER, "tf2.21"))
    assert asked == LoadRequest(LIMITS, "mine", "l.py")
    assert asked.case == ""


def test_a_show_needs_the_artifact_only():
    assert ask(Load(Made(SAVE), None, "tf2.21")) == ShowRequest(LIMITS, "saved")
