"""Transposed convolutions and a skip, as networks for segmentation have them."""

import numpy as np
import tensorflow as tf

inputs = {"image": np.random.default_rng(2).random((2, 8, 8, 3), dtype=np.float32)}


def build():
    layers = tf.keras.layers
    image = tf.keras.Input((8, 8, 3), name="image")
    down = layers.Conv2D(4, 3, padding="same", activation="relu")(image)
    deep = layers.Conv2D(6, 3, padding="same", activation="relu")(layers.MaxPooling2D()(down))
    up = layers.Conv2DTranspose(4, 2, strides=2)(deep)
    mask = layers.Conv2D(1, 1, activation="sigmoid", name="mask")(layers.Concatenate()([down, up]))
    return tf.keras.Model(image, mask)
