"""What the kernel says of a machine under pressure, and when a step was kept from a core."""

from pathlib import Path

import pytest

from savedmodel_matrix.engine.pressure import crowded_out, oom_kills, short_of_memory, waited
from savedmodel_matrix.engine.processes import Ended


def ended(cpu, *, timed_out=True, wall=100.0):
    return Ended(None, 9, timed_out, cpu, 0, 5.0, 5.0 + wall)


@pytest.mark.parametrize(
    ("cpu", "before", "after", "crowded"),
    [
        (30.0, 0.0, 90.0, True),  # at work, on a crowded machine
        (30.0, 0.0, 10.0, False),  # at work for a while and then asleep, on a quiet one
        (1.0, 0.0, 99.0, False),  # asleep, whatever the others do
        (99.0, 0.0, 99.0, False),  # had a core all the time
        (30.0, None, None, True),  # nobody knows of the machine
    ],
)
def test_who_was_kept_from_a_core(cpu, before, after, crowded):
    assert crowded_out(ended(cpu), before, after) is crowded
    assert crowded_out(ended(cpu, timed_out=False), before, after) is False


def test_a_nice_step_with_next_to_no_core_was_kept_from_one(monkeypatch):
    starved = ended(1.0)
    assert crowded_out(starved, 0.0, 99.0) is False
    monkeypatch.setattr("os.nice", lambda more: 19 + more)
    assert crowded_out(starved, 0.0, 99.0) is True
    assert crowded_out(starved, 0.0, 10.0) is False  # nobody was in its way: it slept


def test_a_step_that_took_no_time_was_kept_from_nothing():
    assert crowded_out(ended(0.0, wall=0.0), 0.0, 1.0) is False


KERNEL = {
    "/proc/vmstat": "nr_free_pages 1\noom_kill 3\nzone 2\n",
    "/proc/pressure/cpu": "some avg10=1.2 avg60=0.4 total=2500000\nfull avg10=0.0 total=7\n",
    "/proc/meminfo": "MemTotal: 8 kB\nMemAvailable:    3000000 kB\nCached: 1 kB\n",
}


@pytest.fixture
def kernel(monkeypatch):
    """Files of the kernel as the test has them; one that is not there cannot be read."""
    files = dict(KERNEL)

    def read_text(path):
        if str(path) not in files:
            raise FileNotFoundError(path)
        return files[str(path)]

    monkeypatch.setattr(Path, "read_text", read_text)
    return files


def test_what_the_kernel_counts_is_read(kernel):
    assert oom_kills() == 3
    assert waited() == 2.5
    assert short_of_memory() is False
    kernel["/proc/meminfo"] = "MemTotal: 8 kB\nMemAvailable: 1000000 kB\n"
    assert short_of_memory() is True


@pytest.mark.parametrize("garbage", [None, "", "oom_kill\n", "some\n", "MemAvailable: x kB\n"])
def test_where_the_kernel_says_nothing_nothing_is_known(kernel, garbage):
    for file in KERNEL:
        if garbage is None:
            del kernel[file]
        else:
            kernel[file] = garbage
    assert (oom_kills(), waited(), short_of_memory()) == (0, None, False)


def readable(path):
    try:
        return bool(Path(path).read_text())
    except OSError:
        return False


@pytest.mark.skipif(not readable("/proc/vmstat"), reason="this kernel does not count")
def test_what_this_kernel_counts_is_found():
    lines = Path("/proc/vmstat").read_text().splitlines()
    assert f"oom_kill {oom_kills()}" in lines
    assert isinstance(short_of_memory(), bool)


@pytest.mark.skipif(not readable("/proc/pressure/cpu"), reason="this kernel has no such figure")
def test_what_this_kernel_says_of_its_cores_is_found():
    first, second = waited(), waited()
    assert first
    assert second
    assert 0 < first <= second
