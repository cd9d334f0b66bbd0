"""Clusters of houses round each village, in the mix of structures that the village states."""

from dataclasses import dataclass

import numpy as np
import shapely

from .grid import METRES_PER_DEGREE, random_stream
from .world import World, clean

_STRUCTURES = ("钢混", "砖混", "砖木", "土木", "穿斗木")
_STOREYS = ((4, 7), (2, 4), (1, 2), (1, 2), (1, 2))
_TOWN_STOREYS = ((6, 18), (3, 6), (1, 2), (1, 2), (1, 2))
_HOUSEHOLDS_PER_BLOCK = 42
_FOOTPRINT_M2 = {False: 92.0, True: 34.0}
_TRIES = 60
_BUILT = ((2005, 2024), (1988, 2018), (1970, 2002), (1955, 1992), (1935, 1985))


@dataclass(frozen=True)
class Houses:
    """One row per block; people of a settlement's blocks add up to the settlement's."""

    area: list[shapely.Polygon]
    lon: np.ndarray
    lat: np.ndarray
    settlement: np.ndarray
    structure: np.ndarray
    storeys: np.ndarray
    footprint_m2: np.ndarray
    built_in: np.ndarray
    persons: np.ndarray


def build_houses(world: World) -> Houses:
    """Place blocks on gentle ground near their village, none over another."""
    rng = random_stream(world.seed, "houses")
    home = world.places.settlements
    rows: list[tuple] = []
    taken: list[tuple[float, float, float]] = []
    for number in range(len(home.code)):
        is_town = bool(home.is_community[number])
        count = int(np.clip(round(home.households[number] / _HOUSEHOLDS_PER_BLOCK), 3, 60))
        kinds = np.repeat(np.arange(5), _apportion(home.structure[number], count))
        people = _apportion(np.ones(count), int(home.persons[number]))
        each = home.households[number] / count * _FOOTPRINT_M2[is_town]
        for kind, persons in zip(rng.permutation(kinds), people, strict=True):
            footprint = each * rng.uniform(0.7, 1.3)
            spot = _spot(world, number, np.sqrt(footprint), taken, rng)
            if spot is None:
                spot, footprint = (home.lon[number], home.lat[number]), min(footprint, 400.0)
            taken.append((*spot, np.sqrt(footprint)))
            storeys = rng.integers(*(_TOWN_STOREYS if is_town else _STOREYS)[kind], endpoint=True)
            built = rng.integers(*_BUILT[kind], endpoint=True)
            shape = _rectangle(world, spot, footprint, rng)
            rows.append((shape, *spot, number, kind, storeys, footprint, built, persons))
    area, lon, lat, number, kind, storeys, footprint, built, persons = zip(*rows, strict=True)
    return Houses(
        list(area),
        *(np.array(v) for v in (lon, lat, number, kind, storeys)),
        np.round(np.array(footprint), 1),
        np.array(built),
        np.array(persons),
    )


def _apportion(share: np.ndarray, whole: int) -> np.ndarray:
    """Split a whole number by shares, largest remainders first."""
    exact = share / share.sum() * whole
    parts = np.floor(exact).astype(int)
    parts[np.argsort(parts - exact, kind="stable")[: whole - parts.sum()]] += 1
    return parts


def _spot(
    world: World, number: int, edge_m: float, taken: list, rng: np.random.Generator
) -> tuple[float, float] | None:
    """Draw places ever farther out; take the first that is flat, free and in the same township."""
    home, grid = world.places.settlements, world.terrain.grid.coarser(2)
    attempt = np.arange(_TRIES)
    reach = (60 + 14 * attempt) * np.sqrt(rng.random(_TRIES))
    angle = rng.uniform(0, 2 * np.pi, _TRIES)
    lon = np.round(home.lon[number] + reach * np.cos(angle) / world.lon_scale, 6)
    lat = np.round(home.lat[number] + reach * np.sin(angle) / METRES_PER_DEGREE, 6)
    fits = world.slope[grid.locate(lon, lat)] < 8 + 0.5 * attempt
    if taken:
        others = np.array(taken[-400:])
        apart = np.hypot(
            (others[:, 0] - lon[:, None]) * world.lon_scale,
            (others[:, 1] - lat[:, None]) * METRES_PER_DEGREE,
        )
        fits &= ~(apart < 0.85 * (others[:, 2] + edge_m)).any(axis=1)
    found = np.flatnonzero(fits)
    township = world.places.townships.of(lon[found], lat[found])
    found = found[township == home.township[number]]
    return (float(lon[found[0]]), float(lat[found[0]])) if len(found) else None


def _rectangle(
    world: World, spot: tuple[float, float], footprint_m2: float, rng: np.random.Generator
) -> shapely.Polygon:
    """Turn a rectangle of the footprint's area by some angle."""
    stretch, angle = rng.uniform(1, 1.6), rng.uniform(0, np.pi)
    a, b = np.sqrt(footprint_m2 * stretch) / 2, np.sqrt(footprint_m2 / stretch) / 2
    corners = np.array([(-a, -b), (a, -b), (a, b), (-a, b)])
    turn = np.array([(np.cos(angle), np.sin(angle)), (-np.sin(angle), np.cos(angle))])
    metres = corners @ turn
    degrees = metres / (world.lon_scale, METRES_PER_DEGREE) + spot
    return clean(shapely.intersection(shapely.Polygon(degrees), world.outline))


def building_blocks(world: World, houses: Houses) -> list[tuple[shapely.Geometry, dict]]:
    """Rows of the layer."""
    home = world.places.settlements
    rng = random_stream(world.seed, "house use")
    uses = np.array(["住宅", "公共", "商业", "工业"])
    rows = []
    for i, area in enumerate(houses.area):
        number = houses.settlement[i]
        mix = (0.80, 0.08, 0.10, 0.02) if home.is_community[number] else (0.95, 0.03, 0.01, 0.01)
        footprint = float(houses.footprint_m2[i])
        rows.append(
            (
                area,
                {
                    "code": f"510821FW{i + 1:05d}",
                    "structure": _STRUCTURES[houses.structure[i]],
                    "storeys": int(houses.storeys[i]),
                    "footprint_m2": footprint,
                    "floor_area_m2": round(footprint * int(houses.storeys[i]), 1),
                    "usage": str(rng.choice(uses, p=mix)),
                    "built_in": int(houses.built_in[i]),
                    "settlement_code": home.code[number],
                    "township_code": world.places.townships.code[home.township[number]],
                },
            )
        )
    return rows
