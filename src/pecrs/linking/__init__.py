"""From free text to item mentions."""

from pecrs.linking.linker import Linker

__all__ = ["Linker"]
