"""Random CQL2 JSON over the fields of `FILTERED`, and the same written as CQL2 text."""

from typing import Any

from hypothesis import strategies as st

from tests.support.builders import a_definition

FILTERED = a_definition(
    id="plot",
    geometry="polygon",
    fields=[
        {"name": name, "type": kind, "title": {"zh": name, "en": name}, "private": name == "secret"}
        for name, kind in {
            "code": "text",
            "name": "text",
            "people": "integer",
            "depth": "number",
            "is_open": "boolean",
            "begun_on": "date",
            "ended_on": "date",
            "seen_at": "timestamp",
            "secret": "text",
        }.items()
    ],
)
TEXTS = ("东河镇", "嘉川镇", "O'Brien", "Straße", "ÉCOLE", "a_b%c", "a\\b", "")
DAYS = ("2026-07-01", "2026-07-02", "2026-07-18", "2026-08-01")
MOMENTS = ("2026-07-01T00:00:00+08:00", "2026-07-18T03:10:00.5+08:00", "2026-07-17T19:10:00Z")
_INTERVAL_ONLY = (
    "contains", "during", "finishedby", "finishes", "meets", "metby", "overlappedby", "overlaps",
    "startedby", "starts",
)  # fmt: skip


def _property(*names: str) -> st.SearchStrategy[Any]:
    return st.sampled_from(names).map(lambda name: {"property": name})


def _operation(name: st.SearchStrategy[str], *arguments: st.SearchStrategy[Any]) -> Any:
    return st.builds(lambda op, *args: {"op": op, "args": list(args)}, name, *arguments)


_literal_number = st.one_of(st.integers(-3, 8), st.integers(-6, 12).map(lambda n: n / 2))
_numbers = st.recursive(
    st.one_of(_property("people", "depth"), _literal_number),
    lambda inner: _operation(st.sampled_from(("+", "-", "*", "/", "%", "div")), inner, inner),
    max_leaves=4,
)
_texts = st.one_of(_property("code", "name"), st.sampled_from(TEXTS))
_cased = _operation(st.just("casei"), _texts)
_days = st.one_of(
    _property("begun_on", "ended_on"), st.sampled_from(DAYS).map(lambda day: {"date": day})
)
_moments = st.one_of(
    _property("seen_at"), st.sampled_from(MOMENTS).map(lambda moment: {"timestamp": moment})
)
_flags = st.one_of(_property("is_open"), st.booleans())
_signs = st.sampled_from(("=", "<>", "<", "<=", ">", ">="))
_corner = st.integers(0, 5).map(lambda n: 106 + n / 4)
_heights = st.integers(0, 5).map(lambda n: 32 + n / 4)
_positions = st.tuples(_corner, _heights).map(list)
_boxes = st.tuples(_positions, _positions).filter(lambda p: p[0][0] < p[1][0] and p[0][1] < p[1][1])


def _box(corners: Any) -> Any:
    (west, south), (east, north) = corners
    ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


_shapes = st.one_of(
    _positions.map(lambda position: {"type": "Point", "coordinates": position}),
    st.lists(_positions, min_size=2, max_size=2, unique_by=tuple).map(
        lambda line: {"type": "LineString", "coordinates": line}
    ),
    _boxes.map(_box),
    _property("geometry"),
)
_ends = st.one_of(st.just(".."), st.sampled_from(DAYS), _property("begun_on", "ended_on"))
_intervals = (
    st.tuples(_ends, _ends)
    .filter(
        lambda ends: ".." in ends or not all(isinstance(e, str) for e in ends) or ends[0] <= ends[1]
    )
    .map(lambda ends: {"interval": list(ends)})
    .filter(lambda document: document["interval"] != ["..", ".."])
)
_patterns = st.sampled_from(
    ("%镇", "东%", "_河镇", "%", "a\\_b\\%c", "a\\\\b", "O'%", "str%", "%É%")
)
_claims = st.one_of(
    _operation(_signs, _numbers, _numbers),
    _operation(_signs, _texts, _texts),
    _operation(_signs, _cased, _cased),
    _operation(_signs, _days, _days),
    _operation(_signs, _moments, _moments),
    _operation(st.sampled_from(("=", "<>")), _flags, _flags),
    _operation(st.just("between"), _numbers, _literal_number, _numbers),
    _operation(st.just("in"), _texts, st.lists(st.sampled_from(TEXTS), min_size=1, max_size=3)),
    _operation(st.just("in"), _numbers, st.lists(_literal_number, min_size=1, max_size=3)),
    _operation(st.just("like"), _texts, _patterns),
    _operation(st.just("isNull"), _property("name", "people", "is_open", "begun_on", "seen_at")),
    _operation(
        st.sampled_from(
            ("s_intersects", "s_within", "s_contains", "s_disjoint", "s_touches", "s_crosses",
             "s_overlaps", "s_equals")
        ),
        _shapes,
        _shapes,
    ),
    _operation(
        st.sampled_from(("t_after", "t_before", "t_equals", "t_disjoint", "t_intersects")),
        st.one_of(_days, _intervals),
        st.one_of(_days, _intervals),
    ),
    _operation(st.sampled_from(_INTERVAL_ONLY).map("t_{}".format), _intervals, _intervals),
    st.booleans(),
)  # fmt: skip
filters = st.recursive(
    _claims,
    lambda inner: st.one_of(
        _operation(st.just("not"), inner),
        st.builds(
            lambda op, args: {"op": op, "args": args},
            st.sampled_from(("and", "or")),
            st.lists(inner, min_size=2, max_size=3),
        ),
    ),
    max_leaves=5,
)


def as_text(document: Any) -> str:  # noqa: C901, PLR0911 - one return a form
    """Return a CQL2 JSON document as CQL2 text, every operation in brackets."""
    if isinstance(document, bool):
        return str(document).upper()
    if isinstance(document, str):
        return "'" + document.replace("'", "''") + "'"
    if not isinstance(document, dict):
        return repr(document)
    if "property" in document:
        return f'"{document["property"]}"'
    for word in ("date", "timestamp"):
        if word in document:
            return f"{word.upper()}({as_text(document[word])})"
    if "interval" in document:
        return f"INTERVAL({', '.join(map(as_text, document['interval']))})"
    if "type" in document:
        return f"{document['type'].upper()}{_well_known(document)}"
    return _operation_text(document["op"], document["args"])


def _operation_text(name: str, arguments: list[Any]) -> str:  # noqa: PLR0911 - one a form
    if name in {"and", "or"}:
        return "(" + f" {name.upper()} ".join(map(as_text, arguments)) + ")"
    if name == "in":
        return f"({as_text(arguments[0])} IN ({', '.join(map(as_text, arguments[1]))}))"
    words = [as_text(argument) for argument in arguments]
    match name:
        case "not":
            return f"(NOT {words[0]})"
        case "isNull":
            return f"({words[0]} IS NULL)"
        case "between":
            return f"({words[0]} BETWEEN {words[1]} AND {words[2]})"
        case "like":
            return f"({words[0]} LIKE {words[1]})"
    if name[:2] in {"s_", "t_"} or name == "casei":
        return f"{name.upper()}({', '.join(words)})"
    return f"({words[0]} {name} {words[1]})"


def _well_known(document: Any) -> str:
    def written(node: Any) -> str:
        if isinstance(node[0], list):
            return "(" + ", ".join(map(written, node)) + ")"
        return " ".join(map(repr, node))

    text = written(document["coordinates"])
    return f"({text})" if document["type"] == "Point" else text
