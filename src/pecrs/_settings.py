"""Strict, frozen settings: pydantic models that are read from YAML and whose errors name the field and its value."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self, get_args, get_origin

import yaml
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError, ValidationInfo, field_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from pecrs.errors import ConfigError

if TYPE_CHECKING:
    from pydantic._internal._model_construction import ModelMetaclass
else:
    ModelMetaclass = type(BaseModel)

NOT_BLANK = r"\S"
Text = Annotated[str, StringConstraints(pattern=NOT_BLANK)]
"""A string that is not blank."""

_REFUSED = "refused"
_UNKNOWN = ("extra_forbidden", "invalid_key")
_LONGEST = 60
_EXPECTED = {
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "dict_type": "a mapping",
    "enum": "{expected}",
    "finite_number": "a finite number",
    "float_parsing": "a number",
    "float_type": "a number",
    "greater_than": "a number above {gt:g}",
    "greater_than_equal": "a number of at least {ge:g}",
    "int_from_float": "an integer",
    "int_parsing": "an integer",
    "int_parsing_size": "an integer",
    "int_type": "an integer",
    "less_than": "a number below {lt:g}",
    "less_than_equal": "a number of at most {le:g}",
    "list_type": "a list",
    "literal_error": "{expected}",
    "model_attributes_type": "a mapping",
    "model_type": "a mapping",
    "string_pattern_mismatch": "text of the form {pattern}",
    "string_too_long": "a string of at most {max_length} characters",
    "string_too_short": "a string of at least {min_length} characters",
    "string_type": "a string",
    "too_long": "a list of at most {max_length}",
    "too_short": "a list of at least {min_length}",
    "tuple_type": "a list",
}
"""What is expected, by pydantic's name of the fault."""


class _Refusing(ModelMetaclass):
    """Raises :class:`ConfigError` where a model is made directly; nested models do not come this way."""

    def __call__(self, *args: Any, **values: Any) -> Any:
        try:
            return super().__call__(*args, **values)
        except ValidationError as error:
            raise ConfigError(_describe(self, error)) from None  # type: ignore[arg-type]


class Settings(BaseModel, metaclass=_Refusing):
    """A section of settings: fields with types, ranges and defaults, and nested sections."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    @field_validator("*", mode="before")
    @classmethod
    def _read_plain(cls, value: object, info: ValidationInfo) -> object:
        """Take a list for a tuple, and for a float what YAML 1.1 reads as a string, such as ``1e-3``."""
        assert info.field_name is not None
        annotation = cls.model_fields[info.field_name].annotation
        number = float in {get_origin(kind) or kind for kind in (annotation, *get_args(annotation))}
        if isinstance(value, list | tuple):
            return tuple(_read_number(entry) if number else entry for entry in value)
        return _read_number(value) if number else value

    @classmethod
    def from_dict(cls, values: object) -> Self:
        """Build settings from nested mappings of plain values; what they leave out keeps its default.

        Raises:
            ConfigError: If a field is unknown or wrong; it names the field as ``section.field``.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            raise ConfigError(_describe(cls, error)) from None

    @classmethod
    def from_yaml(cls, path: Path, overrides: Sequence[str] = ()) -> Self:
        """Read settings from a YAML file and apply overrides.

        Args:
            path: YAML with values only.
            overrides: Assignments ``section.field=value``; values are read as YAML, so ``3``, ``true`` and ``[a, b]``
                mean what they look like.

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
            return cls.from_dict(values)
        except ConfigError as error:
            raise ConfigError(f"{path}: {error}") from None

    def to_dict(self) -> dict[str, Any]:
        """Return nested dictionaries that :meth:`from_dict` reads back to equal settings."""
        return self.model_dump()

    def override(self, assignments: Sequence[str]) -> Self:
        """Return a copy with some fields changed by text.

        Args:
            assignments: As in :meth:`from_yaml`.

        Raises:
            ConfigError: If an assignment is wrong.
        """
        values = self.to_dict()
        for assignment in assignments:
            _assign(values, assignment)
        return self.from_dict(values)

    def model_copy(self, *, update: Mapping[str, Any] | None = None, deep: bool = False) -> Self:
        """Return a copy with some fields changed, checked like new settings.

        Raises:
            ConfigError: If a field is unknown or wrong.
        """
        return self.from_dict({**dict(self), **(update or {})})


def require(condition: bool, field: str, message: str) -> None:
    """Refuse settings, by a field of the section that is validated, unless a condition holds."""
    if not condition:
        raise PydanticCustomError(_REFUSED, "{message}", {"field": field, "message": message})


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


def _read_number(value: object) -> object:
    if isinstance(value, str):
        with contextlib.suppress(ValueError):
            return float(value)
    return value


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


def _describe(kind: type[BaseModel], error: ValidationError) -> str:
    fault = error.errors(include_url=False)[0]
    context = fault.get("ctx", {})
    place = [str(part) for part in fault["loc"] if fault["type"] in _UNKNOWN or isinstance(part, str)]
    name = ".".join([*place, *([context["field"]] if fault["type"] == _REFUSED else [])]) or "configuration"
    if fault["type"] in _UNKNOWN:
        return f"{name}: unknown field; known are {', '.join(_section(kind, fault['loc'][:-1]).model_fields)}"
    return f"{name}: {explain(fault)}"


def explain(fault: ErrorDetails) -> str:
    """Return in words what pydantic found wrong with a value: what is expected, and what is there."""
    if fault["type"] == "missing":
        return "is missing"
    if fault["type"] in _UNKNOWN:
        return "unknown field"
    if fault["type"] not in _EXPECTED:
        return fault["msg"].removeprefix("Value error, ")
    found = repr(fault["input"])
    shown = found if len(found) <= _LONGEST else found[: _LONGEST - 1] + "…"
    context = fault.get("ctx", {})
    wanted = "some text" if context.get("pattern") == NOT_BLANK else _EXPECTED[fault["type"]].format(**context)
    return f"{wanted} is expected, not {shown}"


def _section(kind: type[BaseModel], place: Sequence[int | str]) -> type[BaseModel]:
    for name in (part for part in place if isinstance(part, str)):
        annotation = kind.model_fields[name].annotation
        candidates = (annotation, *get_args(annotation))
        kind = next(some for some in candidates if isinstance(some, type) and issubclass(some, BaseModel))
    return kind
