"""``model.export("model.tflite", format="litert")``: a flatbuffer, written by Keras.

From Keras 3.13 on. Keras exports a SavedModel for a moment, and has TensorFlow's converter read it
with TensorFlow's own ops and resource variables allowed.
"""

from pathlib import Path

name = "export-litert"
writes = "LiteRT"
settings = {}


def save(case, obj, directory):
    model = case.whole_model(obj)
    version = case.keras.__version__
    if tuple(map(int, version.split(".")[:2])) < (3, 13):
        raise case.not_applicable(
            f"model.export writes LiteRT's format from Keras 3.13 on, this is {version}"
        )
    options = {}
    if case.states_input_specs:
        options["input_signature"] = case.specs_of_model(obj, model)
    Path(directory).mkdir()
    model.export(directory + "/model.tflite", format="litert", **options)
