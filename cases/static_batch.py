"""A fixed batch size.

The user's accelerator wants every shape known in advance, so the model is made for batches of four,
and a layer of its own reads the batch size as a Python number. The served function states the
same fixed shape.
"""

import numpy as np
import tensorflow as tf

group = "Inputs and outputs"
issue = [
    "https://github.com/keras-team/keras/pull/19462",
    "https://github.com/keras-team/keras/pull/21944",
]
changed = "Keras 3.2.0, where model.export made the batch size free"
inputs = {"frames": np.random.default_rng(22).normal(size=(4, 6, 5)).astype("float32")}


class MergeFrames(tf.keras.layers.Layer):
    def call(self, frames):
        batch, count, size = frames.shape
        return tf.reshape(frames, [batch, int(count) * int(size)])


class AddPosition(tf.keras.layers.Layer):
    def call(self, x):
        position = np.linspace(0, 1, int(x.shape[0]), dtype="float32")
        return x + tf.constant(position)[:, tf.newaxis]


def build():
    frames = tf.keras.Input(shape=(6, 5), batch_size=4, name="frames")
    x = AddPosition()(MergeFrames()(frames))
    x = tf.keras.layers.Dense(16, activation="relu", bias_initializer="random_normal")(x)
    return tf.keras.Model(frames, tf.keras.layers.Dense(3, activation="softmax")(x))


def signatures(model):
    @tf.function(input_signature=[tf.TensorSpec([4, 6, 5], tf.float32, name="frames")])
    def serve(frames):
        return model(frames)

    return serve
