"""A Dense layer of half precision."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 4)}


def build():
    return keras.Sequential([layers.Input((4,), name="x"), layers.Dense(3, dtype="float16")])
