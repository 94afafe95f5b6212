"""Options of the test suite."""

from hypothesis import HealthCheck, settings


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
        help="crosscheck all cases in all environments, not another few each day",
    )


settings.register_profile(
    "shared machine", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("shared machine")
