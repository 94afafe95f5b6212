"""Flatten of an image with both sizes free."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 4, 5, 3)}


def build():
    x = layers.Input((None, None, 3), name="x")
    return keras.Model(x, layers.Flatten()(x))
