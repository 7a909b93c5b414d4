"""Two accelerators that are not there: what would fail on real ones because tensors lie apart fails here too.

A pretended tensor keeps its values on the CPU and says that it lies on ``pretended:0`` or ``pretended:1``; operations
check where their tensors are. What :func:`pretend` does to PyTorch cannot be undone: it is for processes of their own,
which :mod:`test_device_map` starts.
"""

from __future__ import annotations

from typing import Any

import torch
from torch.utils import backend_registration
from torch.utils._python_dispatch import return_and_correct_aliasing
from torch.utils._pytree import tree_flatten, tree_map, tree_map_only

NAME = "pretended"
COUNT = 2

_KERNELS = torch.library.Library("aten", "IMPL", "PrivateUse1")
_MOVES = {"aten::copy_", "aten::_to_copy", "aten::to", "aten::_copy_from"}
_INDEXES = {"aten::index", "aten::index_put", "aten::index_put_", "aten::_index_put_impl_"}  # by tensors of the CPU too


class Pretended(torch.Tensor):
    """A tensor on a pretended device."""

    @staticmethod
    def __new__(cls, value: torch.Tensor, device: torch.device | None = None, requires_grad: bool = False):
        if device is None and not isinstance(value, Pretended):  # accelerate makes parameters of the class they had
            return torch.nn.Parameter(value, requires_grad)
        own = value if device is None else None
        value, device = (own.value, own.device) if own is not None else (value, device)
        return torch.Tensor._make_wrapper_subclass(
            cls,
            value.size(),
            strides=value.stride(),
            storage_offset=value.storage_offset(),
            dtype=value.dtype,
            device=device,
            requires_grad=requires_grad,
        )

    def __init__(self, value: torch.Tensor, device: torch.device | None = None, requires_grad: bool = False) -> None:
        self.value = value.value if device is None else value

    __torch_function__ = torch._C._disabled_torch_function_impl

    @classmethod
    def __torch_dispatch__(cls, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        with torch.inference_mode(False), torch.no_grad():
            return _run(func, args, kwargs or {})

    @property
    def data(self) -> torch.Tensor:
        return self.detach()

    @data.setter
    def data(self, other: Pretended) -> None:
        torch.Tensor.data.__set__(self, other)
        self.value = other.value

    def data_ptr(self) -> int:
        return self.value.data_ptr()

    def storage(self) -> Any:
        return self.value.storage()

    def untyped_storage(self) -> Any:
        return self.value.untyped_storage()

    def tolist(self) -> Any:
        return self.value.tolist()

    def __repr__(self, **_: Any) -> str:
        return f"{self.value!r} on {self.device}"


def _run(func: Any, args: Any, kwargs: dict[str, Any]) -> Any:
    name, leaves = func._schema.name, tree_flatten((args, kwargs))[0]
    tensors = [leaf for leaf in leaves if isinstance(leaf, torch.Tensor)]
    places = {tensor.device for tensor in tensors if isinstance(tensor, Pretended)}
    place = next((leaf for leaf in leaves if isinstance(leaf, torch.device)), tensors[0].device)
    if name not in _MOVES:
        others = [] if name in _INDEXES else [t for t in tensors if t.ndim and not isinstance(t, Pretended)]
        if len(places) > 1 or others:
            found = sorted({str(tensor.device) for tensor in tensors if tensor.ndim})
            raise RuntimeError(f"{func} is given tensors of {', '.join(found)}")
        if place == tensors[0].device:
            [place] = places
    result = func(*tree_map(_plain, args), **tree_map(_plain, kwargs))
    if place.type != NAME:
        return result
    result = tree_map_only(torch.Tensor, lambda tensor: Pretended(tensor, place), result)
    return result if name in ("aten::_to_copy", "aten::to") else return_and_correct_aliasing(func, args, kwargs, result)


def _plain(leaf: Any) -> Any:
    """Return what an operation on the CPU is given instead."""
    if isinstance(leaf, torch.device) and leaf.type == NAME:
        return torch.device("cpu")
    return leaf.value if isinstance(leaf, Pretended) else leaf


class _Module(backend_registration._DummyBackendModule):
    """What ``torch.pretended`` says of itself."""

    def device_count(self) -> int:
        return COUNT

    def get_amp_supported_dtype(self) -> list[torch.dtype]:
        return [torch.bfloat16]


def _numbered(device: Any) -> torch.device:
    return torch.device(NAME, torch.device(device).index or 0)


def _empty(size: Any, *, dtype: Any = None, device: Any = None, **_: Any) -> Any:
    return Pretended(torch.empty(size, dtype=dtype), _numbered(device))


def _empty_strided(size: Any, stride: Any, *, dtype: Any = None, device: Any = None, **_: Any) -> Any:
    return Pretended(torch.empty_strided(size, stride, dtype=dtype), _numbered(device))


def _copy_from(source: torch.Tensor, target: torch.Tensor, non_blocking: bool = False) -> torch.Tensor:
    _plain(target).copy_(_plain(source))
    return target


def pretend() -> None:
    """Let there be pretended accelerators from now on."""
    backend_registration._setup_privateuseone_for_python_backend(NAME, backend_module=_Module())
    _KERNELS.impl("empty.memory_format", _empty)
    _KERNELS.impl("empty_strided", _empty_strided)
    _KERNELS.impl("_copy_from", _copy_from)
    torch.autograd.set_multithreading_enabled(False)  # the engine has threads for one pretended device only
