"""A layer that adds a metric.

The user compresses sensor readings with a variational autoencoder, whose sampling layer adds the
divergence to the loss and reports it with add_metric. Only the means are served, from the encoder.
"""

import numpy as np
import tensorflow as tf

group = "Valid in Keras 2, an error in Keras 3"
issue = [
    "https://github.com/keras-team/keras/issues/19804",
    "https://github.com/tensorflow/tensorflow/issues/62826",
    "https://github.com/keras-team/keras/issues/20391",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"readings": np.random.default_rng(502).normal(size=(4, 16)).astype("float32")}


class Sampling(tf.keras.layers.Layer):
    def call(self, inputs, training=False):
        mean, log_variance = inputs
        squares = tf.square(mean) + tf.exp(log_variance) - log_variance - 1
        divergence = tf.reduce_mean(tf.reduce_sum(squares, axis=1)) / 2
        self.add_loss(0.01 * divergence)
        self.add_metric(divergence, name="divergence")
        if not training:
            return mean
        return mean + tf.exp(log_variance / 2) * tf.random.normal(tf.shape(mean))


def build():
    readings = tf.keras.Input((16,), name="readings")
    x = tf.keras.layers.Dense(12, activation="relu")(readings)
    mean = tf.keras.layers.Dense(2, name="mean")(x)
    log_variance = tf.keras.layers.Dense(2, name="log_variance")(x)
    code = Sampling(name="code")([mean, log_variance])
    decoder = tf.keras.Sequential(
        [tf.keras.layers.Dense(12, activation="relu"), tf.keras.layers.Dense(16)]
    )
    autoencoder = tf.keras.Model(readings, decoder(code))
    autoencoder.compile(optimizer="adam", loss="mse")
    x = np.random.default_rng(520).normal(size=(64, 16)).astype("float32")
    autoencoder.fit(x, x, epochs=2, verbose=0)
    return tf.keras.Model(readings, code)
