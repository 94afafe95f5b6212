"""A lookup table of TensorFlow in a custom layer.

The user's layer maps codes of countries to their index with a tf.lookup.StaticHashTable, which it
keeps as an attribute. The index leads to a rate, and the model goes out with model.export.
"""

import keras
import numpy as np
import tensorflow as tf

group = "Preprocessing, tables and assets"
issue = "https://github.com/keras-team/keras/pull/20758"
changed = "Keras 3.9.0, where export tracks such a table"
inputs = {"country": np.array([[b"NL"], [b"DK"], [b"XX"]], dtype=object)}


class Rate(keras.layers.Layer):
    def __init__(self):
        super().__init__()
        keys, values = tf.constant(["NL", "DK", "PT"]), tf.constant([0, 1, 2], tf.int64)
        initializer = tf.lookup.KeyValueTensorInitializer(keys, values)
        self.table = tf.lookup.StaticHashTable(initializer, default_value=3)

    def call(self, inputs):
        rates = tf.constant([0.21, 0.25, 0.23, 0.0])
        return tf.gather(rates, self.table.lookup(inputs))

    def compute_output_shape(self, input_shape):
        return input_shape

    def compute_output_spec(self, inputs):
        return keras.KerasTensor(inputs.shape, dtype="float32")


def build():
    country = keras.Input((1,), name="country", dtype="string")
    return keras.Model(country, Rate()(country))


def save(model, directory):
    model.export(directory)
