"""A plain Resizing in a Keras file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(1, 8, 8, 2)}


def build():
    x = layers.Input((8, 8, 2), name="x")
    return keras.Model(x, layers.Resizing(4, 4)(x))
