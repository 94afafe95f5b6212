"""Spectral normalisation of a critic.

The user trains the critic of a generative network, whose kernels SpectralNormalization divides by
their largest singular value at every step. The wrapper keeps a vector for that, which no optimizer
trains; the trained critic scores images on a server.

Reported against Keras 2, where fitting such a layer fails; Keras 3 fits it.
"""

import numpy as np
from tensorflow.keras import Input, Sequential, layers

group = "Random state and non-trainable variables"
issue = [
    "https://github.com/keras-team/keras/issues/19140",
    "https://github.com/keras-team/tf-keras/issues/816",
    "https://github.com/keras-team/keras/issues/19183",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"image": np.random.default_rng(505).random((3, 8, 8, 1), dtype=np.float32)}


def build():
    critic = Sequential(
        [
            Input((8, 8, 1), name="image"),
            layers.SpectralNormalization(layers.Conv2D(6, 3, strides=2)),
            layers.LeakyReLU(),
            layers.Flatten(),
            layers.SpectralNormalization(layers.Dense(8)),
            layers.LeakyReLU(),
            layers.Dense(1, bias_initializer="random_normal"),
        ]
    )
    critic.compile(optimizer="adam", loss="hinge")
    rng = np.random.default_rng(550)
    images = rng.random((32, 8, 8, 1), dtype=np.float32)
    critic.fit(images, rng.choice([-1.0, 1.0], (32, 1)), epochs=2, verbose=0)
    return critic
