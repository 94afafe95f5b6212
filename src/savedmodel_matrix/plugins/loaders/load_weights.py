"""``model.load_weights`` into a model that the case's code has just made, with other weights."""

name = "model.load_weights"
reads = "weights"
preload = ["tensorflow"]
crosses = True


def run(artifact, signature, inputs, stage):  # noqa: ANN001, ANN201, D103
    model = artifact.model_anew()
    stage("load")
    model.load_weights(artifact.directory + "/model.weights.h5")
    stage("run")
    return artifact.call_model(model)
