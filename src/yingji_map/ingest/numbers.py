"""Numbers as people write them: full-width digits, spaces, thousands commas."""

import re
import unicodedata

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_GROUPED = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?")


def parse_number(text: str) -> float | None:
    """Return the number a text says, None when it says anything else (also for nan and inf)."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    return float(plain) if plain.isascii() and _NUMBER.fullmatch(plain) else None


def parse_integer(text: str) -> int | None:
    """Return the whole number a text says (`12`, `12.0`), None when it says anything else."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if _GROUPED.fullmatch(plain):
        plain = plain.replace(",", "")
    if plain.isascii() and re.fullmatch(r"[+-]?\d+(\.0*)?", plain):
        return int(plain.split(".")[0])
    return None
