"""Started by the harness with an environment's own Python: ``python bootstrap.py serve|step``.

Makes the package importable inside the environment without adding a directory to ``sys.path``: what
lies beside the package in the harness's environment (pandas, NumPy …) must not become importable
under test, and neither must this directory's file names shadow anything.
"""

import importlib.util
import sys
from pathlib import Path

PACKAGE = "savedmodel_matrix"


def borrow_package() -> None:
    """Load the package from the files beside this one, under its own name."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [entry for entry in sys.path if Path(entry or ".").resolve() != here]
    root = here.parent
    spec = importlib.util.spec_from_file_location(
        PACKAGE, root / "__init__.py", submodule_search_locations=[str(root)]
    )
    if spec is None or spec.loader is None:
        raise SystemExit(f"{root} is not the package {PACKAGE}: the installation is incomplete")
    module = importlib.util.module_from_spec(spec)
    sys.modules[PACKAGE] = module
    spec.loader.exec_module(module)


def main() -> None:
    """Serve steps from one import, or run a single step in this process."""
    borrow_package()
    command, *arguments = sys.argv[1:]
    if command == "serve":
        from savedmodel_matrix.host import server

        server.main(*arguments)
    elif command == "step":
        from savedmodel_matrix.host import single

        single.main(*arguments)
    else:
        raise SystemExit(f"unknown command {command!r}: serve or step")


if __name__ == "__main__":
    main()
