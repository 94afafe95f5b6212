"""A subclassed model that takes a dict.

The user's data set yields dicts, so the call of the subclassed model takes one. After a first
call it is saved directly, and the clients feed the fields by name.
"""

import numpy as np
import tensorflow as tf

group = "Inputs and outputs"
issue = "https://github.com/keras-team/keras/pull/19663"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
RNG = np.random.default_rng(31)
inputs = {
    "age": RNG.integers(18, 80, size=(4, 1)).astype("float32"),
    "visits": RNG.normal(size=(4, 3)).astype("float32"),
}


class Churn(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.age = tf.keras.layers.Dense(4, activation="tanh")
        self.visits = tf.keras.layers.Dense(4, activation="relu")
        self.risk = tf.keras.layers.Dense(1, bias_initializer="random_normal")

    def call(self, inputs):
        age, visits = self.age(inputs["age"] / 100.0), self.visits(inputs["visits"])
        return self.risk(tf.concat([age, visits], axis=-1))


def build():
    model = Churn()
    model({name: tf.constant(array) for name, array in inputs.items()})
    return model
