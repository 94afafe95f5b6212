"""``model.export("model.xml", format="openvino")``: OpenVINO's own format, written by Keras.

From Keras 3.11 on. OpenVINO converts the model's traced forward pass, and Keras names the inputs.
"""

import importlib.util
from pathlib import Path

name = "export-openvino"
writes = "OpenVINO"
settings = {}


def save(case, obj, directory):
    model = case.whole_model(obj)
    version = case.keras.__version__
    if tuple(map(int, version.split(".")[:2])) < (3, 11):
        raise case.not_applicable(
            f"model.export writes OpenVINO's format from Keras 3.11 on, this is {version}"
        )
    if importlib.util.find_spec("openvino") is None:
        raise case.not_applicable("model.export needs openvino for it, which is not installed")
    options = {}
    if case.states_input_specs:
        options["input_signature"] = case.specs_of_model(obj, model)
    Path(directory).mkdir()
    model.export(directory + "/model.xml", format="openvino", **options)
