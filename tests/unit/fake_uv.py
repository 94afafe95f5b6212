"""A stand-in for uv, a script, and how the tests of environments fill one with it."""

import asyncio
import json
from pathlib import Path
from typing import Any

from savedmodel_matrix.environments.filling import Filled, fill
from savedmodel_matrix.environments.ownership import STAMP
from savedmodel_matrix.model.environment import Environment

LOCK = "tensorflow-cpu==2.21.0 \\\n    --hash=sha256:00\ntf-keras==2.21.0\n"

# Writes each call down, does what FAKE_UV asks for at the step it names, and else what uv does.
FAKE_UV = r"""#!{python} -ISB
import json, os, pathlib, sys, time
here = pathlib.Path(__file__).parent
arguments = [word for word in sys.argv[1:] if word not in ("--color=never", "--no-progress")]
with (here / "calls.jsonl").open("a") as calls:
    calls.write(json.dumps(arguments) + "\n")
arguments = [word for word in arguments if word != "--offline"]
step = arguments[0] if arguments[0] == "venv" else arguments[1]
asked = os.environ.get("FAKE_UV", "")
if asked == f"fail {{step}}" or (asked == "nothing cached" and "--offline" in sys.argv):
    for line in range(8):
        print(f"  word {{line}}  \n")
    sys.exit(2)
if step == "compile":
    files = dict(asked=arguments[2])
    files |= {{name: arguments[arguments.index(f"--{{name}}") + 1] for name in ("override", "constraint")}}
    lock = pathlib.Path(arguments[arguments.index("--output-file") + 1])
    texts = {{name: pathlib.Path(file).read_text() for name, file in files.items()}}
    with (here / "compiled.jsonl").open("a") as compiled:
        compiled.write(json.dumps(texts | dict(before=lock.read_text(), arguments=arguments)) + "\n")
    _, _, beside = asked.partition("no solution beside ")
    refused = asked == "no solution" or (beside and beside in texts["constraint"])
    if refused or (asked == "none elsewhere" and "--universal" in arguments):
        print("error: No solution found when resolving dependencies")
        print("  cause: Because there is no version of toolz==0 and you require toolz==0, "
              "we can conclude that your requirements are unsatisfiable.")
        sys.exit(1)
    if asked == "no index":
        print("error: Request failed after 3 retries in 1.0s\n  cause: Connection refused")
        sys.exit(2)
    version = "2.0" if asked == "other elsewhere" and "--universal" in arguments else "1.0"
    lines = [line.split(";") for line in texts["asked"].splitlines()]
    names = [line[0].split("=")[0].split("<")[0].strip() for line in lines]
    text = "".join(
        f"{{name}}=={{version}}{{' ;' + line[1] if line[1:] else ''}} \\\n    --hash=sha256:00\n"
        for name, line in zip(names, lines)
    )
    lock.write_text("# nox -s lock\n" + text)
elif step == "venv":
    directory = pathlib.Path(arguments[-1])
    (directory / "bin").mkdir(parents=True)
    (directory / "bin" / "python").symlink_to(here / "interpreter")
    (directory / "pyvenv.cfg").write_text(
        "home = somewhere\nimplementation = CPython\nversion_info = 3.11.7\n"
    )
else:
    lock = pathlib.Path(arguments[-1]).read_text()
    packages = pathlib.Path(arguments[-2]).parent.parent / "lib" / "python3.11" / "site-packages"
    if "--target" in arguments:
        packages = pathlib.Path(arguments[arguments.index("--target") + 1])
    packages.mkdir(parents=True)
    for line in lock.splitlines():
        if "==" in line:
            name, version = line.split(" ")[0].split("==")
            info = packages / f"{{name.replace('-', '_')}}-{{version}}.dist-info"
            info.mkdir()
            (packages / f"{{name}}.py").write_text("x = 1\n")
            if asked == "damaged cache":
                (packages / f"{{name}}.py").write_text("x")
            (info / "RECORD").write_text(f"{{name}}.py,sha256=0,6\n{{info.name}}/RECORD,,\n")
            if asked == "hang":
                (here / "pid").write_text(str(os.getpid()))
                time.sleep(60)
"""


def fill_now(environment: Environment, uv: Path) -> Filled:
    return asyncio.run(fill(environment, uv, uv.with_name("log.txt")))


def calls(uv: Path) -> list[Any]:
    file = uv.with_name("calls.jsonl")
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


def edit_lock(environment: Environment, uv: Path) -> None:
    environment.lock.write_text(LOCK + "wrapt==2.5.2\n")


def remove_stamp(environment: Environment, uv: Path) -> None:
    (environment.directory / STAMP).unlink()
