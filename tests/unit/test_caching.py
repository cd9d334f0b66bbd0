"""Entity tags: equal for equal answers, recognised however the client quotes them."""

import pytest
from fastapi import Request

from yingji_map.http.caching import answer, etag_of


def _request(if_none_match: str) -> Request:
    return Request({"type": "http", "headers": [(b"if-none-match", if_none_match.encode())]})


def test_parts_do_not_run_into_each_other() -> None:
    assert etag_of("ab", "c") != etag_of("a", "bc")


@pytest.mark.parametrize("form", ["{}", "W/{}", '"other", {}', "*"])
def test_a_known_answer_is_not_sent_again(form: str) -> None:
    etag = etag_of("layer", 7)

    response = answer(
        _request(form.format(etag)), b"body", "text/plain", etag=etag, headers={"Vary": "Accept"}
    )

    assert (response.status_code, response.body) == (304, b"")
    assert (response.headers["etag"], response.headers["vary"]) == (etag, "Accept")


def test_an_outdated_tag_gets_the_new_answer() -> None:
    response = answer(_request('"old"'), b"body", "text/plain", etag=etag_of(1), headers={})

    assert (response.status_code, response.body) == (200, b"body")
    assert response.headers["cache-control"] == "no-cache"
