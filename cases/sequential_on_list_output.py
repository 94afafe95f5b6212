"""A Sequential on top of a model whose output is a list.

The user takes a feature extractor that was made with outputs=[features]. They stack a head on it
in a Sequential, as recipes for transfer learning do.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = "https://github.com/tensorflow/tensorflow/issues/63853"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"image": np.random.default_rng(51).uniform(size=(2, 6, 6, 3)).astype("float32")}


def build():
    image = tf.keras.Input((6, 6, 3), name="image")
    conv = tf.keras.layers.Conv2D(2, 3, activation="relu", bias_initializer="random_normal")
    extractor = tf.keras.Model(inputs=[image], outputs=[conv(image)])
    extractor.trainable = False
    return tf.keras.Sequential(
        [
            extractor,
            tf.keras.layers.Flatten(),
            tf.keras.layers.Dense(2, bias_initializer="random_normal"),
        ]
    )
