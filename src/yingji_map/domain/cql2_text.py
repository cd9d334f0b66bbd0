"""CQL2 text → the same filter as a CQL2 JSON document (OGC 21-065).

A grammar and lark's LALR parser: its time grows with the length of the text alone and it keeps its
own stack. The compiled parser tried before (cql2 0.6) took twice the time for each unclosed
bracket and ended the process at a nesting of some thousands.
"""

from functools import lru_cache
from typing import Any, cast

from lark import Lark, Token, Transformer, v_args
from lark.exceptions import UnexpectedInput, UnexpectedToken

_KEYWORDS = frozenset(
    {"AND", "OR", "NOT", "LIKE", "BETWEEN", "IN", "IS", "NULL", "TRUE", "FALSE", "DIV"}
)
_GRAMMAR = r"""
?start: disjunction
?disjunction: conjunction
    | conjunction (OR conjunction)+                     -> or_
?conjunction: negation
    | negation (AND negation)+                          -> and_
?negation: NOT negation                                 -> not_
    | predicate
?predicate: sum
    | sum COMPARISON sum                                -> compare
    | sum IS NULL                                       -> is_null
    | sum IS NOT NULL                                   -> is_not_null
    | sum BETWEEN sum AND sum                           -> between
    | sum NOT BETWEEN sum AND sum                       -> not_between
    | sum LIKE sum                                      -> like
    | sum NOT LIKE sum                                  -> not_like
    | sum IN "(" sum ("," sum)* ")"                     -> in_
    | sum NOT IN "(" sum ("," sum)* ")"                 -> not_in
?sum: product
    | sum (PLUS | MINUS) product                        -> calculate
?product: power
    | product (TIMES | DIV) power                       -> calculate
?power: factor
    | factor POWER factor                               -> calculate
?factor: MINUS atom                                     -> negative
    | atom
?atom: NUMBER                                           -> number
    | STRING                                            -> string
    | TRUE                                              -> true
    | FALSE                                             -> false
    | NAME                                              -> property
    | QUOTED                                            -> quoted
    | NAME "(" [disjunction ("," disjunction)*] ")"     -> call
    | GEOMETRY ring                                     -> geometry
    | "(" disjunction ")"
ring: "(" part ("," part)* ")"
?part: ring | position
position: coordinate coordinate [coordinate]
coordinate: [PLUS | MINUS] NUMBER

GEOMETRY.3: /(MULTI)?(POINT|LINESTRING|POLYGON)(\s+Z)?(?=\s*\()/i
NAME.2: /(?:[^\W\d]|:)[\w.:]*/
NUMBER.2: /(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?/
STRING: /'(?:''|\\'|[^'])*'/
QUOTED: /"(?:""|[^"])+"/
COMPARISON: /<>|<=|>=|=|<|>/
PLUS: "+"
MINUS: "-"
TIMES: /[*\/%]/
POWER: "^"
%declare AND OR NOT LIKE BETWEEN IN IS NULL TRUE FALSE DIV
%ignore /\s+/
"""
_GEOMETRY_NAMES = {
    name.upper(): name
    for name in ("Point", "LineString", "Polygon", "MultiPoint", "MultiLineString", "MultiPolygon")
}


class CqlSyntaxError(ValueError):
    """The text is no CQL2; `position` counts characters from 1, `found` is None at its end."""

    def __init__(self, position: int, found: str | None) -> None:
        self.position, self.found = position, found
        super().__init__(f"character {position}: {found}")


def parse_text(text: str) -> object:
    """Return the CQL2 JSON document that says the same.

    Raises
    ------
    CqlSyntaxError
        The text breaks the grammar.

    Examples
    --------
    >>> parse_text("name = '东河镇'")
    {'op': '=', 'args': [{'property': 'name'}, '东河镇']}
    """
    try:
        return cast("object", _parser().parse(text))
    except UnexpectedInput as error:
        place: int | None = error.pos_in_stream
        is_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        if is_end or place is None:
            place = len(text)
        raise CqlSyntaxError(place + 1, None if is_end else text[place : place + 20]) from error


@v_args(inline=True)
class _Documents(Transformer[Token, Any]):
    """Turns each rule into its JSON while parsing, so that no tree is walked afterwards."""

    def or_(self, *parts: object) -> object:
        return {"op": "or", "args": list(parts[::2])}

    def and_(self, *parts: object) -> object:
        return {"op": "and", "args": list(parts[::2])}

    def not_(self, _word: Token, operand: object) -> object:
        return {"op": "not", "args": [operand]}

    def compare(self, left: object, sign: Token, right: object) -> object:
        return {"op": sign.lower(), "args": [left, right]}

    calculate = compare

    def is_null(self, operand: object, *_words: object) -> object:
        return {"op": "isNull", "args": [operand]}

    def between(self, operand: object, *rest: object) -> object:
        return {"op": "between", "args": [operand, rest[-3], rest[-1]]}

    def like(self, operand: object, *rest: object) -> object:
        return {"op": "like", "args": [operand, rest[-1]]}

    def in_(self, operand: object, *rest: object) -> object:
        values = [part for part in rest if not isinstance(part, Token)]
        return {"op": "in", "args": [operand, values]}

    def is_not_null(self, *parts: object) -> object:
        return _negated(self.is_null(*parts))

    def not_between(self, *parts: object) -> object:
        return _negated(self.between(*parts))

    def not_like(self, *parts: object) -> object:
        return _negated(self.like(*parts))

    def not_in(self, *parts: object) -> object:
        return _negated(self.in_(*parts))

    def negative(self, _sign: Token, operand: object) -> object:
        if isinstance(operand, int | float) and not isinstance(operand, bool):
            return -operand
        return {"op": "*", "args": [-1, operand]}

    def number(self, token: Token) -> int | float:
        return _number(token)

    def string(self, token: Token) -> str:
        return token[1:-1].replace("''", "'").replace("\\'", "'")

    def true(self, _word: Token) -> bool:
        return True

    def false(self, _word: Token) -> bool:
        return False

    def property(self, token: Token) -> object:
        return {"property": str(token)}

    def quoted(self, token: Token) -> object:
        return {"property": token[1:-1].replace('""', '"')}

    def call(self, name: Token, *arguments: object) -> object:
        found = [argument for argument in arguments if argument is not None]
        match str(name).lower():
            case ("date" | "timestamp") as kind if len(found) == 1:
                return {kind: found[0]}
            case "interval":
                return {"interval": found}
            case "bbox":
                return {"bbox": found}
            case other:
                return {"op": other, "args": found}

    def geometry(self, token: Token, coordinates: list[object]) -> object:
        name = _GEOMETRY_NAMES[token.split()[0].upper()]
        if name == "Point" and len(coordinates) == 1:
            return {"type": name, "coordinates": coordinates[0]}
        if name == "MultiPoint":  # both `(1 2, 3 4)` and `((1 2), (3 4))` are written
            coordinates = [_unwrapped(part) for part in coordinates]
        return {"type": name, "coordinates": coordinates}

    def ring(self, *parts: object) -> list[object]:
        return list(parts)

    def position(self, *coordinates: float | None) -> list[float]:
        return [value for value in coordinates if value is not None]

    def coordinate(self, sign: Token | None, token: Token) -> float:
        return -_number(token) if sign == "-" else _number(token)


def _unwrapped(part: object) -> object:
    is_wrapped = isinstance(part, list) and len(part) == 1
    return part[0] if is_wrapped else part  # type: ignore[index]  # a list, as just seen


def _negated(document: object) -> object:
    return {"op": "not", "args": [document]}


def _number(token: Token) -> int | float:
    # More digits than any column holds; Python would refuse some thousands of them itself.
    is_whole = token.isdigit() and len(token) < 40  # noqa: PLR2004
    return int(token) if is_whole else float(token)


def _name_or_keyword(token: Token) -> Token:
    word = token.upper()
    return Token.new_borrow_pos(word, str(token), token) if word in _KEYWORDS else token


@lru_cache(maxsize=1)
def _parser() -> Lark:
    return Lark(
        _GRAMMAR,
        parser="lalr",
        lexer="basic",
        transformer=_Documents(),
        lexer_callbacks={"NAME": _name_or_keyword},
        maybe_placeholders=True,
    )
