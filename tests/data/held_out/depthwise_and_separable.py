"""Depthwise and separable convolutions, as networks for phones have them."""

import numpy as np
import tensorflow as tf

inputs = {"image": np.random.default_rng(11).random((1, 8, 8, 2), dtype=np.float32)}


def build():
    layers = tf.keras.layers
    return tf.keras.Sequential(
        [
            tf.keras.Input((8, 8, 2), name="image"),
            layers.DepthwiseConv2D(3, activation="relu"),
            layers.SeparableConv2D(4, 3, bias_initializer="ones"),
            layers.GlobalMaxPooling2D(name="code"),
        ]
    )
