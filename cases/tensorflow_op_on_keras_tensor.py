"""A TensorFlow function on the tensors of a Functional model.

The user normalises embeddings between two layers with tf.math.l2_normalize, right on the symbolic
tensors, which Keras 2 turned into a layer by itself.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = "https://github.com/keras-team/keras/issues/18467"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(50).normal(size=(3, 6)).astype("float32")}


def build():
    x = tf.keras.Input((6,), name="x")
    left = tf.keras.layers.Dense(4, bias_initializer="random_normal")(x)
    right = tf.keras.layers.Dense(4, bias_initializer="random_normal")(x)
    left = tf.math.l2_normalize(left, axis=-1)
    right = tf.math.l2_normalize(right, axis=-1)
    likeness = tf.reduce_sum(left * right, axis=-1, keepdims=True)
    return tf.keras.Model(x, tf.keras.layers.Dense(1, activation="sigmoid")(likeness))
