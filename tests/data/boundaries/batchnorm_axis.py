"""BatchNormalization over axis 1 in an HDF5 file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 6, 4)}


def build():
    x = layers.Input((6, 4), name="x")
    return keras.Model(x, layers.BatchNormalization(axis=1)(x))
