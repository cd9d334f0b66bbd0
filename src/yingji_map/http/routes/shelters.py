"""`/v1/shelters/evaluation`: how shelters do in five dimensions, and who has no place."""

from typing import Annotated

from fastapi import APIRouter, Query, Request, Response

from yingji_map.domain.closure import IN_FORCE, choice_of
from yingji_map.domain.evacuation import DEFAULT_MINUTES
from yingji_map.domain.network import ProfileId
from yingji_map.http.caching import REVALIDATE, answer, etag_of
from yingji_map.http.dependencies import ApplicationDep
from yingji_map.http.representations.evacuation_request import avoided_text
from yingji_map.http.representations.shelters import EvaluationBody, evaluation
from yingji_map.http.representations.trips import CLOSURES_HELP
from yingji_map.services.evaluate_shelters import EvaluationQuery

router = APIRouter(tags=["reach"])


@router.get("/v1/shelters/evaluation", response_model=EvaluationBody)
def get_evaluation(  # noqa: PLR0913, PLR0917 - one parameter of the URL each
    application: ApplicationDep,
    request: Request,
    profile: ProfileId = ProfileId.FOOT,
    minutes: Annotated[int, Query(description="多少分钟内要到，1–1440")] = DEFAULT_MINUTES,
    avoid: Annotated[str | None, Query(description="如 flood 或 flood:red")] = None,
    closures: Annotated[str, Query(description=CLOSURES_HELP)] = IN_FORCE,
) -> Response:
    """Judge every shelter by the standard's tables and by the people around it."""
    query = EvaluationQuery(
        profile=profile,
        minutes=minutes,
        avoid=avoided_text(avoid),
        closures=choice_of(closures),
    )
    found = application.planning.evaluate_shelters.run(query)
    body = evaluation(found).model_dump_json().encode()
    headers = {"Cache-Control": REVALIDATE}
    return answer(request, body, "application/json", etag=etag_of(body), headers=headers)
