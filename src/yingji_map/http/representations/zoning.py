"""Body of `/v1/risk/zoning`: GeoJSON (RFC 7946)."""

from typing import Any

from shapely.geometry import mapping

from yingji_map.domain.zoning import Zoning

GEOJSON = "application/geo+json"


def zoning_collection(zoning: Zoning) -> dict[str, Any]:
    """Represent a zoning; coordinates keep every digit, so that borders stay the same."""
    return {
        "type": "FeatureCollection",
        "name": f"zoning-{zoning.hazard}",
        "run": zoning.run.run_id,
        "hazard": zoning.hazard,
        "sieve_km2": zoning.sieve_km2,
        "features": [
            {
                "type": "Feature",
                "id": number,
                "geometry": mapping(patch.shape),
                "properties": {
                    "kind": patch.kind,
                    "area_km2": round(patch.area_km2, 6),
                    "cells": patch.cells,
                    "population_persons": patch.population_persons,
                    "townships": list(patch.townships),
                },
            }
            for number, patch in enumerate(zoning.patches, start=1)
        ],
    }
