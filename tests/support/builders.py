"""Small valid values that tests vary."""

from collections.abc import Mapping

import numpy as np
import shapely

from yingji_map.domain.features import FeatureTable
from yingji_map.domain.layer import LayerDefinition


def a_definition(**changes: object) -> LayerDefinition:
    """Return a small point layer `well`."""
    document: dict[str, object] = {
        "id": "well",
        "kind": "exposure",
        "title": {"zh": "水井", "en": "Well"},
        "description": {"zh": "取水点", "en": "Wells"},
        "geometry": "point",
        "key": "code",
        "fields": [
            {"name": "code", "type": "text", "title": {"zh": "编号", "en": "Code"}},
            {"name": "name", "type": "text", "title": {"zh": "名称", "en": "Name"}},
            {"name": "depth_m", "type": "number", "title": {"zh": "井深", "en": "Depth"}},
        ],
        "source": {"title": "普查", "publisher": "水利局"},
        "licence": "internal",
    }
    return LayerDefinition.model_validate({**document, **changes})


def a_well_table(depths: Mapping[str, float | None]) -> FeatureTable:
    """Return wells by code, each at a place that follows from its code."""
    codes = sorted(depths)
    return FeatureTable(
        layer_id="well",
        keys=tuple(codes),
        row_ids=np.zeros(len(codes), dtype=np.int64),
        geometry=np.array(
            [shapely.Point(106 + len(code) / 10, 32 + ord(code[0]) / 1000) for code in codes],
            dtype=object,
        ),
        columns={
            "code": np.array(codes, dtype=object),
            "name": np.array([f"井{code}" for code in codes], dtype=object),
            "depth_m": np.array([depths[code] for code in codes], dtype=object),
        },
    )


def a_raster_definition(**options: object) -> LayerDefinition:
    """Return a raster layer `height` whose values lie from -200 to 9000 m."""
    raster = {"unit": "m", "valid_range": (-200, 9000), "statistic": "mean", **options}
    return LayerDefinition.model_validate(
        {
            "id": "height",
            "kind": "raster",
            "title": {"zh": "高程", "en": "Height"},
            "description": {"zh": "高程", "en": "Height"},
            "source": {"title": "测绘", "publisher": "测绘局"},
            "licence": "internal",
            "raster": raster,
        }
    )
