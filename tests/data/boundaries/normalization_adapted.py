"""An adapted Normalization in an HDF5 file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(4, 3)}


def build():
    x = layers.Input((3,), name="x")
    scale = layers.Normalization()
    scale.adapt(real(50, 3) * 4 + 2)
    return keras.Model(x, scale(x))
