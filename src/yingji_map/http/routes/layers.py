"""`/v1/layers`: the catalogue for map front ends."""

from typing import Annotated

from fastapi import APIRouter, Query

from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.layers import (
    LayerList,
    LayerVersionList,
    layer_summary,
    layer_version_list,
)

router = APIRouter(tags=["layers"])


@router.get("/v1/layers")
def get_layers(application: ApplicationDep) -> LayerList:
    """List every layer with its style, fields, count and extent."""
    return LayerList(
        layers=[layer_summary(listing) for listing in application.list_layers.run()],
        palette=application.render_styles.palette,
    )


@router.get("/v1/layers/{layer}/versions")
def get_versions(
    application: ApplicationDep,
    layer: str,
    limit: Annotated[int, Query(ge=1, le=1000)] = 100,
    before: Annotated[int | None, Query(ge=1, le=2**63 - 1, description="older than")] = None,
) -> LayerVersionList:
    """List what a layer was, version by version, newest first."""
    found = application.list_versions.run(layer, limit=limit, before=before)
    return layer_version_list(layer, found, limit)
