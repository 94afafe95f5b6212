"""The older HDF5 file: ``model.save("model.h5")``.

Keras 2 wrote it by default for years, and Keras 3 still reads and writes it.
"""

from pathlib import Path

name = "h5-file"
writes = "HDF5"
settings = {}


def save(case, obj, directory):
    model = case.whole_model(obj)
    Path(directory).mkdir()
    model.save(directory + "/model.h5")
