"""Trees of frozen dataclasses from YAML, strictly: unknown keys and wrong types are refused by name."""

from __future__ import annotations

import contextlib
import dataclasses
import math
import typing
from collections.abc import Mapping, Sequence
from dataclasses import MISSING
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Literal

import yaml

from pecrs.errors import ConfigError

Tree = typing.TypeVar("Tree")
"""A tree of settings."""


def require(condition: bool, name: str, message: str) -> None:
    """Refuse a setting, by its name, unless a condition holds."""
    if not condition:
        raise ConfigError(f"{name}: {message}")


class _StrictLoader(yaml.SafeLoader):
    """YAML that refuses a key given twice, where plain YAML keeps the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        keys = [key.value for key, _ in node.value]
        for position, key in enumerate(keys):
            if key in keys[:position]:
                problem = f"the key {key!r} stands twice"
                raise yaml.constructor.ConstructorError(None, None, problem, node.value[position][0].start_mark)
        return super().construct_mapping(node, deep)


def parse_yaml(text: str) -> Any:
    """Return the values of YAML in which no key of a mapping stands twice.

    Raises:
        ValueError, yaml.YAMLError: If it is anything else.
    """
    return yaml.load(text, Loader=_StrictLoader)


def read_yaml(kind: type[Tree], path: Path, overrides: Sequence[str] = ()) -> Tree:
    """Read a tree of settings, a dataclass whose fields are values and such dataclasses, from a YAML file.

    Args:
        kind: The dataclass.
        path: YAML with values only.
        overrides: Assignments, ``section.field=value``; values are read as YAML.

    Raises:
        ConfigError: If the file or an assignment is wrong.
    """
    try:
        values = parse_yaml(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None
    values = {} if values is None else values
    if not isinstance(values, dict):
        raise ConfigError(f"{path}: a mapping of sections is expected")
    for assignment in overrides:
        _assign(values, assignment)
    try:
        return build(kind, values)
    except ConfigError as error:
        raise ConfigError(f"{path}: {error}") from None


def build(kind: type[Tree], values: Mapping[str, Any]) -> Tree:
    """Build a tree of settings from nested mappings, refusing unknown keys and wrong types.

    Raises:
        ConfigError: Naming the field, as ``section.field``.
    """
    return typing.cast(Tree, _build(kind, values, ""))


def override(tree: Tree, assignments: Sequence[str]) -> Tree:
    """Return a tree of settings with some of them changed.

    Args:
        tree: A dataclass of settings.
        assignments: ``field=value`` or ``section.field=value``; values are read as YAML.

    Raises:
        ConfigError: If an assignment is wrong.
    """
    values = dataclasses.asdict(tree)  # type: ignore[call-overload]
    for assignment in assignments:
        _assign(values, assignment)
    return build(type(tree), values)


def _assign(values: dict[str, Any], assignment: str) -> None:
    name, equals, text = assignment.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"settings: section.field=value is expected, not {assignment!r}")
    *sections, last = name.strip().split(".")
    for section in sections:
        nested = values.setdefault(section, {})
        if not isinstance(nested, dict):
            raise ConfigError(f"{name.strip()}: {section!r} is not a section")
        values = nested
    try:
        values[last] = parse_yaml(text)
    except (yaml.YAMLError, ValueError):
        raise ConfigError(f"{name.strip()}: {text!r} is not a YAML value") from None


def _build(kind: Any, values: object, path: str) -> object:
    if not isinstance(values, Mapping):
        raise ConfigError(f"{path.rstrip('.') or 'configuration'}: a mapping is expected")
    hints = typing.get_type_hints(kind)
    unknown = sorted(str(name) for name in values if name not in hints)
    if unknown:
        known = ", ".join(hints)
        raise ConfigError(f"{path}{unknown[0]}: unknown field; known are {known}")
    needed = (entry for entry in dataclasses.fields(kind) if entry.default is entry.default_factory is MISSING)
    for entry in needed:
        if entry.name not in values:
            raise ConfigError(f"{path}{entry.name}: is missing")
    return kind(**{name: _coerce(hints[name], value, path + name) for name, value in values.items()})


def _coerce_tuple(arguments: tuple[Any, ...], value: object, name: str) -> tuple[object, ...]:
    if not isinstance(value, list | tuple):
        raise ConfigError(f"{name}: a list is expected, not {value!r}")
    if arguments[-1] is not Ellipsis and len(value) != len(arguments):
        raise ConfigError(f"{name}: a list of {len(arguments)} is expected, not {value!r}")
    return tuple(_coerce(arguments[0], entry, name) for entry in value)


def _coerce(hint: Any, value: object, name: str) -> object:
    if dataclasses.is_dataclass(hint):
        return _build(hint, value, name + ".")
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        if value not in arguments:
            raise ConfigError(f"{name}: one of {', '.join(map(str, arguments))} is expected, not {value!r}")
        return value
    if origin is UnionType:
        inner = next(argument for argument in arguments if argument is not NoneType)
        return None if value is None else _coerce(inner, value, name)
    if origin is tuple:
        return _coerce_tuple(arguments, value, name)
    if hint is float and isinstance(value, int | str) and not isinstance(value, bool):
        with contextlib.suppress(ValueError, OverflowError):
            value = float(value)  # YAML 1.1 reads 1e-3 as a string
    if not isinstance(value, hint) or (isinstance(value, bool) and hint is not bool):
        raise ConfigError(f"{name}: {hint.__name__} is expected, not {value!r}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ConfigError(f"{name}: a finite number is expected, not {value!r}")
    return value
