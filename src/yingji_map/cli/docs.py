"""`yingji docs`: remake or check the generated files of a checkout."""

from pathlib import Path
from typing import Annotated

import typer

from yingji_map.cli.reference import render_all


def docs(
    *,
    check: Annotated[bool, typer.Option("--check", help="只检查，不改写 / only compare")] = False,
    root: Annotated[Path, typer.Option(help="仓库根目录 / root of the checkout")] = Path(),
) -> None:
    """重做由代码生成的文件（schemas、参考页）/ remake the files that are generated from code."""
    stale = []
    for path, text in render_all(root).items():
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(path)
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    for path in stale:
        print(f"{'过期 / stale' if check else '已重做 / remade'}: {path}")
    if check and stale:
        print("运行 make bless / run make bless")
        raise typer.Exit(1)
