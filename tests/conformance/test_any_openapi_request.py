"""Whatever the two OpenAPI documents allow, the service answers or refuses; it never fails.

CI draws a few examples of each operation; `YINGJI_SCHEMATHESIS_EXAMPLES=2000` draws that many in all.
"""

import os
import re
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from hypothesis import HealthCheck, given, settings
from pydantic import SecretStr

from tests.api.conftest import LONG_AGO, ROOT, a_small_county, put
from tests.conformance.conftest import TOKEN
from yingji_map.bootstrap import build
from yingji_map.http.app import create_app
from yingji_map.services.check_editor import CheckEditor

schemathesis = pytest.importorskip("schemathesis")

pytestmark = [pytest.mark.db, pytest.mark.slow]
# `/readyz` says by its status that a small county lacks a road graph.
_LEFT_OUT = re.compile(r"^/readyz$|^/collections/(?!shelter|road|township)")
_EXAMPLES = int(os.environ.get("YINGJI_SCHEMATHESIS_EXAMPLES", "100"))


@pytest.fixture(scope="module")
def address(database_url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Serve a small county, open for editing, on a free port of this machine."""
    application = build(
        url=database_url,
        layers_dir=ROOT / "layers",
        data_dir=tmp_path_factory.mktemp("data"),
        editors=CheckEditor.of(SecretStr(TOKEN)),
    )
    application.apply_layers.run()
    for layer_id, rows in a_small_county().items():
        put(application, layer_id, rows, valid_from=LONG_AGO)
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        server = uvicorn.Server(uvicorn.Config(create_app(application), log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.05)
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        server.should_exit = True
        thread.join(timeout=10)
    application.close()


@pytest.mark.parametrize("document", ["/ogc/api", "/openapi.json"])
def test_no_request_that_the_document_allows_makes_the_service_fail(
    address: str, document: str
) -> None:
    schema = schemathesis.openapi.from_url(address + document)
    operations = [found.ok() for found in schema.get_all_operations()]
    # Collections differ in their fields only: three kinds of geometry stand for all.
    operations = [o for o in operations if not _LEFT_OUT.match(o.path)]
    share = max(1, round(_EXAMPLES / 2 / len(operations)))
    failed: list[str] = []
    sent = 0

    for operation in operations:

        @settings(
            max_examples=share,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def ask(case: Any) -> None:
            nonlocal sent
            sent += 1
            answer = case.call(headers={"Authorization": f"Bearer {TOKEN}"}, timeout=60)
            # A small county lacks what some answers are made of; that is said, not failed.
            if answer.status_code >= 500 and "/problems/not-ready" not in answer.text:
                failed.append(f"{answer.status_code} {case.as_curl_command()}"[:2000])

        ask()
    print(f"{document}: {len(operations)} operations, {sent} requests")  # noqa: T201 - the campaign's figures
    assert failed == [], "\n".join(failed)
