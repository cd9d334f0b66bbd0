"""`yingji serve`: the service on its address until Ctrl-C."""

import contextlib
import socket
from threading import Thread

import uvicorn

from yingji_map.bootstrap import Application
from yingji_map.cli.session import opened, say
from yingji_map.domain.errors import AddressInUse
from yingji_map.http.app import create_app
from yingji_map.settings import HttpSettings, Settings
from yingji_map.web.pages import router as pages


def serve() -> None:
    """启动服务，Ctrl-C 停止 / serve until Ctrl-C."""
    settings = Settings()
    with opened(settings) as application:
        application.apply_layers.run()
        serve_until_stopped(application, settings.http)


def serve_until_stopped(application: Application, address: HttpSettings) -> None:
    """Answer requests until the process is told to stop.

    Raises
    ------
    AddressInUse
        Another program listens there already.
    """
    refuse_taken_port(address)
    config = uvicorn.Config(
        create_app(application, pages=[pages]),
        host=address.host,
        port=address.port,
        log_level="warning",
        proxy_headers=True,
        forwarded_allow_ips="127.0.0.1",
        server_header=False,
        timeout_graceful_shutdown=5,
    )
    say(
        f"地图在 http://{address.host}:{address.port}  （Ctrl-C 停止）",
        f"The map is at http://{address.host}:{address.port}  (Ctrl-C stops it)",
    )
    warming = Thread(target=application.warm_up, name="warm-up", daemon=True)
    warming.start()
    try:
        with contextlib.suppress(KeyboardInterrupt):  # uvicorn raises it again after shutting down
            uvicorn.Server(config).run()
    finally:
        warming.join()  # it reads the store, which is closed next
    say("正在停止", "Stopping")


def refuse_taken_port(address: HttpSettings) -> None:
    """Say early and plainly that the port is taken.

    Raises
    ------
    AddressInUse
        Another program listens there.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise AddressInUse(host=address.host, port=address.port) from error
