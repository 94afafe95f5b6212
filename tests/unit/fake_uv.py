"""A stand-in for uv, a script."""

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
if step == "venv":
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
