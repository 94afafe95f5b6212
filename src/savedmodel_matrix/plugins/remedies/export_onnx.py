"""``model.export("model.onnx", format="onnx")``: Keras itself has tf2onnx write the forward pass.

From Keras 3.8 on. It traces the model as it is, so that no SavedModel lies between. Keras refuses a
model that was never called ("It must be called at least once before export"), so it is called once.
"""

import importlib.util
from pathlib import Path

from savedmodel_matrix.host.live import of_model

name = "export-onnx"
writes = "ONNX"
settings = {}


def save(case, obj, directory):
    model = case.whole_model(obj)
    version = case.keras.__version__
    if tuple(map(int, version.split(".")[:2])) < (3, 8):
        raise case.not_applicable(f"model.export writes ONNX from Keras 3.8 on, this is {version}")
    if importlib.util.find_spec("tf2onnx") is None:
        raise case.not_applicable("model.export needs tf2onnx for ONNX, which is not installed")
    of_model(case, model, case.inputs_for(next(iter(case.signatures(obj)), "serving_default")))()
    options = {}
    if case.states_input_specs:
        options["input_signature"] = case.specs_of_model(obj, model)
    Path(directory).mkdir()
    model.export(directory + "/model.onnx", format="onnx", **options)
