"""Layers in a dict of a tf.Module.

The user's shop ranks items for a customer with two towers of layers, kept in a dict by the name of
what they encode. The module that holds the dict is what gets saved and served.
"""

import numpy as np
import tensorflow as tf

group = "Keras inside tf.Module"
issue = "https://github.com/keras-team/keras/issues/20095"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {
    "user": np.random.default_rng(3).normal(size=(4, 6)).astype("float32"),
    "item": np.random.default_rng(4).normal(size=(4, 10)).astype("float32"),
}


class TwoTowers(tf.Module):
    def __init__(self):
        super().__init__()
        self.towers = {
            "user": tf.keras.layers.Dense(8, activation="tanh", bias_initializer="random_normal"),
            "item": tf.keras.layers.Dense(8, activation="tanh", bias_initializer="random_normal"),
        }

    @tf.function(
        input_signature=[
            tf.TensorSpec([None, 6], tf.float32, name="user"),
            tf.TensorSpec([None, 10], tf.float32, name="item"),
        ]
    )
    def affinity(self, user, item):
        product = self.towers["user"](user) * self.towers["item"](item)
        return tf.reduce_sum(product, axis=1, keepdims=True)


def build():
    module = TwoTowers()
    for name, size in [("user", 6), ("item", 10)]:
        module.towers[name].build((None, size))
    return module


def signatures(module):
    return module.affinity


def as_model(module):
    user = tf.keras.Input((6,), name="user")
    item = tf.keras.Input((10,), name="item")
    encoded = [module.towers["user"](user), module.towers["item"](item)]
    return tf.keras.Model([user, item], tf.keras.layers.Dot(axes=1)(encoded))
