"""The catalogue as something that can be searched: exactly, or through FAISS where it is large."""

from pecrs.index.items import ItemIndex, TopK

__all__ = ["ItemIndex", "TopK"]
