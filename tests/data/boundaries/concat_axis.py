"""Concatenate over axis 1 in an HDF5 file."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"a": real(2, 6, 4), "b": real(2, 6, 4)}


def build():
    a = layers.Input((6, 4), name="a")
    b = layers.Input((6, 4), name="b")
    return keras.Model([a, b], layers.Concatenate(axis=1)([a, b]))
