"""Entry point of `python -m yingji_map`."""

from yingji_map.cli.main import app

app()
