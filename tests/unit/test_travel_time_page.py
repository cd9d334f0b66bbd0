"""The page on travel time names the figures that the program really uses."""

from pathlib import Path

import pytest

from yingji_map.domain.network import (
    OFF_PATH_KM_H,
    OFF_PATH_SHARE,
    PROFILES,
    SNAP_LIMIT_M,
    WALKING_KM_H,
    ProfileId,
)

PAGE = (Path(__file__).parents[2] / "docs/explanation/travel-time.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("profile", list(ProfileId))
def test_every_profile_has_its_row_with_its_figures(profile: ProfileId) -> None:
    row = next(line for line in PAGE.splitlines() if f"`{profile.value}`" in line)
    known = PROFILES[profile]

    assert row.startswith(f"| {known.title.zh} ")
    assert ("遵守" in row) is known.obeys_oneway
    if known.top_speed_km_h:
        assert f"{known.top_speed_km_h.value:g} km/h" in row
    if known.speed_share.value < 1:
        assert f"的 {known.speed_share.value:g}" in row
    assert (f"{known.least_width_m.value:g} m" if known.least_width_m else "不限 |") in row


def test_the_walk_and_the_limit_are_stated() -> None:
    walk = f"{WALKING_KM_H.value:g} km/h × {OFF_PATH_SHARE.value:g} = {OFF_PATH_KM_H:g} km/h"

    assert walk in PAGE
    assert f"{SNAP_LIMIT_M / 1000:g} 千米" in PAGE
