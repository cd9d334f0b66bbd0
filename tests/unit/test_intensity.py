"""Seismic intensity: the worked values of every zone, and laws between the axes."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from yingji_map.engine.intensity import (
    Attenuation,
    felt_intensity,
    intensity_at,
    peak_acceleration_gal,
)

# Coefficients of a public program that cites 高孟潭's textbook on GB 18306-2015, p. 172.
QINGZANG = (
    Attenuation(a=6.4580, b=1.2746, c=-4.4709, r0=25),
    Attenuation(a=3.3682, b=1.2746, c=-3.3119, r0=9),
)
EAST = (
    Attenuation(a=5.7123, b=1.3626, c=-4.2903, r0=25),
    Attenuation(a=3.6588, b=1.3626, c=-3.5406, r0=13),
)
MIDDLE = (
    Attenuation(a=5.8410, b=1.0710, c=-3.6570, r0=15),
    Attenuation(a=3.9440, b=1.0710, c=-2.8450, r0=7),
)
PLACE_KM = (24.0, 18.0)


def test_along_the_axes() -> None:
    found = [float(axis.at(6.5, np.array([30.0]))[0]) for axis in QINGZANG]
    reach = [axis.reach_km(6.5, 7.0) for axis in MIDDLE]

    assert found == pytest.approx([6.961912, 6.383653], abs=1e-6)
    assert reach == pytest.approx([23.6085, 16.5917], abs=1e-4)


@pytest.mark.parametrize(
    ("axes", "intensity"), [(QINGZANG, 6.672814), (MIDDLE, 6.613975), (EAST, 6.936488)]
)
def test_between_the_axes(axes: tuple[Attenuation, Attenuation], intensity: float) -> None:
    assert intensity_at(axes, 6.5, PLACE_KM) == pytest.approx(intensity, abs=1e-6)


@pytest.mark.parametrize("axes", [QINGZANG, MIDDLE, EAST])
def test_on_an_axis_the_ellipse_is_the_axis(axes: tuple[Attenuation, Attenuation]) -> None:
    along, across = intensity_at(axes, 6.5, (40.0, 0.0)), intensity_at(axes, 6.5, (0.0, 40.0))

    assert along == pytest.approx(float(axes[0].at(6.5, np.array([40.0]))[0]), abs=1e-9)
    assert across == pytest.approx(float(axes[1].at(6.5, np.array([40.0]))[0]), abs=1e-9)
    assert along > across


def test_at_the_epicentre_it_is_the_lesser_of_the_axes() -> None:
    there = [float(axis.at(6.5, np.zeros(1))[0]) for axis in MIDDLE]

    assert intensity_at(MIDDLE, 6.5, (0.0, 0.0)) == pytest.approx(min(there), abs=1e-9)
    assert there[0] == pytest.approx(there[1], abs=1e-3)


@given(x=st.floats(0, 200), y=st.floats(0, 200), further=st.floats(0, 50), more=st.floats(0, 1))
def test_further_away_it_is_never_stronger(x: float, y: float, further: float, more: float) -> None:
    here = intensity_at(MIDDLE, 6.0, (x, y))

    assert intensity_at(MIDDLE, 6.0, (x + further, y)) <= here + 1e-9
    assert intensity_at(MIDDLE, 6.0, (x, y + further)) <= here + 1e-9
    assert intensity_at(MIDDLE, 6.0 + more, (x, y)) >= here - 1e-9


def test_peak_acceleration() -> None:
    weaker = peak_acceleration_gal((2.417, 0.498, -2.079, 2.802, 0.295), 6.5, 30)
    stronger = peak_acceleration_gal((3.706, 0.298, -2.079, 2.802, 0.295), 7.0, 30)

    assert weaker == pytest.approx(137.687, abs=1e-3)
    assert stronger == pytest.approx(167.027, abs=1e-3)


def test_of_past_quakes_the_strongest_felt_counts() -> None:
    anchor = np.array([[0.0, 0.0], [100_000.0, 0.0]])
    quakes = np.array([[10_000.0, 0.0], [100_000.0, 5_000.0], [0.0, 0.0]])

    felt, row = felt_intensity(anchor, quakes, np.array([6.0, 5.0, np.nan]), MIDDLE[0])

    assert row.tolist() == [0, 1]
    assert felt == pytest.approx(
        [5.8410 + 1.0710 * 6 - 3.6570 * np.log10(25), 5.8410 + 1.0710 * 5 - 3.6570 * np.log10(20)]
    )


def test_without_a_quake_nothing_is_known() -> None:
    felt, row = felt_intensity(np.zeros((3, 2)), np.zeros((0, 2)), np.zeros(0), MIDDLE[0])

    assert np.isnan(felt).all()
    assert row.tolist() == [-1, -1, -1]
