"""Attention over a masked sequence."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": np.concatenate([real(2, 3, 3), np.zeros((2, 2, 3), "float32")], 1)}


def build():
    x = layers.Input((5, 3), name="x")
    y = layers.Dense(3)(layers.Masking()(x))
    return keras.Model(x, layers.Attention()([y, y]))
