"""A Keras file of a model that holds a TFSMLayer."""

from pathlib import Path

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 4)}


def build():
    x = layers.Input((4,), name="x")
    inner = str(Path(__file__).resolve().parent / "inner")
    return keras.Model(x, layers.TFSMLayer(inner, call_endpoint="serve")(x))
