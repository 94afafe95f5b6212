"""A residual block with BatchNormalization, whose statistics are stated."""

import numpy as np
import tensorflow as tf

inputs = {"image": np.random.default_rng(5).normal(1, 2, (2, 6, 6, 2)).astype("float32")}


def build():
    layers = tf.keras.layers
    image = tf.keras.Input((6, 6, 2), name="image")
    x = layers.Conv2D(4, 3, padding="same", use_bias=False)(image)
    norm = layers.BatchNormalization()
    x = layers.ReLU()(norm(x))
    x = layers.Add()([x, layers.Conv2D(4, 1)(image)])
    label = layers.Dense(3, name="label")(layers.GlobalAveragePooling2D()(x))
    model = tf.keras.Model(image, label)
    rng = np.random.default_rng(55)
    norm.set_weights(
        [rng.random(4) + 0.5, rng.normal(size=4), rng.normal(size=4), rng.random(4) + 1]
    )
    return model
