"""The colour scale of shares: a hundred and one steps, each with an ink that can be read on it.

The scale is interpolated in OKLab (https://bottosson.github.io/posts/oklab/), in which equal steps
look equal. Its two ends differ in blue and in lightness too, so that it can be told apart without
telling red from green. Pages may hold no styles of their own, so a step is a class: ``s0`` to
``s100``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Colour = tuple[float, float, float]  # red, green and blue from 0 to 1
# None, half, and all of it; each by the scheme.
LIGHT: tuple[Colour, ...] = ((0.878, 0.384, 0.310), (0.976, 0.906, 0.714), (0.404, 0.749, 0.635))
DARK: tuple[Colour, ...] = ((0.478, 0.157, 0.118), (0.361, 0.310, 0.145), (0.094, 0.396, 0.322))
INKS: tuple[Colour, ...] = ((0.08, 0.08, 0.09), (1.0, 1.0, 1.0))
STEPS = 100


def stylesheet() -> str:
    """Return the rules of every step, in both colour schemes."""
    light, dark = _rules(LIGHT), _rules(DARK)
    return (
        "/* The colour of a share, from s0 (none) to s100 (all): written by scale.py. */\n"
        f"{light}@media (prefers-color-scheme: dark) {{\n{dark}}}\n"
    )


def step(passed: int, of: int) -> int:
    """Return the step of a share, -1 where there is nothing to share: 100 is all, 0 is none."""
    if not of:
        return -1
    if passed in (0, of):
        return STEPS * (passed == of)
    return min(STEPS - 1, max(1, round(passed * STEPS / of)))


def colour(stops: Sequence[Colour], step: int) -> Colour:
    """Return the colour of a step between evenly spaced colours."""
    place = step / STEPS * (len(stops) - 1)
    low = min(int(place), len(stops) - 2)
    one, other = _to_oklab(stops[low]), _to_oklab(stops[low + 1])
    mixed = tuple(a + (b - a) * (place - low) for a, b in zip(one, other, strict=True))
    return _from_oklab((mixed[0], mixed[1], mixed[2]))


def ink(ground: Colour) -> Colour:
    """Return the ink that contrasts more with a ground."""
    return max(INKS, key=lambda one: contrast(one, ground))


def contrast(one: Colour, other: Colour) -> float:
    """Return the contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    high, low = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _rules(stops: Sequence[Colour]) -> str:
    rules = []
    for number in range(STEPS + 1):
        ground = colour(stops, number)
        rules.append(f".s{number}{{--cell:{_hex(ground)};--ink:{_hex(ink(ground))}}}\n")
    return "".join(rules)


def _hex(colour: Colour) -> str:
    return "#" + "".join(f"{round(min(1.0, max(0.0, part)) * 255):02x}" for part in colour)


def _luminance(colour: Colour) -> float:
    red, green, blue = map(_linear, colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _linear(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part / 12.92 if part <= 0.04045 else float(((part + 0.055) / 1.055) ** 2.4)


def _encoded(part: float) -> float:
    part = min(1.0, max(0.0, part))
    return part * 12.92 if part <= 0.0031308 else float(1.055 * part ** (1 / 2.4) - 0.055)


def _to_oklab(colour: Colour) -> Colour:
    red, green, blue = map(_linear, colour)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lab: Colour) -> Colour:
    light, green_red, blue_yellow = lab
    long = (light + 0.3963377774 * green_red + 0.2158037573 * blue_yellow) ** 3
    medium = (light - 0.1055613458 * green_red - 0.0638541728 * blue_yellow) ** 3
    short = (light - 0.0894841775 * green_red - 1.2914855480 * blue_yellow) ** 3
    return (
        _encoded(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _encoded(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _encoded(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )
