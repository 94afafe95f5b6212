"""Graphs of attacks, put together from named parts; a set of them is in tests/data/hostile."""

from savedmodel_matrix.savedmodel.safety import unsafe
from savedmodel_matrix.savedmodel.schema import message
from savedmodel_matrix.savedmodel.soundness import MetaGraph
from tests.unit.savedmodel.graphs import Graph, func

PASSWD = "/etc/passwd"


def strings(*values):
    """Return an attribute that is a tensor of strings."""
    value = message("AttrValue")()
    value.tensor.string_val.extend(v.encode() for v in values)
    return value


class Hostile(Graph):
    """A graph to which the parts of an attack are added by name."""

    def const(self, name, text, to=None):
        return self.node(name, "Const", to=to, value=strings(text))

    def evil(self, name="evil", op="WriteFile", path="/var/x"):
        """Add a function that writes a file of a constant name."""
        body = self.function(name, ["x"], ["x"])
        self.const("path", path, to=body)
        self.node("act", op, "path:output:0", "x", to=body)
        return body

    def objects(self, *functions, name="f", parent="bare_concrete_function"):
        """Add functions to the object graph, as children of the root."""
        graph = self.proto.object_graph_def
        root = graph.nodes[0] if graph.nodes else graph.nodes.add()
        for function in functions:
            graph.concrete_functions[function].SetInParent()
            root.children.add(node_id=len(graph.nodes), local_name=name)
            # SavedBareConcreteFunction.concrete_function_name, which the schema does not read
            encoded = b"\x0a" + bytes([len(function)]) + function.encode()
            getattr(graph.nodes.add(), parent).ParseFromString(encoded)
        return self

    def init(self, node):
        self.proto.collection_def["saved_model_main_op"].node_list.value.append(node)
        return self

    def found(self):
        self.proto.ParseFromString(self.proto.SerializeToString())
        return {(f.rule, f.where, f.severity) for f in unsafe(MetaGraph(self.proto, restored=True))}


def called_by(op, before=(), attribute="f", inside=False):
    """Return a graph whose signature calls an evil function, from another function if inside."""
    graph = Hostile()
    graph.evil()
    value = ["evil"] if attribute == "branches" else func("evil")
    if inside:
        outer = graph.function("outer", ["x"], ["call:output:0"])
        graph.node("call", op, *(["x"] * len(before)), "x", to=outer, **{attribute: value})
        graph.node("out", "PartitionedCall", "filename", f=func("outer"))
    else:
        graph.node("zero", "Const")
        graph.node("out", op, *before, "filename", **{attribute: value})
    return graph.signature("out:0")


def table(path_op="Const", **more):
    graph = Hostile()
    graph.node("table", "HashTableV2")
    graph.node("path", path_op, **more)
    graph.node("fill", "InitializeTableFromTextFileV2", "table", "path")
    return graph.init("fill")


def restoring(source="filename", wrapped=False):
    """Return a graph whose restore op restores from a tensor, in a function if wrapped."""
    graph = Hostile()
    graph.const("constant", PASSWD)
    if wrapped:
        body = graph.function("restore_fn", ["prefix"], ["r:tensors:0"])
        graph.node("r", "RestoreV2", "prefix", "prefix", "prefix", to=body)
        graph.node("restore", "PartitionedCall", source, f=func("restore_fn"))
    else:
        graph.node("restore", "RestoreV2", source, source, source)
    graph.proto.saver_def.restore_op_name = "restore"
    return graph
