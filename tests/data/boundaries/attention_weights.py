"""Attention of heads."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 5, 4)}


def build():
    x = layers.Input((5, 4), name="x")
    return keras.Model(x, layers.MultiHeadAttention(2, 3)(x, x))
