"""Keras's own file: ``model.save("model.keras")``.

Not for serving: it holds the model's configuration and weights, and Keras builds it again.
"""

from pathlib import Path

name = "keras-file"
writes = "Keras"
settings = {}


def save(case, obj, directory):
    model = case.whole_model(obj)
    Path(directory).mkdir()
    model.save(directory + "/model.keras")
