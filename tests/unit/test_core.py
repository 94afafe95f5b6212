"""What `diagnose`, `repair` and `explain` need: three small packages, Python 3.10, any system."""

import ast
import json
import tomllib

import pytest

from savedmodel_matrix.commands.harness import MODULES
from tests.unit.core import ENTRIES, PACKAGE, ROOT, SOURCE, bare, names_of, run, used

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
ARTIFACT = ROOT / "tests" / "data" / "savedmodels" / "dense-2.21"

IMPORTING = """
import importlib
for name in sys.argv[1:]:
    importlib.import_module(name)
print("\\n".join(name for name in sys.modules if name.partition(".")[0] == "savedmodel_matrix"))
"""
TYPING = """
from savedmodel_matrix.commands.cli import main
main(sys.argv[1:])
"""

# By https://docs.python.org/3/whatsnew/: what 3.10 lacks. A name with a dot before it is a method.
NEWER = {
    *("tomllib", "builtins.ExceptionGroup", "builtins.BaseExceptionGroup"),
    *("enum.StrEnum", "enum.ReprEnum", "enum.EnumCheck", "enum.verify", "enum.member"),
    *("enum.nonmember", "enum.global_enum", "datetime.UTC", "contextlib.chdir"),
    *("hashlib.file_digest", "itertools.batched", "operator.call", "os.process_cpu_count"),
    *("math.exp2", "math.cbrt", "math.sumprod", "math.fma", "inspect.getmembers_static"),
    *("asyncio.TaskGroup", "asyncio.timeout", "asyncio.timeout_at", "asyncio.Runner"),
    *("typing.Self", "typing.LiteralString", "typing.Never", "typing.assert_never"),
    *("typing.assert_type", "typing.reveal_type", "typing.Required", "typing.NotRequired"),
    *("typing.Unpack", "typing.TypeVarTuple", "typing.dataclass_transform", "typing.override"),
    *("typing.TypeAliasType", "typing.TypeIs", "typing.ReadOnly", "warnings.deprecated"),
    *(".add_note", ".is_junction", ".full_match", ".with_segments", ".from_uri"),
}
# By https://docs.python.org/3/library/: "Availability: Unix", or "not Windows".
POSIX = {
    *("fcntl", "grp", "pwd", "resource", "termios", "tty", "pty", "posix", "syslog", "curses"),
    *("readline", "select.poll", "select.epoll", "select.kqueue", "socket.AF_UNIX", "time.tzset"),
    *("os.fork", "os.forkpty", "os.getuid", "os.geteuid", "os.getgid", "os.getegid", "os.setuid"),
    *("os.setgid", "os.getgroups", "os.killpg", "os.setsid", "os.getsid", "os.getpgid"),
    *("os.setpgid", "os.getpgrp", "os.wait", "os.wait3", "os.wait4", "os.waitid", "os.WNOHANG"),
    *("os.nice", "os.pread", "os.preadv", "os.pwrite", "os.pwritev", "os.readv", "os.writev"),
    *("os.sendfile", "os.chown", "os.lchown", "os.fchown", "os.fchmod", "os.chroot"),
    *("os.mkfifo", "os.mknod", "os.uname", "os.sysconf", "os.confstr", "os.statvfs"),
    *("os.fstatvfs", "os.sched_getaffinity", "os.sched_setaffinity", "os.sched_yield"),
    *("os.getloadavg", "os.openpty", "os.posix_fadvise", "os.posix_fallocate", "os.posix_spawn"),
    *("os.O_DIRECTORY", "os.O_NOFOLLOW", "os.O_CLOEXEC", "os.O_NONBLOCK", "os.O_SYNC"),
    *("os.getxattr", "os.setxattr", "os.listxattr", "os.removexattr", "os.fdatasync", "os.lockf"),
    *("os.sync", "os.ctermid", "os.getpriority", "os.setpriority", "os.copy_file_range"),
    *("os.memfd_create", "os.splice", "os.register_at_fork", "os.fwalk", "os.pidfd_open"),
    *("signal.pthread_sigmask", "signal.pthread_kill", "signal.sigwait", "signal.sigwaitinfo"),
    *("signal.sigtimedwait", "signal.sigpending", "signal.alarm", "signal.setitimer"),
    *("signal.getitimer", "signal.pause", "signal.siginterrupt", "signal.SIGKILL"),
    *("signal.SIGHUP", "signal.SIGQUIT", "signal.SIGALRM", "signal.SIGUSR1", "signal.SIGUSR2"),
    *("signal.SIGCHLD", "signal.SIGSTOP", "signal.SIGCONT", "signal.SIGTSTP", "signal.SIGPIPE"),
    *("signal.SIG_BLOCK", "signal.SIG_UNBLOCK", "signal.SIG_SETMASK"),
    *(".st_blocks", ".st_rdev"),
}


@pytest.fixture(scope="module")
def core(tmp_path_factory):
    return bare(tmp_path_factory.mktemp("core"), PROJECT["dependencies"])


@pytest.fixture(scope="module")
def modules(core):
    """Return the source of every module of the core, by name."""
    done = run(core, IMPORTING, *ENTRIES)
    assert done.returncode == 0, done.stderr
    found = {}
    for name in done.stdout.split():
        file = SOURCE.joinpath(*name.split("."))
        file = file / "__init__.py" if file.is_dir() else file.with_suffix(".py")
        found[name] = file.read_text(encoding="utf-8")
    assert found.keys() >= set(ENTRIES)
    return found


def test_the_core_installs_little_and_the_extra_is_what_the_harness_imports():
    assert names_of(PROJECT["dependencies"]) <= {
        *("click", "protobuf", "rich", "tomli"),
        *("pygments", "markdown-it-py", "mdurl"),  # of rich
    }
    extra = {each.partition(">")[0] for each in PROJECT["optional-dependencies"]["matrix"]}
    assert extra == {*MODULES, "uv"}


def test_the_harness_is_not_to_be_had_there(core):
    for name in MODULES:
        if name != "pygments":  # which rich brings
            assert f"No module named '{name}'" in run(core, f"import {name}").stderr


def test_its_commands_work_without_the_extra(core, tmp_path):
    done = run(core, TYPING, "diagnose", "--format", "json", str(ARTIFACT))
    assert (done.returncode, done.stderr) == (1, "")
    assert json.loads(done.stdout)[0]["verdict"] == "defect"
    done = run(core, TYPING, "repair", str(ARTIFACT), str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    done = run(core, TYPING, "diagnose", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "error.txt").write_text("FAILED_PRECONDITION: Could not find variable dense/bias")
    done = run(core, TYPING, "explain", str(tmp_path / "error.txt"))
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("arguments", "asked"),
    [
        (["matrix"], "matrix"),
        (["check", "model"], "check"),
        (["compare"], "compare"),
        (["history"], "history"),
        (["bisect", "--case", "module_dense"], "bisect"),
        (["report"], "report"),
        (["repair", "--prove", str(ARTIFACT), "out"], "repair --prove"),
        (["repair", "--resave", str(ARTIFACT), "out"], "repair --resave"),
        (["agreement"], "agreement"),
    ],
)
def test_a_command_that_needs_the_extra_says_so_in_a_sentence(core, arguments, asked):
    done = run(core, TYPING, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"savedmodel-matrix: `{asked}` needs the extra `matrix` (jinja2 is not installed): run "
        'pip install "savedmodel-matrix[matrix]".\n'
    )


def test_its_help_needs_no_extra(core):
    for arguments in (["--help"], ["matrix", "--help"]):
        done = run(core, TYPING, *arguments)
        assert (done.returncode, done.stderr) == (0, "")


def test_the_core_is_written_in_the_python_of_3_10(modules):
    for name, text in modules.items():
        ast.parse(text, name, feature_version=(3, 10))


INSIDE = sorted([*PACKAGE.glob("host/*.py"), *PACKAGE.glob("plugins/*/*.py")])


@pytest.mark.parametrize("file", INSIDE, ids=lambda file: f"{file.parent.name}/{file.stem}")
def test_what_runs_in_an_environment_runs_on_python_3_10(file):
    text = file.read_text(encoding="utf-8")
    tree = ast.parse(text, file.name, feature_version=(3, 10))
    assert not NEWER & set(used(tree))


@pytest.mark.parametrize("lacking", [NEWER, POSIX], ids=["Python 3.10", "Windows"])
def test_the_core_uses_nothing_that_is_lacking_in(modules, lacking):
    found = {
        f"{name} uses {one}" for name, text in modules.items() for one in used(ast.parse(text))
    }
    assert not {one for one in found if one.rpartition(" ")[2] in lacking}


@pytest.mark.parametrize(
    ("text", "uses"),
    [
        ("import tomllib", "tomllib"),
        ("from enum import StrEnum", "enum.StrEnum"),
        ("import datetime as d\nd.UTC", "datetime.UTC"),
        ("def f(error):\n    error.add_note('x')", ".add_note"),
        ("raise ExceptionGroup('x', [])", "builtins.ExceptionGroup"),
        ("import os\nos.pread(0, 1, 2)", "os.pread"),
        ("from signal import pthread_sigmask", "signal.pthread_sigmask"),
    ],
)
def test_what_is_lacking_is_found(text, uses):
    assert uses in set(used(ast.parse(text)))
    assert uses in NEWER | POSIX
    guarded = "\n    ".join(["if sys.platform != 'win32':", *text.splitlines()])
    assert uses not in set(used(ast.parse(guarded)))
