"""Refusals about warnings and alert messages."""

from yingji_map.domain.errors.base import Conflict, InvalidInput, NotFound


class InvalidAlert(InvalidInput):
    """A CAP message breaks the standard or contradicts itself: `first_zh`, `first_en`, `faults`."""

    code = "invalid-alert"
    title_zh, title_en = "CAP 消息有误", "Invalid CAP alert"
    zh = "CAP 消息不合规：{first}"
    en = "The CAP alert is not acceptable: {first}"


class WarningNotFound(NotFound):
    """No such warning: `warning`."""

    code = "warning-not-found"
    title_zh, title_en = "没有这条预警", "Warning not found"
    zh = "没有预警“{warning}”"
    en = "No warning “{warning}”"


class WarningNotEditable(Conflict):
    """The warning's state does not allow this step: `warning`, `state`, `step`."""

    code = "warning-not-editable"
    title_zh, title_en = "当前状态不允许", "Step not allowed"
    zh = "预警 {warning} 处于 {state}，不能{step}"
    en = "Warning {warning} is {state}; {step} is not allowed"


class WarningChanged(Conflict):
    """Someone else changed the warning first: `warning`, `expected`, `current`."""

    code = "warning-changed"
    title_zh, title_en = "预警已被改过", "Warning changed meanwhile"
    zh = "预警 {warning} 已是第 {current} 版，你改的是第 {expected} 版；没有保存，请重新载入后再改"
    en = (
        "Warning {warning} is at revision {current}, your change is to revision {expected}; "
        "nothing was saved, load it again"
    )
