"""A Masking layer whose mask_value is a tensor."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

rng = np.random.default_rng(7)


def real(*shape):
    return rng.normal(size=shape).astype("float32")


inputs = {"x": real(2, 5, 3)}


def build():
    x = layers.Input((5, 3), name="x")
    return keras.Model(x, layers.LSTM(2)(layers.Masking(mask_value=tf.constant(0.0))(x)))
