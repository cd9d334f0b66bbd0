"""Villages and communities: where they lie, how many people live there, in what houses."""

from dataclasses import dataclass

import numpy as np

from .divisions import Townships
from .grid import Grid, random_stream
from .names import unused_names

POPULATION = 330_000
VILLAGES = 372
TOWN_COMMUNITIES = 16
_TOWN = ("凤凰", "新华", "陈家岭", "红星", "兴旺", "印山", "石桥", "文昌", "南阳", "滨河")
_TOWN += ("东门", "西河湾", "马家渡", "梅家沟", "北街", "桥南")
_SPACING_M = 1_000


@dataclass(frozen=True)
class Settlements:
    """One row per village or community; `cell` is its row and column on the walking grid."""

    cell: np.ndarray
    lon: np.ndarray
    lat: np.ndarray
    name: list[str]
    code: list[str]
    township: np.ndarray
    is_community: np.ndarray
    persons: np.ndarray
    households: np.ndarray
    dependent_ratio: np.ndarray
    structure: np.ndarray


def settle(
    grid: Grid, habitability: np.ndarray, inside: np.ndarray, townships: Townships, seed: int
) -> Settlements:
    """Choose the places, then people, households and houses."""
    rng = random_stream(seed, "settlements")
    suitable = np.where(inside, habitability, 0)
    town = _town_cells(grid, suitable, townships.seat[0])
    seats = townships.seat[1:]
    villages = _village_cells(grid, suitable, np.vstack([town, seats]), rng)
    cell = np.vstack([town, seats, villages])
    is_community = np.arange(len(cell)) < len(town) + len(seats)
    shift = rng.uniform(-0.3, 0.3, (len(cell), 2))
    lon = np.round(grid.lon(cell[:, 1] + shift[:, 1]), 6)
    lat = np.round(grid.lat(cell[:, 0] + shift[:, 0]), 6)
    township = townships.of(lon, lat)
    kept = township >= 0
    cell, lon, lat, township, is_community = (
        a[kept] for a in (cell, lon, lat, township, is_community)
    )
    persons = _people(suitable[cell[:, 0], cell[:, 1]], is_community, township, rng)
    name = _names(township, is_community, townships, rng)
    return Settlements(
        cell=cell,
        lon=lon,
        lat=lat,
        name=name,
        code=_codes(township, is_community, townships),
        township=township,
        is_community=is_community,
        persons=persons,
        households=np.maximum((persons / rng.uniform(2.5, 3.3, len(persons))).astype(int), 1),
        dependent_ratio=np.round(
            np.where(
                is_community,
                rng.normal(0.34, 0.03, len(persons)),
                rng.normal(0.45, 0.05, len(persons)),
            ).clip(0.22, 0.62),
            3,
        ),
        structure=_houses(grid, cell, is_community, rng),
    )


def _town_cells(grid: Grid, suitable: np.ndarray, seat: np.ndarray) -> np.ndarray:
    """Spread the communities of the county town over the flat ground round its seat."""
    rows, columns = np.mgrid[: suitable.shape[0], : suitable.shape[1]]
    away = np.hypot((rows - seat[0]) * grid.dy_m, (columns - seat[1]) * grid.dx_m)
    score = np.where(away < 2_600, suitable * np.exp(-((away / 1_900) ** 2)), 0)
    chosen = [tuple(seat)]
    score[away < 380] = 0
    while len(chosen) < TOWN_COMMUNITIES:
        row, column = np.unravel_index(int(score.argmax()), score.shape)
        chosen.append((row, column))
        score[np.hypot((rows - row) * grid.dy_m, (columns - column) * grid.dx_m) < 380] = 0
    return np.array(chosen)


def _village_cells(
    grid: Grid, suitable: np.ndarray, taken: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Draw cells by suitability, none nearer than about a kilometre to another place."""
    weight = (suitable**0.6).ravel()
    count = 60_000
    drawn = np.argsort(-np.log(rng.random(weight.size)) / np.maximum(weight, 1e-12), kind="stable")
    places = [(float(r * grid.dy_m), float(c * grid.dx_m)) for r, c in taken]
    chosen = []
    for index in drawn[:count]:
        row, column = divmod(int(index), suitable.shape[1])
        y, x = row * grid.dy_m, column * grid.dx_m
        others = np.array(places)
        if np.hypot(others[:, 0] - y, others[:, 1] - x).min() > _SPACING_M:
            places.append((y, x))
            chosen.append((row, column))
            if len(chosen) == VILLAGES:
                break
    return np.array(chosen)


def _people(
    suitable: np.ndarray, is_community: np.ndarray, township: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Share out the county's people; the largest remainders round the shares to whole persons."""
    size = np.exp(rng.normal(6.15, 0.42, len(suitable))) * (0.75 + 0.9 * suitable)
    size[is_community] = rng.uniform(1_700, 4_200, int(is_community.sum()))
    size[:TOWN_COMMUNITIES] = rng.uniform(3_800, 8_500, TOWN_COMMUNITIES)
    size[is_community & (township == 1)] *= 3.4
    share = size / size.sum() * POPULATION
    persons = np.floor(share).astype(int)
    missing = POPULATION - persons.sum()
    persons[np.argsort(persons - share, kind="stable")[:missing]] += 1
    return persons


def _names(
    township: np.ndarray, is_community: np.ndarray, townships: Townships, rng: np.random.Generator
) -> list[str]:
    fresh = unused_names(rng)
    names = []
    for number, (place, community) in enumerate(zip(township, is_community, strict=True)):
        if number < TOWN_COMMUNITIES:
            names.append(_TOWN[number] + "社区")
        elif community:
            names.append(townships.name[place][:-1] + "社区")
        else:
            names.append(next(fresh) + "村")
    return names


def _codes(township: np.ndarray, is_community: np.ndarray, townships: Townships) -> list[str]:
    """Twelve digits: township, then 001… for communities and 200… for villages."""
    used: dict[tuple[int, bool], int] = {}
    codes = []
    for place, community in zip(township.tolist(), is_community.tolist(), strict=True):
        used[place, community] = used.get((place, community), 0) + 1
        first = 0 if community else 199
        codes.append(f"{townships.code[place]}{first + used[place, community]:03d}")
    return codes


def _houses(
    grid: Grid, cell: np.ndarray, is_community: np.ndarray, rng: np.random.Generator
) -> np.ndarray:
    """Shares of the five structures, three decimals, each row adding up to 1."""
    north = (grid.lat(cell[:, 0]) - 32.2).clip(0, 0.45) / 0.45
    mix = np.where(
        is_community[:, None], (0.42, 0.44, 0.08, 0.03, 0.03), (0.10, 0.50, 0.18, 0.13, 0.09)
    )
    mix = mix * np.exp(np.outer(north, (-0.4, -0.3, 0.1, 0.4, 1.0)))
    mix = mix * rng.gamma(9.0, 1 / 9.0, mix.shape)
    thousandths = np.floor(mix / mix.sum(axis=1, keepdims=True) * 1000).astype(int)
    thousandths[:, 1] += 1000 - thousandths.sum(axis=1)
    return thousandths
