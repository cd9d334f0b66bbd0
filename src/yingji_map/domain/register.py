"""A risk register (风险清单): every dangerous patch of a run, hazard by hazard."""

from dataclasses import dataclass

from yingji_map.domain.run import RunRecord


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisterEntry:
    """One patch: connected cells of one hazard and one colour.

    Attributes
    ----------
    number
        From 1 on, the most dangerous first.
    worst_cell, lon, lat
        H3 cell with the highest score and its centre in degrees.
    score_ratio
        Highest score.
    causes
        Titles of the factors that contribute most, the largest first.
    """

    number: int
    hazard: str
    hazard_zh: str
    level: str
    townships: tuple[str, ...]
    worst_cell: str
    lon: float
    lat: float
    cells: int
    area_km2: float
    population_persons: int
    score_ratio: float
    causes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Register:
    """All entries of a run down to a level."""

    run: RunRecord
    entries: tuple[RegisterEntry, ...]
