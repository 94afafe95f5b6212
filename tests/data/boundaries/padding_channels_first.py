"""ZeroPadding1D with channels first."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(1, 2, 4)}


def build():
    x = layers.Input((2, 4), name="x")
    return keras.Model(x, layers.ZeroPadding1D(1, data_format="channels_first")(x))
