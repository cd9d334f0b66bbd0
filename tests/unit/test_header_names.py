"""Header names as they go over the wire; QGIS compares some of them letter by letter."""

import importlib.util
import socket
import threading
import time
from collections.abc import Iterator

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route

from yingji_map.http.middleware import RequestFrame


@pytest.fixture(params=["h11", "httptools"])
def port(request: pytest.FixtureRequest) -> Iterator[int]:
    """Serve an answer with both headers through the frame, by either parser of uvicorn."""
    if importlib.util.find_spec(request.param) is None:
        pytest.skip(f"{request.param} is not installed")
    answer = Response(headers={"Location": "/there", "Allow": "GET, POST", "ETag": '"1"'})
    app = RequestFrame(Starlette(routes=[Route("/", lambda _request: answer)]))
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        config = uvicorn.Config(app, http=request.param, log_level="critical", lifespan="off")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
        thread.start()
        while not server.started:
            time.sleep(0.01)
        yield listener.getsockname()[1]
        server.should_exit = True
        thread.join(timeout=10)


def test_qgis_reads_where_its_new_feature_is_and_what_it_may_do(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=10) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        received = b""
        while part := connection.recv(65536):
            received += part

    names = [line.partition(b":")[0] for line in received.partition(b"\r\n\r\n")[0].split(b"\r\n")]
    assert b"Location" in names
    assert b"Allow" in names
    assert b"location" not in names
