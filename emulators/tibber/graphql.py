"""As much of GraphQL as a price service needs: one operation, fields with aliases and arguments, variables, fragments.

A value is told by its shape: a mapping has fields, a list is told item by item, a callable takes the arguments of its
field. Source: GraphQL specification, October 2021, sections 2 and 6.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

TOKEN = re.compile(r'\s*(?:#[^\n]*|,|(?P<token>\.\.\.|[{}()\[\]:!=@$]|"(?:\\.|[^"\\])*"|[\w.+-]+))')


class Invalid(Exception):
    """The query is none, or asks for what there is not."""


@dataclass(frozen=True)
class Field:
    """`fragment`: the name of a fragment whose fields stand here instead."""

    name: str
    alias: str = ""
    arguments: Mapping[str, Any] | None = None
    fields: "Sequence[Field]" = ()
    fragment: str = ""


@dataclass(frozen=True)
class Variable:
    name: str


def run(query: str, variables: Mapping[str, Any], root: Mapping[str, Any]) -> dict[str, Any]:
    """The data of a query; Invalid when it cannot be answered."""
    operation, fields, fragments = _Parser(query).document()
    if operation != "query":
        raise Invalid(f"no {operation} here")
    found = _told(root, fields, variables, fragments)
    return found if isinstance(found, dict) else {}


def _told(value: Any, fields: Sequence[Field], variables: Mapping[str, Any], fragments: Mapping[str, Any]) -> Any:
    if value is None:
        return None
    if isinstance(value, list):
        return [_told(each, fields, variables, fragments) for each in value]
    if not isinstance(value, Mapping):
        if fields:
            raise Invalid("a value without fields has none to select")
        return value
    if not fields:
        raise Invalid("an object wants its fields selected")
    out: dict[str, Any] = {}
    for field in fields:
        if field.fragment or not field.name:
            inner = fragments.get(field.fragment) if field.fragment else field.fields
            if inner is None:
                raise Invalid(f"no fragment {field.fragment}")
            out |= _told(value, inner, variables, fragments)
            continue
        if field.name not in value:
            raise Invalid(f'Cannot query field "{field.name}"')
        held = value[field.name]
        if callable(held):
            arguments = {name: _given(each, variables) for name, each in (field.arguments or {}).items()}
            held = _called(held, field.name, arguments)
        elif field.arguments:
            raise Invalid(f'Unknown argument on field "{field.name}"')
        found = _told(held, field.fields, variables, fragments)
        before = out.get(field.alias or field.name)
        out[field.alias or field.name] = _merged(before, found)
    return out


def _merged(before: Any, found: Any) -> Any:
    """The same field selected twice has the fields of both."""
    return {**before, **found} if isinstance(before, dict) and isinstance(found, dict) else found


def _called(held: Callable[..., Any], name: str, arguments: Mapping[str, Any]) -> Any:
    try:
        return held(**arguments)
    except (TypeError, KeyError) as error:
        raise Invalid(f'Wrong arguments of field "{name}": {error}') from error


def _given(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, Variable):
        if value.name not in variables:
            raise Invalid(f'Variable "${value.name}" is not provided')
        return variables[value.name]
    return value


class _Parser:
    """Recursive descent over the tokens."""

    def __init__(self, text: str) -> None:
        self._tokens = self._split(text)
        self._at = 0

    @staticmethod
    def _split(text: str) -> list[str]:
        tokens, at = [], 0
        text = text.rstrip()
        while at < len(text):
            found = TOKEN.match(text, at)
            if found is None:
                raise Invalid(f"Syntax Error at {text[at : at + 10]!r}")
            at = found.end()
            if found["token"]:
                tokens.append(found["token"])
        return tokens

    def document(self) -> tuple[str, Sequence[Field], dict[str, Sequence[Field]]]:
        """Kind and fields of the operation, and the fragments by name."""
        operation, fields = "query", None
        fragments: dict[str, Sequence[Field]] = {}
        while self._at < len(self._tokens):
            if self._peek() == "fragment":
                name = self._words(4)[1]
                fragments[name] = self._selection()
                continue
            if fields is not None:
                raise Invalid("one operation at a time")
            if self._peek() != "{":
                operation = self._next()
                while self._peek() not in ("{", "("):
                    self._next()  # its name
                if self._peek() == "(":
                    self._skip_definitions()
            fields = self._selection()
        if fields is None:
            raise Invalid("Syntax Error: nothing is asked")
        return operation, fields, fragments

    def _selection(self) -> Sequence[Field]:
        self._expect("{")
        fields: list[Field] = []
        while self._peek() != "}":
            fields.append(self._field())
        self._expect("}")
        if not fields:
            raise Invalid("Syntax Error: an empty selection")
        return tuple(fields)

    def _field(self) -> Field:
        if self._peek() == "...":
            self._next()
            if self._peek() == "on":
                self._words(2)
                return Field("", fields=self._selection())
            return Field("", fragment=self._next())
        alias, name = "", self._name()
        if self._peek() == ":":
            self._next()
            alias, name = name, self._name()
        arguments = self._arguments() if self._peek() == "(" else None
        fields = self._selection() if self._peek() == "{" else ()
        return Field(name, alias, arguments, fields)

    def _arguments(self) -> dict[str, Any]:
        self._expect("(")
        found = {}
        while self._peek() != ")":
            name = self._name()
            self._expect(":")
            found[name] = self._value()
        self._expect(")")
        return found

    def _value(self) -> Any:
        token = self._next()
        if token == "$":
            return Variable(self._name())
        if token.startswith('"'):
            return token[1:-1].replace('\\"', '"')
        if token in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[token]
        return int(token) if token.lstrip("-").isdigit() else token

    def _skip_definitions(self) -> None:
        """Variables are as they are given: their types are not looked at."""
        while self._next() != ")":
            pass

    def _words(self, count: int) -> list[str]:
        return [self._next() for _ in range(count)]

    def _name(self) -> str:
        token = self._next()
        if not token.replace("_", "a").isalnum():
            raise Invalid(f"Syntax Error: a name, not {token!r}")
        return token

    def _expect(self, wanted: str) -> None:
        if (token := self._next()) != wanted:
            raise Invalid(f"Syntax Error: {wanted!r}, not {token!r}")

    def _peek(self) -> str:
        if self._at >= len(self._tokens):
            raise Invalid("Syntax Error: unexpected end")
        return self._tokens[self._at]

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token
