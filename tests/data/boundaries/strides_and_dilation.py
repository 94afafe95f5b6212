"""DepthwiseConv2D with strides and dilation."""

import keras
import numpy as np
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(1, 9, 9, 2)}


def build():
    x = layers.Input((9, 9, 2), name="x")
    return keras.Model(x, layers.DepthwiseConv2D(3, strides=2, dilation_rate=2)(x))
