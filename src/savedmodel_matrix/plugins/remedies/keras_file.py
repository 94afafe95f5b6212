"""Keras's own file: ``model.save("model.keras")``.

Not for serving: it holds how the model is made and its weights, and Keras makes it anew.
"""

from pathlib import Path

name = "keras-file"
writes = "Keras"
settings = {}


def save(case, obj, directory):
    model = case.whole_model(obj)
    Path(directory).mkdir()
    model.save(directory + "/model.keras")
