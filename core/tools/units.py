"""Unit conversion with pint, which takes a moment to load and is loaded at the first question."""

import math
import re
from functools import cache
from typing import Any

from core.errors import InvalidError

UNIT = re.compile(
    r"[A-Za-zµμ°Ωåé%_]{1,30}(?:(?:\^|\*\*)-?[1-9])?(?: ?[*/·] ?[A-Za-zµμ°Ωåé%_]{1,30}(?:(?:\^|\*\*)-?[1-9])?){0,4}"
)


def convert_units(value: float, from_unit: str, to_unit: str) -> str:
    """Convert a quantity from one unit to another: lengths, masses, temperatures, speeds, energies, data sizes, …

    value: the number to convert
    from_unit: as mile, kg, degF, km/hour, kWh, GiB
    to_unit: as km, lb, degC, m/s, MJ, GB
    """
    for unit in (from_unit, to_unit):
        if len(unit) > 80 or not UNIT.fullmatch(unit.strip()):
            raise InvalidError("This is not a unit; write for example km, lb, degF, m/s or m^2.")
    if not math.isfinite(value):
        raise InvalidError("The value to convert must be a number.")
    try:
        found = _registry().Quantity(value, from_unit.strip()).to(to_unit.strip())
        result = float(found.magnitude)
    except Exception as error:  # noqa: BLE001  pint has no one root for what a strange unit makes it raise
        kind = type(error).__name__
        if kind == "DimensionalityError":
            raise InvalidError(f"{from_unit} and {to_unit} do not measure the same thing.") from None
        raise InvalidError(f"{from_unit} or {to_unit} is not a known unit.") from None
    return f"{result:.10g} {to_unit.strip()}"


@cache
def _registry() -> Any:
    from pint import UnitRegistry  # takes a third of a second

    return UnitRegistry(autoconvert_offset_to_baseunit=True)
