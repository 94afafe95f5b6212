"""A model made under MirroredStrategy.

The user trains on every device of a machine: the model is made in the scope of a strategy, and each
variable has a copy per device. After training it is saved directly, outside of the scope.
"""

import numpy as np
import tensorflow as tf

group = "Training, optimizers, checkpoints"
issue = [
    "https://github.com/keras-team/keras/issues/20095",
    "https://github.com/keras-team/keras/issues/19274",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"sensors": np.random.default_rng(33).normal(size=(3, 6)).astype("float32")}


def build():
    strategy = tf.distribute.MirroredStrategy(["CPU:0"])
    with strategy.scope():
        sensors = tf.keras.Input((6,), name="sensors")
        x = tf.keras.layers.Dense(16, activation="relu")(sensors)
        x = tf.keras.layers.BatchNormalization(momentum=0.5)(x)
        load = tf.keras.layers.Dense(1, bias_initializer="random_normal", name="load")(x)
        model = tf.keras.Model(sensors, load)
        model.compile(optimizer="sgd", loss="mse")
    rng = np.random.default_rng(330)
    x = rng.normal(2, 3, size=(32, 6)).astype("float32")
    model.fit(x, x.mean(axis=1, keepdims=True), batch_size=16, epochs=1, verbose=0)
    return model
