"""``model.export(directory)``.

Keras writes an artifact for serving with one endpoint, the model's forward pass. There must be
a Keras model: the object itself, or one that computes the same. Input specs that the case states
are handed over where ``export`` takes them, which it does from Keras 3.8 on; an older one exports
the inputs that the model was made with or has been called on.
"""

import inspect

name = "model-export"
writes = "SavedModel"
settings = {}


def save(case, obj, directory):
    if len(case.signatures(obj)) > 1:
        raise case.not_applicable("model.export writes one signature, the case has several")
    model = case.as_model(obj)
    takes = inspect.signature(model.export).parameters
    if case.states_input_specs and "input_signature" in takes:
        model.export(directory, input_signature=case.specs_of_model(obj, model))
    else:
        model.export(directory)
