"""A model made under MirroredStrategy.

The user trains on several devices and builds the model in the scope of a tf.distribute strategy,
which mirrors every variable. The chief saves it directly.
"""

import numpy as np
import tensorflow as tf

group = "Training, optimizers, checkpoints"
issue = "https://github.com/keras-team/keras/issues/20095"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"sensor": np.random.default_rng(41).normal(size=(3, 6)).astype("float32")}


def build():
    strategy = tf.distribute.MirroredStrategy(["cpu:0"])
    with strategy.scope():
        model = tf.keras.Sequential(
            [
                tf.keras.Input((6,), name="sensor"),
                tf.keras.layers.Dense(8, activation="relu"),
                tf.keras.layers.BatchNormalization(),
                tf.keras.layers.Dense(1, bias_initializer="random_normal"),
            ]
        )
        model.compile(optimizer="sgd", loss="mse")
    rng = np.random.default_rng(410)
    x, y = rng.normal(2.0, 3.0, size=(32, 6)), rng.normal(size=(32, 1))
    model.fit(x.astype("float32"), y.astype("float32"), epochs=1, verbose=0)
    return model
