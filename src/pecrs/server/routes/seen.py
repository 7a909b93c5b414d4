"""What a person has seen, read from the export of another service."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool

from pecrs.data.loaders.seen_exports import SeenExport, read_seen
from pecrs.errors import DataError
from pecrs.linking.seen import match_seen
from pecrs.server.schemas import Seen, SeenFile
from pecrs.server.service import ServiceDependency, Talker

router = APIRouter(prefix="/v1", tags=["recommendations"])


@router.post("/seen", response_model=Seen)
async def find_seen(service: ServiceDependency, owner: Talker, body: SeenFile) -> Any:
    """Find in the catalogue what an export of Letterboxd, IMDb or Trakt, or a table with titles, says was seen.

    Nothing is kept: give `seen` as `exclude` of the filters, and `liked` as feedback.
    """
    catalogue = (await service.recommender()).catalogue
    export = await run_in_threadpool(_read, body)
    report = await run_in_threadpool(match_seen, export, catalogue, liked_from=body.liked_from)
    return {**asdict(report), "lines": report.lines}


def _read(body: SeenFile) -> SeenExport:
    kind = PurePath(body.name).suffix.lower()
    with TemporaryDirectory() as folder:
        path = Path(folder, "export").with_suffix(kind if kind in (".json", ".tsv") else ".csv")
        path.write_bytes(body.text.encode())
        try:
            return read_seen(path)
        except DataError as error:
            place = DataError(error.reason, path=body.name, line=error.line, field=error.field)
            raise DataError(str(place), field="text") from error
