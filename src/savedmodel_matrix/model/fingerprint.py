"""A failure with names, numbers, addresses and paths masked: two runs of one failure are equal.

TensorFlow names another variable each time, reports as many root errors as its threads happened to
hit, and adds nodes, resources and addresses. What is left after masking is hashed to the
fingerprint, and the column `reason` is written from it. People are shown the raw message.
"""

from __future__ import annotations

import ast
import contextlib
import functools
import hashlib
import re

LONGEST_REASON = 200

_ANSI = re.compile(r"(?:\x1b|\\x1b|\\033)\[[0-9;?]*[A-Za-z]")  # spelled out in a repr, too
# What follows says where, not what: nodes, traces, resources, the arguments Keras prints.
_CUT = re.compile(
    r"(\n\s*\[\[|\s*Debug info:|\nDefined at|\n\s*Arguments received by|\nDetected at node|"
    r"\nStack trace for op|\s*See the information below:|\[\[\{\{|\n\nOriginal stack trace|"
    r"\n\nCall arguments received| as it captures tensor <|\s*<unknown>:\d+: |"
    r" Full object config: |\n-- |\nTo facilitate |\n\nSummary:)"
)
# What is put around a message on its way up says where it passed, not what it is.
_WRAPPINGS = (
    re.compile(r"^\s*Graph execution error:\s*"),
    re.compile(r"^\s*\d+ root error\(s\) found\.\s*\(0\)\s*"),
    re.compile(r"^\s*in user code:.*?\n\s*\n[ \t]+\w+: ", re.DOTALL),  # AutoGraph's frames
    re.compile(r"^\s*Exception encountered when calling [^\n]*\n\s*\n"),
    re.compile(r"^\s*Could not automatically infer .*?\bError encountered:\s*", re.DOTALL),
    re.compile(r"^\s*Could not translate MLIR to FlatBuffer\.(?: [A-Z_]+:)?\s*"),
    re.compile(r"^\s*Exception from \S+:\d+:\s*"),  # OpenVINO's stack
    re.compile(r"^\s*Check '[^\n]*' failed at \S+:\d+:\s*"),
    re.compile(r"^\s*FrontEnd API failed with OpConversionFailure:\s*"),
    re.compile(r"^\s*Model wasn't fully converted\.(\s*Failed operations detailed log:)?\s*"),
    re.compile(r"^\s*Summary:\s*"),
    re.compile(r"^\s*<unknown>:\d+: error: (?:loc\(.*\): )?"),  # MLIR's stack of operations
    re.compile(r"^\s*Binding inputs to tf\.function failed .*?\bFallback [^:]*: ", re.DOTALL),
)
# TensorFlow says on which machine an op is not registered: true of one machine only.
HOST_NAME = re.compile(r"(?<=in binary running on )\S+(?=\.(?:\s|$))")
_CODE = re.compile(r"^\s*(?:[A-Z_]{5,}: )+")
# Names that are a program's own and the same in every run, so that they tell failures apart.
_KEPT = re.compile(
    r"(?<=no attribute )'(\w+)'|(?<=keyword argument )'(\w+)'|'(\w+)'(?= object has no attribute)"
)
_MASKS = (
    (re.compile(r"^(wrong values: ).*: "), r"\1"),  # of which output
    # Before paths: a variable within two wrappers has a name that looks like one.
    (
        re.compile(
            r"\b(Could not find variable|Read variable failure|variable named|Resource|resource) "
            r"[\w/:-]+(?:\.[\w/:-]+)*"
        ),
        r"\1 <name>",
    ),
    (
        re.compile(r"\bInput \d+ of node \S+ was passed \w+ from \S+"),
        "Input <n> of node <name> was passed a value from <name>",
    ),
    (re.compile(r"\b(?:pruned|signature_wrapper\w*)\([^)]*\)"), "<function>"),
    # What does not fit is printed whole, every number of it.
    (
        re.compile(r"(\bfailed due to )`(Can not cast|[^`{(]*).*", re.DOTALL),
        r"\1<\2>",
    ),
    (HOST_NAME, "<host>"),
    (re.compile(r"\b(Layer|Object) \w+(?= was created by passing)", re.IGNORECASE), r"\1 <name>"),
    (re.compile(r"(\bfor input )\d+, name: \S+"), r"\1<name>"),
    # ONNX Runtime and TFLite: which node it is, and what it was called from.
    (re.compile(r"\bIn Node, \(.*\) , (?=Error )"), ""),
    (re.compile(r"(\bNo Op registered for )\w+"), r"\1<name>"),
    (re.compile(r"(\bdimensions for input: )\S+"), r"\1<name>"),
    (re.compile(r"\S+\.cc:\d+ (.*?failed to invoke\.).*", re.DOTALL), r"\1"),
    (re.compile(r"(\bshared name for node )\S+"), r"\1<name>"),
    (re.compile(r"(\bconversion rule found for operations: ).*"), r"\1<names>"),
    (re.compile(r"(\bserving_default only, not )\S+"), r"\1<name>"),
    (re.compile(r"(\bsymbolic tf\.Tensor )\([^()\s]*\)"), r"\1<name>"),
    (re.compile(r"(?:'?b')?__inference_\w+'{0,2}"), "<function>"),
    (re.compile(r"0x[0-9a-fA-F]+"), "<address>"),
    (re.compile(r"(?:[A-Za-z]:)?(?:[/\\][\w.@+~-]+){2,}[/\\]?"), "<path>"),
    # An apostrophe within a word ("couldn't") opens no quotation; that of bytes (b'') does.
    (
        re.compile(r"(?:(?<![A-Za-z])|(?<=\bb))'[^'\n]*'|\"[^\"\n]*\"|`[^`\n]*`"),
        "<name>",
    ),
    (re.compile(r"\b[\w.-]+(?:/[\w.:-]+)+"), "<name>"),
    (re.compile(r"<[A-Za-z_][\w.]* (?:name|object)[^>]*>"), "<object>"),
    (re.compile(r"(?<![A-Za-z\d])[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?"), "<n>"),
    (re.compile(r"(?<=[A-Za-z])_\d+\b"), "_<n>"),
)


@functools.lru_cache(maxsize=1000)  # a fault says the same on most of the cases that it meets
def mask(message: str) -> str:
    """Return the message's first paragraph on one line, everything that varies masked."""
    text = _unwrapped(_ANSI.sub("", message))
    text = _CUT.split(text, maxsplit=1)[0]
    text = _CODE.sub("", text).strip().split("\n\n", 1)[0]
    text = _KEPT.sub(lambda found: next(filter(None, found.groups())), text)
    for pattern, masked in _MASKS:
        text = pattern.sub(masked, text)
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def heart(message: str) -> str:
    """Return the message without what was wrapped around it on its way up; nothing is masked."""
    text = _CUT.split(_unwrapped(_ANSI.sub("", message)), maxsplit=1)[0].strip()
    return text or message


def _unwrapped(text: str) -> str:
    before = None
    if text[:1] in {"'", '"'}:  # a KeyError shows its message quoted
        with contextlib.suppress(SyntaxError, ValueError):
            text = str(ast.literal_eval(text))
    while before != text:
        before = text
        for wrapping in _WRAPPINGS:
            text = wrapping.sub("", text, count=1)
    return text


def of_failure(kind: str, message: str) -> str:
    """Return what identifies a failure: its code or exception type, and its masked message."""
    masked = mask(message)
    return f"{kind}: {masked}" if masked else kind


def fingerprint(identity: str) -> str:
    """Return the short hash under which equal failures are grouped; "" for no failure."""
    return hashlib.sha256(identity.encode()).hexdigest()[:12] if identity else ""


def reason(identity: str) -> str:
    """Return a failure's identity as the one line that a table can hold."""
    if len(identity) <= LONGEST_REASON:
        return identity
    return identity[: LONGEST_REASON - 1].rsplit(" ", 1)[0] + "…"
