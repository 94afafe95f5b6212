"""Options of the test suite."""

from hypothesis import settings


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


settings.register_profile("shared machine", deadline=None)
settings.load_profile("shared machine")
