"""Options of the test suite."""

from hypothesis import settings


def pytest_addoption(parser):
    parser.addoption(
        "--environment",
        action="append",
        metavar="NAME",
        help="environment for integration tests, instead of tf2.15 and tf2.21; may be repeated",
    )


settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
