"""The weights alone: ``model.save_weights("model.weights.h5")``.

Whoever loads them has the code that makes the model.
"""

from pathlib import Path

name = "weights-only"
writes = "weights"
settings = {}


def save(case, obj, directory):
    model = case.whole_model(obj)
    Path(directory).mkdir()
    model.save_weights(directory + "/model.weights.h5")
