"""Weights that come from a tf.train.Checkpoint.

The user's training job writes checkpoints of the model and its optimizer to a shared disk. The job
that deploys builds the network, restores the latest checkpoint into it and saves it directly.
"""

import numpy as np
import tensorflow as tf
from tensorflow.keras import Input, Sequential, layers, optimizers

group = "Training, optimizers, checkpoints"
issue = [
    "https://github.com/keras-team/keras/issues/19321",
    "https://github.com/keras-team/keras/issues/19425",
]
changed = "TensorFlow 2.16, where tf.keras became Keras 3"
inputs = {"signal": np.random.default_rng(32).normal(size=(3, 24, 2)).astype("float32")}


def network():
    model = Sequential(
        [
            Input((24, 2), name="signal"),
            layers.Conv1D(8, 5, activation="relu"),
            layers.BatchNormalization(momentum=0.5),
            layers.GlobalMaxPooling1D(),
            layers.Dense(3, activation="softmax", name="gesture"),
        ]
    )
    # Eagerly: a traced training step takes longer than all the rest, and none of it is saved.
    model.compile(optimizers.Adam(0.02), "sparse_categorical_crossentropy", run_eagerly=True)
    return model


def train():
    rng = np.random.default_rng(320)
    model = network()
    checkpoint = tf.train.Checkpoint(model=model, optimizer=model.optimizer)
    manager = tf.train.CheckpointManager(checkpoint, "checkpoints", max_to_keep=2)
    x = rng.normal(1, 2, size=(32, 24, 2)).astype("float32")
    for _ in range(2):
        model.fit(x, rng.integers(0, 3, 32), epochs=1, verbose=0)
        manager.save()


def build():
    train()
    model = network()
    latest = tf.train.latest_checkpoint("checkpoints")
    tf.train.Checkpoint(model=model).restore(latest).expect_partial()
    return model
