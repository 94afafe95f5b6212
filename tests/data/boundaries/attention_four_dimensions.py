"""Attention over four dimensions."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 2, 5, 8)}


def build():
    x = layers.Input((2, 5, 8), name="x")
    return keras.Model(x, layers.Attention()([x, x]))
