"""Units that grids come in, and how their numbers become those of a layer."""

import re
from dataclasses import dataclass

_MILLIMETRES, _RATIO, _DEGREES, _SECONDS = "mm", "1", "°", "s"
# What each spelling is: a quantity, and how many of its units one of these makes.
_SPELLINGS: dict[str, tuple[str, float]] = {
    "mm": (_MILLIMETRES, 1),
    "millimeter": (_MILLIMETRES, 1),
    "millimeters": (_MILLIMETRES, 1),
    "毫米": (_MILLIMETRES, 1),
    "cm": (_MILLIMETRES, 10),
    "m": (_MILLIMETRES, 1000),
    "meter": (_MILLIMETRES, 1000),
    "meters": (_MILLIMETRES, 1000),
    "metre": (_MILLIMETRES, 1000),
    "metres": (_MILLIMETRES, 1000),
    "米": (_MILLIMETRES, 1000),
    "km": (_MILLIMETRES, 1_000_000),
    "ft": (_MILLIMETRES, 304.8),
    # Source: WMO; one kilogram of water on a square metre stands one millimetre high.
    "kg m-2": (_MILLIMETRES, 1),
    "kg m**-2": (_MILLIMETRES, 1),
    "kg m^-2": (_MILLIMETRES, 1),
    "kg/m2": (_MILLIMETRES, 1),
    "kg/m^2": (_MILLIMETRES, 1),
    "1": (_RATIO, 1),
    "%": (_RATIO, 0.01),
    "percent": (_RATIO, 0.01),
    "°": (_DEGREES, 1),
    "degree": (_DEGREES, 1),
    "degrees": (_DEGREES, 1),
    "rad": (_DEGREES, 57.29577951308232),
    "s": (_SECONDS, 1),
    "h": (_SECONDS, 3600),
    "hours": (_SECONDS, 3600),
    "d": (_SECONDS, 86400),
    "day": (_SECONDS, 86400),
    "days": (_SECONDS, 86400),
}
_CELSIUS = {"°c", "degc", "deg c", "c", "celsius", "degree_celsius", "degrees_celsius", "摄氏度"}
_KELVIN = {"k", "kelvin", "degk"}
_ZERO_CELSIUS_K = 273.15
_MULTIPLE = re.compile(r"(\d+(?:\.\d+)?(?:e[+-]?\d+)?)\s*[*×·]?\s*(.+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitChange:
    """Numbers of a file times `factor`, plus `offset`, are numbers of the layer."""

    factor: float = 1.0
    offset: float = 0.0

    @property
    def is_none(self) -> bool:
        """True when the numbers stay as they are."""
        return self.factor == 1.0 and self.offset == 0.0


def find_unit_change(stated: str, wanted: str) -> UnitChange | None:
    """Return how numbers in `stated` become numbers in `wanted`, None where nobody knows.

    A number before a unit is a step of it: `0.1 mm` are tenths of a millimetre.
    """
    have, want = stated.strip().lower(), wanted.strip().lower()
    if have == want:
        return UnitChange()
    if have in _CELSIUS | _KELVIN:
        return _between_temperatures(have, want)
    left, right = _SPELLINGS.get(have), _SPELLINGS.get(want)
    if left and right and left[0] == right[0]:
        return UnitChange(factor=left[1] / right[1])
    stepped = _MULTIPLE.fullmatch(have)
    if stepped is None:
        return None
    inner = find_unit_change(stepped[2], wanted)
    if inner is None:
        return None
    return UnitChange(factor=float(stepped[1]) * inner.factor, offset=inner.offset)


def _between_temperatures(have: str, want: str) -> UnitChange | None:
    if want not in _CELSIUS | _KELVIN:
        return None
    if (have in _KELVIN) == (want in _KELVIN):
        return UnitChange()
    return UnitChange(offset=-_ZERO_CELSIUS_K if have in _KELVIN else _ZERO_CELSIUS_K)
