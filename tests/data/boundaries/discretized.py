"""Numbers in bins."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 3)}


def build():
    x = layers.Input((3,), name="x")
    return keras.Model(x, layers.Discretization(bin_boundaries=[0.0, 1.0])(x))
