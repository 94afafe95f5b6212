"""Weights that come from a tf.train.Checkpoint.

The user's training job writes checkpoints of model and optimizer; another job makes the model
anew, restores the latest and saves it for serving.
"""

import numpy as np
import tensorflow as tf

group = "Training, optimizers, checkpoints"
issue = [
    "https://github.com/keras-team/keras/issues/19321",
    "https://github.com/keras-team/keras/issues/19425",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"x": np.random.default_rng(42).normal(size=(3, 4)).astype("float32")}


def network():
    hidden = tf.keras.layers.Dense(6, activation="relu")
    model = tf.keras.Sequential([tf.keras.Input((4,), name="x"), hidden, tf.keras.layers.Dense(1)])
    model.compile(optimizer=tf.keras.optimizers.Adam(0.05), loss="mse")
    return model


def build():
    rng = np.random.default_rng(420)
    trained = network()
    trained.fit(rng.normal(size=(32, 4)), rng.normal(size=(32, 1)), epochs=1, verbose=0)
    path = tf.train.Checkpoint(model=trained, optimizer=trained.optimizer).save("training/state")
    model = network()
    tf.train.Checkpoint(model=model).restore(path).expect_partial()
    return model
