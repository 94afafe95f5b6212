"""Options of the test suite."""

import signal
import subprocess
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, settings

# A shell ignores Ctrl-C on behalf of what it starts in the background, and so would every process
# that these tests start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_addoption(parser):
    parser.addoption(
        "--environment",
        action="append",
        metavar="NAME",
        help="environment for integration tests, instead of tf2.15 and tf2.21; may be repeated",
    )
    parser.addoption(
        "--kills",
        type=int,
        default=4,
        metavar="N",
        help="how many runs to kill at a random moment",
    )
    parser.addoption(
        "--every-case",
        action="store_true",
        help="crosscheck all cases in all environments, not another few at each commit",
    )
    parser.addoption(
        "--draw",
        metavar="TEXT",
        help="what the few are drawn by that crosscheck takes, instead of the commit",
    )


def drawn_by(config):
    """Return what a sample is drawn by: what --draw says, else the commit that is tested."""
    return config.getoption("draw") or _commit()


def pytest_report_header(config):
    """Say what samples are drawn by, so that a run can be repeated."""
    return f"samples drawn by --draw {drawn_by(config)}"


@cache
def _commit():
    command = ["git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "no-commit"


settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared machine")
