"""`/healthz` and `/readyz`: is the process alive, can it answer."""

from fastapi import APIRouter, Response
from pydantic import BaseModel

from yingji_map.http.dependencies import ApplicationDep

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """Which parts answer."""

    status: str
    parts: dict[str, bool]


@router.get("/healthz")
def get_health() -> Health:
    """Answer as soon as the process serves."""
    return Health(status="ok", parts={})


@router.get("/readyz", responses={503: {"model": Health}})
def get_readiness(application: ApplicationDep, response: Response) -> Health:
    """Answer 200 when the store, the road graph and the latest run are served, else 503."""
    found = application.check_readiness.run()
    response.status_code = 200 if found.is_ready else 503
    return Health(status="ready" if found.is_ready else "not ready", parts=found.parts)
