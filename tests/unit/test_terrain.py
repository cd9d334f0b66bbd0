"""Terrain tiles tell the heights, also beside voids and beyond the data."""

import warnings

import numpy as np
import numpy.typing as npt
import pytest
from rasterio.errors import NotGeoreferencedWarning
from rasterio.io import MemoryFile

from yingji_map.domain.raster import Raster
from yingji_map.domain.tile import TileAddress, tile_holding
from yingji_map.engine.terrain import SIDE, build_terrain, heights_on_tile, terrarium
from yingji_map.publish.png import png_bytes

STEP = 2 / 3600


def _raster(values: npt.NDArray[np.float64], step: float = STEP) -> Raster:
    return Raster(
        values=values.astype(np.float32),
        west=106.0,
        north=32.5,
        step_lon=step,
        step_lat=step,
        sha256="ab",
    )


def _slope(size: int = 600) -> npt.NDArray[np.float64]:
    """Return heights that rise 1000 m a degree to the east and 2000 m a degree to the north."""
    lon = (np.arange(size) + 0.5) * STEP
    lat = -(np.arange(size) + 0.5) * STEP
    return 1000 + 1000 * lon[None, :] + 2000 * lat[:, None]


def _read(colours: npt.NDArray[np.uint8]) -> npt.NDArray[np.float64]:
    red, green, blue = np.moveaxis(colours.astype(np.float64), -1, 0)
    return red * 256 + green + blue / 256 - 32768


@pytest.mark.parametrize("zoom", [11, 12, 13])
def test_heights_are_those_of_the_ground(zoom: int) -> None:
    tile = tile_holding(106.16, 32.34, zoom)
    count = 1 << zoom
    centre = (np.arange(SIDE) + 0.5) / SIDE
    lon = (tile.x + centre) / count * 360 - 180
    lat = np.degrees(np.arctan(np.sinh(np.pi * (1 - 2 * (tile.y + centre) / count))))

    heights = heights_on_tile(build_terrain(_raster(_slope())), tile)

    expected = 1000 + 1000 * (lon - 106)[None, :] + 2000 * (lat - 32.5)[:, None]
    inner = ((lat > 32.18) & (lat < 32.49))[:, None] & ((lon > 106.01) & (lon < 106.32))[None, :]
    assert inner.sum() > SIDE
    assert np.abs(heights - expected)[inner].max() < 0.01


def test_colours_carry_heights_to_a_sixteenth_of_a_metre() -> None:
    heights = np.array([[-154.31, 0.0, 8848.86, 2417.5]])

    assert np.abs(_read(terrarium(heights)) - heights).max() <= 1 / 32


def test_neighbouring_tiles_go_on_without_a_step() -> None:
    west = tile_holding(106.16, 32.34, 12)
    east = TileAddress(12, west.x + 1, west.y)
    terrain = build_terrain(_raster(_slope()))

    left, right = heights_on_tile(terrain, west), heights_on_tile(terrain, east)

    across = right[:, 0] - left[:, -1]
    assert across == pytest.approx(left[:, -1] - left[:, -2], abs=0.01)


def test_a_void_is_filled_from_beside_it_and_shows_no_cliff() -> None:
    values = _slope()
    values[200:220, 200:220] = np.nan

    heights = heights_on_tile(build_terrain(_raster(values)), tile_holding(106.116, 32.383, 12))

    assert np.isfinite(heights).all()
    assert np.abs(np.diff(heights, axis=0)).max() < 25
    assert np.abs(np.diff(heights, axis=1)).max() < 25


def test_beyond_the_data_there_is_neither_a_cliff_nor_furrows() -> None:
    rng = np.random.default_rng(7)
    rough = 1200 + 40 * rng.standard_normal((600, 600)).cumsum(axis=0) / np.arange(1, 601)[:, None]
    terrain = build_terrain(_raster(rough))

    at_border = heights_on_tile(terrain, tile_holding(105.99, 32.3, 11))
    far_away = heights_on_tile(terrain, tile_holding(104.0, 32.3, 11))

    steepest_inside = np.abs(np.diff(rough, axis=1)).max()
    assert np.abs(np.diff(at_border, axis=1)).max() <= steepest_inside
    assert np.ptp(far_away) < 1


def test_a_raster_of_voids_is_flat_ground() -> None:
    terrain = build_terrain(_raster(np.full((10, 10), np.nan)))

    assert (heights_on_tile(terrain, tile_holding(106, 32.5, 10)) == 0).all()


def test_far_zooms_average_instead_of_picking() -> None:
    spikes = np.zeros((512, 512))
    spikes[::2, ::2] = 400

    heights = heights_on_tile(build_terrain(_raster(spikes)), tile_holding(106.14, 32.36, 8))

    assert heights.max() <= 101
    assert heights.min() >= 99


@pytest.mark.parametrize(("step", "zoom"), [(STEP, 12), (1 / 3600, 13), (0.01, 8), (1e-6, 14)])
def test_the_last_zoom_is_as_fine_as_the_data(step: float, zoom: int) -> None:
    assert build_terrain(_raster(np.zeros((4, 4)), step)).max_zoom == zoom


def test_a_picture_is_read_back_by_another_library_as_it_was() -> None:
    picture = np.random.default_rng(3).integers(0, 256, (37, 53, 3)).astype(np.uint8)

    with warnings.catch_warnings(), MemoryFile(png_bytes(picture)) as file:
        warnings.simplefilter("ignore", NotGeoreferencedWarning)
        with file.open(driver="PNG") as opened:
            read = opened.read()

    np.testing.assert_array_equal(np.moveaxis(read, 0, -1), picture)
