"""An optional second input.

The user's recommender takes a customer and, where there is one, the basket of this visit: an
argument that is None by default. It is trained with both in a loop of its own and saved directly.
"""

import numpy as np
import tensorflow as tf

group = "Inputs and outputs"
issue = [
    "https://github.com/keras-team/keras/pull/19720",
    "https://github.com/keras-team/keras/issues/19274",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {
    "customer": np.random.default_rng(23).normal(size=(3, 6)).astype("float32"),
    "basket": np.random.default_rng(230).normal(size=(3, 10)).astype("float32"),
}


class Recommender(tf.keras.Model):
    def __init__(self):
        super().__init__()
        self.taste = tf.keras.layers.Dense(16, bias_initializer="random_normal")
        self.intent = tf.keras.layers.Dense(16, bias_initializer="random_normal")
        self.items = tf.keras.layers.Dense(5, activation="softmax")

    def call(self, customer, basket=None):
        x = self.taste(customer)
        if basket is not None:
            x += self.intent(basket)
        return self.items(tf.nn.relu(x))


def build():
    rng = np.random.default_rng(231)
    customers = rng.normal(size=(32, 6)).astype("float32")
    baskets = rng.normal(size=(32, 10)).astype("float32")
    bought = rng.integers(0, 5, 32)
    model = Recommender()
    optimizer = tf.keras.optimizers.Adam()
    with tf.GradientTape() as tape:
        likely = model(customers, baskets)
        loss = tf.reduce_mean(tf.keras.losses.sparse_categorical_crossentropy(bought, likely))
    weights = model.trainable_variables
    optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
    return model
