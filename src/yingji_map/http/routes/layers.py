"""`/v1/layers`: the catalogue for map front ends."""

from fastapi import APIRouter

from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.layers import LayerList, layer_summary

router = APIRouter(tags=["layers"])


@router.get("/v1/layers")
def get_layers(application: ApplicationDep) -> LayerList:
    """List every layer with its style, fields, count and extent."""
    return LayerList(layers=[layer_summary(listing) for listing in application.list_layers.run()])
