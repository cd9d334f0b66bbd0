"""YAML text as a validated model, every fault named by file and line."""

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from yingji_map.domain.errors import InvalidDefinition

Model = TypeVar("Model", bound=BaseModel)

_REASONS_ZH = {
    "extra_forbidden": "不认识的键",
    "missing": "缺少必填的键",
    "enum": "不在允许的取值里",
    "literal_error": "不在允许的取值里",
    "string_pattern_mismatch": "写法不合规定",
}


def read_model(path: Path, model: type[Model]) -> Model:
    """Read one YAML file as `model`.

    Raises
    ------
    InvalidDefinition
        Broken YAML, a key written twice, an unknown key, a missing or ill-typed value; names the
        file, the line and every reason found.
    """
    return read_model_text(path.read_text(encoding="utf-8"), str(path), model)


def read_model_text(text: str, name: str, model: type[Model]) -> Model:
    """Read YAML text as `model`; `name` stands for the file in refusals (see `read_model`)."""
    path = Path(name)
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        problem = error.problem or "unreadable"
        raise _refusal(
            path, line, f"YAML 写法有误（{problem}）", f"broken YAML ({problem})"
        ) from error
    if not isinstance(root, yaml.MappingNode):
        raise _refusal(path, 1, "应是一个映射", "must be a mapping")
    _refuse_repeated_keys(path, root)
    try:
        return model.model_validate(yaml.safe_load(text))
    except ValidationError as error:
        raise _from_validation(path, root, error) from error


def line_of(path: Path, loc: tuple[int | str, ...]) -> int:
    """Return the 1-based line of a place in a YAML file that can be read."""
    node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
    return 1 if node is None else _line_of(node, loc)


def _refusal(path: Path, line: int, zh: str, en: str) -> InvalidDefinition:
    return InvalidDefinition(file=str(path), line=line, reason_zh=zh, reason_en=en)


def _refuse_repeated_keys(path: Path, node: yaml.Node) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                line = key.start_mark.line + 1
                raise _refusal(
                    path, line, f"键“{key.value}”写了两次", f"key “{key.value}” is repeated"
                )
            seen.add(key.value)
            _refuse_repeated_keys(path, value)
    elif isinstance(node, yaml.SequenceNode):
        for child in node.value:
            _refuse_repeated_keys(path, child)


def _from_validation(path: Path, root: yaml.Node, error: ValidationError) -> InvalidDefinition:
    faults = error.errors()
    line = min(_line_of(root, fault["loc"]) for fault in faults)
    zh, en = [], []
    for fault in faults:
        place = ".".join(str(part) for part in fault["loc"]) or path.stem
        at = _line_of(root, fault["loc"])
        zh.append(f"{place}（第 {at} 行）{_REASONS_ZH.get(fault['type'], fault['msg'])}")
        en.append(f"{place} (line {at}): {fault['msg']}")
    return InvalidDefinition(
        file=str(path), line=line, reason_zh="；".join(zh), reason_en="; ".join(en)
    )


def _line_of(node: yaml.Node, loc: tuple[int | str, ...]) -> int:
    """Return the 1-based line of the deepest part of `loc` that the text has."""
    line = node.start_mark.line + 1
    for part in loc:
        if isinstance(node, yaml.MappingNode):
            pair = next(((k, v) for k, v in node.value if k.value == str(part)), None)
            if pair is None:
                continue
            line, node = pair[0].start_mark.line + 1, pair[1]
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int):
            node = node.value[part]
            line = node.start_mark.line + 1
    return line
