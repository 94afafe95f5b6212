"""``model.export(directory)``.

Keras writes an artifact for serving with one endpoint, the model's forward pass. There must be
a Keras model: the object itself, or one that computes the same.
"""

name = "model-export"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    if len(case.signatures(obj)) > 1:
        raise case.not_applicable("model.export writes one signature, the case has several")
    model = case.as_model(obj)
    if case.states_input_specs:
        model.export(directory, input_signature=list(case.input_specs().values()))
    else:
        model.export(directory)
