"""Bodies of downloads."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class AreaRequest(BaseModel):
    """The area that features must touch (Polygon or MultiPolygon)."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    geometry: Annotated[dict[str, object], Field(description="GeoJSON 几何，经度在前，单位度")]
