"""Network namespaces, an address for each process of a test, where this process may make them.

https://man7.org/linux/man-pages/man8/ip-netns.8.html. A bridge in a namespace of its own joins
them, so that nothing is changed in the network of the machine.
"""

import itertools
import os
import shutil
import subprocess

PREFIX = "10.231.7."  # inside of the namespaces alone


class OneHost:
    """No namespaces: everybody is on this machine's loopback."""

    home: tuple[str, ...] = ()
    address = "127.0.0.1"

    def join(self, name):
        return ()

    def close(self): ...


class Namespaces:
    """A namespace for whoever is at home, with the bridge, and one for each that joins."""

    def __init__(self, name):
        self._hub = f"{name}-{os.getpid()}"
        self._made = []
        self._numbers = itertools.count(2)
        self.address = f"{PREFIX}1"
        self._add(self._hub)
        self._in(self._hub, "link", "add", "bridge", "type", "bridge")
        self._in(self._hub, "addr", "add", f"{self.address}/24", "dev", "bridge")
        self._in(self._hub, "link", "set", "bridge", "up")
        self.home = ("ip", "netns", "exec", self._hub)

    def join(self, name):
        """Make a namespace on the bridge; return the words that start a program in it."""
        number = next(self._numbers)
        inside, near, far = f"{self._hub}-{number}", f"near{number}", f"far{number}"
        self._add(inside)
        self._in(self._hub, "link", "add", near, "type", "veth", "peer", far, "netns", inside)
        self._in(self._hub, "link", "set", near, "master", "bridge", "up")
        self._in(inside, "addr", "add", f"{PREFIX}{number}/24", "dev", far)
        self._in(inside, "link", "set", far, "up")
        return ("ip", "netns", "exec", inside)

    def _add(self, name):
        _ip("netns", "add", name)
        self._made.append(name)
        self._in(name, "link", "set", "lo", "up")

    def _in(self, name, *words):
        _ip("-n", name, *words)

    def close(self):
        for name in self._made:
            _ip("netns", "del", name)


def network_for(name):
    """Return namespaces where they can be made, else the loopback alone."""
    if os.geteuid() != 0 or not shutil.which("ip"):
        return OneHost()
    made = None
    try:
        made = Namespaces(name)
        made.join("nobody")  # bridges and pairs are kernel modules, which may be missing
    except (subprocess.CalledProcessError, OSError):
        if made:
            made.close()
        return OneHost()
    return made


def _ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
