"""What the validation of a request found, as short sentences in the reader's language."""

from collections.abc import Mapping, Sequence

# By the type of the finding; what is not here keeps its English sentence.
_ZH = {
    "missing": "缺少",
    "extra_forbidden": "没有这一项",
    "json_invalid": "不是合法的 JSON（{error}）",
    "string_type": "应是文字",
    "string_too_short": "不能少于 {min_length} 个字",
    "string_too_long": "不能多于 {max_length} 个字",
    "string_pattern_mismatch": "写法不对",
    "int_type": "应是整数",
    "int_parsing": "应是整数",
    "int_from_float": "应是整数",
    "float_type": "应是数",
    "float_parsing": "应是数",
    "finite_number": "应是有限的数",
    "bool_type": "应是 true 或 false",
    "bool_parsing": "应是 true 或 false",
    "list_type": "应是列表",
    "dict_type": "应是对象",
    "model_attributes_type": "应是对象",
    "too_short": "不能少于 {min_length} 项",
    "too_long": "不能多于 {max_length} 项",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "不能小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "不能大于 {le}",
    "enum": "应是 {expected} 之一",
    "literal_error": "应是 {expected} 之一",
    "datetime_type": "应是时间",
    "datetime_parsing": "应是 RFC 3339 时间",
    "datetime_from_date_parsing": "应是 RFC 3339 时间",
    "timezone_aware": "时间要带时区",
}


def faults_of(findings: Sequence[Mapping[str, object]], language: str) -> list[dict[str, str]]:
    """Return where each finding lies and what it says; never the value that was sent."""
    return [
        {"in": place[0], "name": ".".join(place[1:]), "reason": _reason(finding, language)}
        for finding in findings
        for place in [_place(finding)]
    ]


def _place(finding: Mapping[str, object]) -> list[str]:
    location = finding["loc"]
    return [str(part) for part in location] if isinstance(location, tuple | list) else [""]


def _reason(finding: Mapping[str, object], language: str) -> str:
    template = _ZH.get(str(finding["type"])) if language == "zh" else None
    if template is None:
        return str(finding["msg"])
    context = finding.get("ctx")
    return template.format_map(context if isinstance(context, dict) else {})
