"""Two runs of one failure must compare equal, and different failures must not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from savedmodel_matrix.model.fingerprint import fingerprint, mask, of_failure, reason

LOST = (
    "Could not find variable {name}. This could mean that the variable has been deleted. In TF1, it "
    "can also mean the variable is uninitialized. Debug info: container=localhost, status error "
    "message=Resource localhost/{name}/N10tensorflow3VarE does not exist.\n\t [[{{{{node {name}}}}}]]"
)


@pytest.mark.parametrize(
    "name",
    [
        "dense_7/kernel",
        "kernel",
        "v.1/bias:0",
        "in_10_hours/kernel",
        "sequential/dense/bias",
        "sequential/batch_normalization_1/moving_variance",
        "bidirectional/forward_lstm/lstm_cell/recurrent_kernel",
        "a/b/c/d/e-f/g",
    ],
)
def test_which_variable_is_named_does_not_matter(name):
    assert mask(LOST.format(name=name)) == mask(LOST.format(name="dense/bias"))


@given(st.from_regex(r"\A[a-z_0-9]{1,9}(/[a-z_0-9]{1,9}){0,5}\Z"))
def test_however_deep_the_variable_is(name):
    assert mask(LOST.format(name=name)) == mask(LOST.format(name="dense/bias"))


def test_the_number_of_root_errors_does_not_matter():
    one = LOST.format(name="dense/bias")
    two = f"2 root error(s) found.\n  (0) FAILED_PRECONDITION: {one}\n  (1) FAILED_PRECONDITION: {one}"
    assert mask(two) == mask(one)


def test_the_prefixes_that_python_and_c_put_before_do_not_matter():
    one = LOST.format(name="dense/bias")
    assert mask(f"Graph execution error:\n\n{one}") == mask(one)
    assert mask(f"FAILED_PRECONDITION: {one}") == mask(one)


def test_paths_addresses_numbers_and_quotes_are_masked():
    first = mask("No file '/tmp/a/b' at 0x7f31: wanted 3, got 4.5 in `Dense.call()`")
    second = mask("No file '/home/x/y/z' at 0x9: wanted 12, got 7 in `LSTM.call()`")
    assert first == second
    assert "3" not in first


CALL = "Exception encountered when calling {name}.call().\n\n\x1b[1m{inner}\x1b[0m\n\nArguments received"
INFER = "Could not automatically infer the output shape / dtype of 'a' (of type A). Either the\n\n"
INFER += "`A.call()` method is incorrect, or not. Error encountered:\n\n{inner}"
USER = 'in user code:\n\n    File "/a/b/c.py", line 3, in call  *\n        return f(x)\n\n    {inner}\n'
INNER = "Using a symbolic `tf.Tensor` as a Python `bool` is not allowed."


@pytest.mark.parametrize(
    "message",
    [
        CALL.format(name="Clip", inner=INNER),
        CALL.format(name="Other", inner=INFER.format(inner=INNER)),
        USER.format(inner=f"OperatorNotAllowedInGraphError: {INNER}"),
        USER.format(inner=f"TypeError: {CALL.format(name='Clip', inner=INNER)}"),
    ],
)
def test_what_is_put_around_a_message_on_its_way_up_does_not_matter(message):
    assert mask(message) == mask(INNER)


@pytest.mark.parametrize(
    "message",
    [
        "'str' object has no attribute '{}'",
        "module 'keras' has no attribute '{}'",
        "f() got an unexpected keyword argument '{}'",
        USER.format(inner="AttributeError: 'list' object has no attribute '{}'"),
    ],
)
def test_attributes_and_arguments_tell_failures_apart(message):
    assert mask(message.format("shape")) != mask(message.format("dtype"))


def test_what_an_untracked_resource_looks_like_does_not_matter():
    told = (
        "Tried to export a function which references an 'untracked' resource. See the information"
    )
    first = mask(f"{told} below:\n\tFunction name = b'f_1'\n\tShape: [2] ]")
    assert first == mask(f"{told} below:\n\tFunction name = b'g_27'\n\tShape: [] ]")


def test_a_message_that_is_shown_quoted_is_read_as_it_was_raised():
    raised = "Failed to add concrete function 'b'__inference_serve_77'' to object-based SavedModel"
    raised += ' as it captures tensor <tf.Tensor: shape=(), value=<ResourceHandle(name="a/0")>>'
    assert mask(str(KeyError(raised))) == mask(raised)
    assert mask(raised) == "Failed to add concrete function <function> to object-based SavedModel"


@pytest.mark.parametrize("name", ["__inference_signature_wrapper___call___12", "__inference_f_9"])
def test_which_function_was_traced_does_not_matter(name):
    assert mask(f"cannot compute {name} as input") == "cannot compute <function> as input"


def test_different_failures_differ():
    lost = of_failure("FAILED_PRECONDITION", LOST.format(name="dense/bias"))
    other = of_failure(
        "AssertionError", "Tried to export a function which references an 'untracked'"
    )
    assert fingerprint(lost) != fingerprint(other)


def test_no_failure_has_no_fingerprint():
    assert fingerprint("") == ""


@given(st.text())
def test_masking_twice_changes_nothing_visible_and_never_fails(text):
    masked = mask(text)
    assert masked == " ".join(masked.split())
    assert len(reason(masked)) <= 200


MLIR = (
    '{before}<unknown>:0: error: loc(callsite(fused["{op}:", "{name}/x@__inference_call_7"] at '
    'fused["P:", "{name}"])): \'tf.{op}\' op is neither a custom op nor a flex op\n'
    "<unknown>:0: note: loc(fused[]): called from\n<unknown>:0: error: 'tf.Other' op is neither"
)


def test_which_operation_mlir_stops_at_and_where_it_is_does_not_matter():
    before = "Could not translate MLIR to FlatBuffer. UNKNOWN: "
    first = mask(MLIR.format(before=before, op="Sub", name="model/dense"))
    assert first == "<name> op is neither a custom op nor a flex op"
    assert mask(MLIR.format(before="", op="MatMul", name="sequential_1/rnn")) == first


def test_what_follows_at_once_on_a_sentence_of_the_converter_is_left_out():
    told = "Variable constant folding is failed, with experimental_enable_resource_variables = True"
    assert mask(f"{told}<unknown>:0: error: loc(fused[]): 'tf.X' op is illegal") == mask(told)


def test_which_arguments_did_not_fit_a_function_does_not_matter():
    def binding(arrays, why):
        got = (
            f"Received args: ({{{arrays}}},) and kwargs: {{}} for signature: (*, x: TensorSpec())."
        )
        return f"Binding inputs to tf.function failed due to `{why}`. {got}"

    wrapped = "\nFallback to flat signature also failed due to: signature_wrapper_{}({}) takes 0."
    one = binding("'x': <tf.Tensor 1.5>", "too many") + wrapped.format("serve", "x, y")
    other = binding("'a': <tf.Tensor [2 3]>", "too many") + wrapped.format("b", "a, b, c")
    assert mask(one) == mask(other) == "<function> takes <n>."
    first = mask(
        binding("'x': 1", "Can not cast {'x': <tf.Tensor [1 2]>} to TensorSpec(shape=(2,))")
    )
    assert first == mask(binding("'y': 2", "Can not cast TensorSpec(shape=(4, 6)) to TensorSpec()"))
    assert "Can not cast" in first
    assert mask(binding("'x': 1", "missing a required argument: 'x'")) != first


def test_which_variable_a_frozen_graph_assigns_does_not_matter():
    told = "Input 0 of node {} was passed {} from Func/{}/input/_7:0 incompatible with expected resource."
    first = mask(told.format("Partitioned/AssignAddVariableOp", "float", "Partitioned/model"))
    assert first == mask(told.format("AssignAddVariableOp_8", "int64", "Partitioned"))


def test_a_dtype_is_kept_whole():
    assert mask("expected a float32 tensor but is a int64 tensor") == (
        "expected a float32 tensor but is a int64 tensor"
    )


def test_which_output_is_wrong_does_not_matter():
    assert mask("wrong values: price: 4 of 4 values differ") == (
        mask("wrong values: output_0: 12 of 96 values differ")
    )


def test_which_node_of_a_converted_model_fails_does_not_matter():
    onnx = (
        "[ONNXRuntimeError] : 10 : INVALID_GRAPH : Load model from /a/b/model.onnx failed:This is an "
        'invalid model. In Node, ("{name}", {op}, "", -1) : ("x": tensor(string),) -> ("{name}:0",) , '
        "Error No Op registered for {op} with domain_version of 15"
    )
    first = mask(onnx.format(name="Partitioned/parse", op="ParseExampleV2"))
    assert first == mask(onnx.format(name="lookup", op="StringToHashBucketFast"))
    assert first.endswith("Error No Op registered for <name> with domain_version of <n>")
    tflite = (
        "{0}/kernels/read_variable.cc:67 variable != nullptr was not true.Node number {1} (READ)"
    )
    told = " failed to invoke."
    first = mask(tflite.format("tensorflow/lite", 3) + told)
    assert first == "variable != nullptr was not true.Node number <n> (READ) failed to invoke."
    assert mask(tflite.format("tflite", 1) + told + "Node number 15 (WHILE)" + told) == first


OPENVINO = (
    "Exception from src/inference/src/cpp/core.cpp:84:\nCheck 'false' failed at src/a/report.cpp:151:\n"
    "FrontEnd API failed with OpConversionFailure:\nModel wasn't fully converted.{told}\n\n"
)


def test_openvino_is_told_by_the_first_operation_that_it_cannot_convert():
    missing = (
        "\nSummary:\n-- No conversion rule found for operations: {}\nTo facilitate the conversion"
    )
    first = mask(OPENVINO.format(told=missing.format("ParseExampleV2")))
    assert first == "-- No conversion rule found for operations: <names>"
    assert mask(OPENVINO.format(told=missing.format("StringLower, Bitcast"))) == first
    failed = (
        " Failed operations detailed log:\n-- {} with a message:\nNo such `{}`\n{}\nSummary:\n-- a"
    )
    table = mask(OPENVINO.format(told=failed.format("HashTableV2", "table", "-- Find with a")))
    assert table == "-- HashTableV2 with a message: No such <name>"
    assert mask(OPENVINO.format(told=failed.format("HashTableV2", "hash_table_1", ""))) == table


def test_which_symbolic_tensor_it_is_does_not_matter():
    said = "Cannot convert a symbolic tf.Tensor ({}) to a numpy array."
    before = 'in user code:\n\n    File "cases/a.py", line 3, in serve  *\n        x\n\n    NotImplementedError: '
    after = (
        "\n    \n    Arguments received by Functional.call():\n      • inputs=<tf.Tensor 'x:0'>\n"
    )
    one = mask(said.format("x:0"))
    other = mask(before + said.format("model/dense/truediv:0") + after)
    assert one == other == "Cannot convert a symbolic tf.Tensor <name> to a numpy array."


@pytest.mark.parametrize("host", ["vm", "my-laptop.local", "c231cf5b24fe", "10.0.0.7"])
def test_the_machine_that_lacks_an_op_does_not_matter(host):
    said = "Op type not registered 'CaseFoldUTF8' in binary running on {}. Make sure the Op is."
    assert mask(said.format(host)) == mask(said.format("other"))
    assert "binary running on <host>. Make sure" in mask(said.format(host))


def test_an_apostrophe_within_a_word_quotes_nothing():
    said = "Didn't find op for builtin opcode 'CAST' version '7'. An older version may do."
    assert mask(said) == (
        "Didn't find op for builtin opcode <name> version <name>. An older version may do."
    )
    assert mask("could not convert: b'A fine film'") == "could not convert: b<name>"


def test_colours_are_no_part_of_a_message_even_as_a_repr_spells_them():
    assert mask(r"'\x1b[1mlost\x1b[0m'") == mask("'\x1b[1mlost\x1b[0m'") == mask("'lost'")
