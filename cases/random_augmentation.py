"""Random augmentation in front of the network.

The user puts flips, rotations and noise into the model, so that they run on the accelerator while
it trains. When the model serves they do nothing, yet their seeds are saved with it.
"""

import numpy as np
import tensorflow as tf

group = "Random state and non-trainable variables"
issue = "https://github.com/keras-team/keras/issues/19100"
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"image": np.random.default_rng(36).uniform(size=(2, 12, 12, 3)).astype("float32")}


def build():
    image = tf.keras.Input((12, 12, 3), name="image")
    x = tf.keras.layers.RandomFlip("horizontal")(image)
    x = tf.keras.layers.RandomRotation(0.1)(x)
    x = tf.keras.layers.GaussianNoise(0.1)(x)
    x = tf.keras.layers.Conv2D(4, 3, activation="relu", bias_initializer="random_normal")(x)
    x = tf.keras.layers.GlobalAveragePooling2D()(x)
    x = tf.keras.layers.Dropout(0.5)(x)
    kind = tf.keras.layers.Dense(3, name="kind", bias_initializer="random_normal")(x)
    model = tf.keras.Model(image, kind)
    model.compile(optimizer="sgd", loss="mse")
    rng = np.random.default_rng(360)
    pictures = rng.uniform(size=(16, 12, 12, 3)).astype("float32")
    model.fit(pictures, rng.normal(size=(16, 3)), batch_size=8, epochs=1, verbose=0)
    return model


def signatures(model):
    # Keras 2 goes on augmenting unless it is told that nobody trains.
    spec = tf.TensorSpec([None, 12, 12, 3], tf.float32, name="image")
    return tf.function(lambda image: model(image, training=False), input_signature=[spec])
