"""A training step served beside the prediction.

The user's devices go on learning from what they see, so the module keeps a Keras model together
with its optimizer and has two signatures: one predicts, the other takes a labelled batch, updates
the weights and returns the loss of before. The optimizer's variables have to travel with the model.
"""

import numpy as np
import tensorflow as tf

group = "Training, optimizers, checkpoints"
issue = [
    "https://github.com/tensorflow/tensorflow/issues/74297",
    "https://github.com/keras-team/keras/issues/20095",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
READINGS = np.random.default_rng(31).normal(size=(8, 5)).astype("float32")
inputs = {
    "predict": {"readings": READINGS},
    "train": {"readings": READINGS, "wear": READINGS[:, :1] * 0.5 + 1},
}
BATCH = tf.TensorSpec([None, 5], tf.float32, name="readings")


class WearMonitor(tf.Module):
    def __init__(self):
        super().__init__(name="wear_monitor")
        hidden = tf.keras.layers.Dense(16, activation="tanh", bias_initializer="random_normal")
        out = tf.keras.layers.Dense(1)
        self.model = tf.keras.Sequential([tf.keras.Input((5,)), hidden, out])
        self.optimizer = tf.keras.optimizers.Adam(learning_rate=0.01)
        self.optimizer.build(self.model.trainable_variables)

    @tf.function(input_signature=[BATCH])
    def predict(self, readings):
        return {"wear": self.model(readings)}

    @tf.function(input_signature=[BATCH, tf.TensorSpec([None, 1], tf.float32, name="wear")])
    def train(self, readings, wear):
        weights = self.model.trainable_variables
        with tf.GradientTape() as tape:
            loss = tf.reduce_mean(tf.square(self.model(readings) - wear))
        self.optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return {"loss": loss}


def build():
    monitor = WearMonitor()
    for _ in range(3):
        monitor.train(READINGS, READINGS[:, 1:2])
    return monitor


def signatures(monitor):
    return {"predict": monitor.predict, "train": monitor.train}
