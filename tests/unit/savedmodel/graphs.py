"""Where the real artifacts are, and graphs made for one question."""

from pathlib import Path

from savedmodel_matrix.savedmodel.registry import registry
from savedmodel_matrix.savedmodel.schema import message

ARTIFACTS = Path(__file__).parents[2] / "data" / "savedmodels"
NAMES = sorted(path.name for path in ARTIFACTS.iterdir() if path.is_dir())


class Graph:
    """A MetaGraph built node by node, with one variable `v` unless a test needs another."""

    def __init__(self):
        self.proto = message("MetaGraphDef")()
        self.node("filename", "Placeholder").attr["dtype"].type = 7
        self.proto.saver_def.filename_tensor_name = "filename:0"

    def node(self, name, op, *inputs, to=None, **attributes):
        nodes = self.proto.graph_def.node if to is None else to.node_def
        node = nodes.add(name=name, op=op, input=inputs)
        if to is not None:
            to.control_ret[name] = name
        for key, value in attributes.items():
            if isinstance(value, str):
                node.attr[key].s = value.encode()
            elif isinstance(value, list):
                node.attr[key].list.CopyFrom(message("ListValue")())
                for part in value:
                    node.attr[key].list.func.add(name=part)
            else:
                node.attr[key].CopyFrom(value)
        return node

    def variable(self, name, **more):
        return self.node(name, "VarHandleOp", shared_name=more.pop("shared_name", name), **more)

    def function(self, name, arguments, returns=()):
        function = self.proto.graph_def.library.function.add()
        function.signature.name = name
        for argument in arguments:
            function.signature.input_arg.add(name=argument, type=20)
        for i, value in enumerate(returns):
            function.signature.output_arg.add(name=f"r{i}", type=20)
            function.ret[f"r{i}"] = value
        return function

    def signature(self, output, name="serving_default"):
        self.proto.signature_def[name].outputs["output"].name = output
        return self

    def restores(self, *variables):
        """Restore variables by AssignVariableOp nodes in the main graph."""
        names = [f"restore/{name}" for name in variables]
        for name, source in zip(names, variables, strict=True):
            self.node(name, "AssignVariableOp", source, "filename:0")
        self.node("restore", "NoOp", *(f"^{name}" for name in names))
        self.proto.saver_def.restore_op_name = "restore"
        return self


def func(name):
    """Return an attribute that names a function."""
    value = message("AttrValue")()
    value.func.name = name
    return value


def complete(proto):
    """Give every node the attributes without which TensorFlow does not import it."""
    graph = proto.graph_def
    for nodes in (graph.node, *(function.node_def for function in graph.library.function)):
        for node in nodes:
            op = registry().op(node.op)
            for name in op.required if op else ():
                node.attr[name].SetInParent()
