"""Errors as RFC 9457 problem documents; the only place that knows status codes."""

import json
import logging
import math
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from yingji_map.domain.errors import (
    Conflict,
    Forbidden,
    InvalidInput,
    NotFound,
    PreconditionFailed,
    Unauthenticated,
    Unavailable,
    YingjiError,
)
from yingji_map.http.dependencies import language_of
from yingji_map.http.faults import faults_of

_FAMILIES: dict[type[YingjiError], HTTPStatus] = {
    InvalidInput: HTTPStatus.BAD_REQUEST,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    PreconditionFailed: HTTPStatus.PRECONDITION_FAILED,
    Unauthenticated: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    Unavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_TITLES_ZH = {
    404: "没有这个地址",
    405: "不支持这个方法",
    406: "给不出这种格式",
    413: "内容太大",
    415: "不接受这种格式",
}
_MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)


class _ProblemResponse(JSONResponse):
    """A problem that may quote what no encoding can carry: half a surrogate pair stays escaped."""

    media_type = _MEDIA_TYPE

    def render(self, content: object) -> bytes:
        """Return the document as UTF-8."""
        text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        return text.encode("utf-8", "backslashreplace")


def status_of(error: YingjiError) -> HTTPStatus:
    """Return the status of an error's family."""
    for family, status in _FAMILIES.items():
        if isinstance(error, family):
            return status
    return HTTPStatus.INTERNAL_SERVER_ERROR


def install_problem_handlers(app: FastAPI) -> None:
    """Answer every error of `app` as `application/problem+json`."""
    app.add_exception_handler(YingjiError, _refused)
    app.add_exception_handler(RequestValidationError, _invalid_request)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(Exception, _fault)


def _refused(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, YingjiError)  # noqa: S101 - registered for this class only
    language = language_of(request)
    title = error.title_zh if language == "zh" else error.title_en
    fields = {k: v for k, v in error.fields.items() if not k.endswith(("_zh", "_en"))}
    detail = error.text(language)
    response = _problem(
        request, status_of(error), code=error.code, title=title, detail=detail, **fields
    )
    if isinstance(error, Unauthenticated):
        response.headers["WWW-Authenticate"] = "Bearer"  # RFC 9110 §15.5.2
    return response


def _invalid_request(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)  # noqa: S101 - registered for this class only
    language = language_of(request)
    faults = faults_of(error.errors(), language)
    is_zh = language == "zh"
    colon, stop = ("：", "；") if is_zh else (": ", "; ")
    listed = stop.join(f"{fault['name']}{colon}{fault['reason']}" for fault in faults)
    return _problem(
        request,
        HTTPStatus.BAD_REQUEST,
        code="invalid-parameter",
        title="参数有误" if is_zh else "Invalid parameter",
        detail=f"请求参数不合规：{listed}" if is_zh else f"Invalid request: {listed}",
        faults=faults,
    )


def _http_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)  # noqa: S101 - registered for this class only
    status = HTTPStatus(error.status_code)
    is_zh = language_of(request) == "zh"
    title = _TITLES_ZH.get(status.value, status.phrase) if is_zh else status.phrase
    code = status.phrase.lower().replace(" ", "-")
    response = _problem(
        request, status, code=code, title=title, detail=f"{title}: {request.url.path}"
    )
    response.headers.update(error.headers or {})
    return response


def _fault(request: Request, error: Exception) -> JSONResponse:
    _log.error("request.failed path=%s", request.url.path, exc_info=error)
    is_zh = language_of(request) == "zh"
    return _problem(
        request,
        HTTPStatus.INTERNAL_SERVER_ERROR,
        code="internal-error",
        title="服务内部出错" if is_zh else "Internal error",
        detail="已记录，请把 request_id 告诉管理员"
        if is_zh
        else "It was logged; quote the request_id",
    )


def _problem(
    request: Request, status: HTTPStatus, *, code: str, title: str, detail: str, **fields: object
) -> JSONResponse:
    document = {
        **{key: value if _is_plain(value) else str(value) for key, value in fields.items()},
        "type": f"/problems/{code}",
        "title": title,
        "status": status.value,
        "detail": detail,
        "instance": request.url.path,
        "request_id": getattr(request.state, "request_id", None),
    }
    return _ProblemResponse(document, status_code=status.value)


def _is_plain(value: object) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)  # JSON has no NaN
    return value is None or isinstance(value, str | int | bool | list | dict)
