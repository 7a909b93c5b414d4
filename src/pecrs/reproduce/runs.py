"""The runner: it makes what experiments ask for, once, and finds it again.

Below the output folder, ``runs/KEY`` is a training run; what was made with its model, predictions and responses, lies
in it, in folders named after what they depend on. A run that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import platform
import shutil
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from pecrs.data.files import read_jsonl, replacing_folder, write_json
from pecrs.data.installed import BUNDLED
from pecrs.data.progress import Progress, Report, silent
from pecrs.data.protocol import Instance, protocol_variants
from pecrs.evaluation.baselines.registry import BASELINES, make_baselines
from pecrs.evaluation.baselines.simple import ConversationalRecommender
from pecrs.evaluation.evaluator import PREDICTIONS, judge_all, predict
from pecrs.evaluation.metrics.conversation import AnsweredTurn, read_responses, write_responses
from pecrs.evaluation.metrics.ranking import InstanceResult
from pecrs.evaluation.predictions import read_predictions, write_predictions
from pecrs.evaluation.responses import answer
from pecrs.inference.recommender import Recommender
from pecrs.model.pecrs import PecrsModel
from pecrs.model.persistence.folder import LAYOUT, from_pretrained, model_folder
from pecrs.reproduce.domains import Domain
from pecrs.reproduce.plan import BUNDLED_BACKBONE, Preset, Run, Scale, configured, fingerprint
from pecrs.reproduce.tables import Label
from pecrs.train import train
from pecrs.training.run import RUN_CONFIG

_LIBRARIES = ("pecrs", "torch", "transformers")
FINISHED = "finished.json"
"""Marks a run that was trained to its end."""


@dataclass(frozen=True)
class Judged:
    """Points of a protocol with what a ranking achieved there.

    Attributes:
        instances: The points.
        results: One a point.
    """

    instances: tuple[Instance, ...]
    results: tuple[InstanceResult, ...]


class ExperimentRunner:
    """Trains, ranks and answers for experiments; everything is kept on disk."""

    def __init__(
        self,
        output: Path,
        scale: Scale,
        domains: Mapping[str, Domain],
        report: Report = silent,
        votes: Path | None = None,
        language_models: Sequence[str] = (),
        answer_tokens: int | None = None,
    ) -> None:
        """Open a runner.

        Args:
            output: Where everything goes.
            scale: What each run is given.
            domains: The data sets that are there, by role.
            report: Is told how far it has come.
            votes: An annotation kit with votes, for table 4.
            language_models: Names of language models for table 7, as
                :func:`pecrs.evaluation.baselines.registry.make_baselines` knows them.
            answer_tokens: Their longest answer; see there.
        """
        self.votes, self.language_models, self.answer_tokens = votes, tuple(language_models), answer_tokens
        self.output, self.scale, self.domains, self.report = output, scale, domains, report
        self._loaded: tuple[str, PecrsModel] | None = None

    def run(self, title: str, role: str, preset: Preset, *changes: str) -> Run:
        """Plan a run on a data set that is there.

        Args:
            title: What people read.
            role: The data set.
            preset: Whose settings.
            changes: Changes to them.
        """
        domain = self.domains[role]
        config = configured(preset, self.scale, small=domain.small, changes=changes)
        return Run(title, role, config, domain.fingerprint)

    def folder(self, run: Run) -> Path:
        """Return the folder of a run."""
        return self.output / "runs" / run.key

    def is_finished(self, run: Run) -> bool:
        """Tell whether a run was trained to its end."""
        return (self.folder(run) / FINISHED).is_file()

    def train(self, run: Run) -> Path:
        """Return the folder of a run, trained first where it is not, or not to its end."""
        folder = self.folder(run)
        if not self.is_finished(run):
            self.report(Progress(f"training {run.title} ({run.key})"))
            resume = (folder / RUN_CONFIG).is_file() and (folder / "log.jsonl").is_file()
            config = run.resolved(self._backbone(run))
            result = train(config, self.domains[run.role].kept, folder, resume=resume, progress=self.report)
            record = {
                "title": run.title,
                "mean_recall": result.mean_recall,
                "seconds": result.seconds,
                "steps": result.steps,
            }
            write_json(folder / FINISHED, record)
        return folder

    def seconds_per_batch(self, run: Run) -> float:
        """Return the median wall time of a batch of a run."""
        records = [record for _, record in read_jsonl(self.train(run) / "log.jsonl")]
        return statistics.median(float(record["seconds"]) for record in records if "seconds" in record)

    def recommender(self, run: Run, *changes: str) -> Recommender:
        """Return the model of a run, with changes to its settings of replies; the last one used stays in memory.

        Args:
            run: Trained first where it is not.
            changes: ``field=value`` of ``generation``.
        """
        folder = model_folder(self.train(run))
        if self._loaded is None or self._loaded[0] != run.key:
            bundled = run.config.model.backbone == BUNDLED_BACKBONE
            loaded = from_pretrained(folder, base=str(self._backbone(run)) if bundled else None)
            self._loaded = (run.key, loaded.model)
        return Recommender(self._loaded[1], settings=run.config.generation.override(changes))

    def judged(self, run: Run, *changes: str, protocol: str | None = None) -> dict[str, Judged]:
        """Return what the rankings of a run achieved on the evaluated dialogues, by variant of the protocol.

        Args:
            run: Trained first where it is not.
            changes: ``field=value`` of ``generation``.
            protocol: Its name; None takes that of the published figures.
        """
        domain = self.domains[run.role]
        protocol = protocol or domain.protocol
        variants = protocol_variants(domain.evaluated, protocol, domain.kept.train)
        asked = [instance for points in variants.values() for instance in points]
        path = self.folder(run) / "rankings" / fingerprint(domain.asked, protocol, *changes) / PREDICTIONS
        if not path.is_file():
            rankings = predict(self.recommender(run, *changes), asked, report=self.report, name=run.title)
            write_predictions(path, rankings, domain.kept.catalogue)
        found = read_predictions(path, domain.kept.catalogue, asked)
        return {name: Judged(tuple(some), tuple(judge_all(found, some))) for name, some in variants.items()}

    def judged_baseline(
        self, recommender: ConversationalRecommender, role: str, protocol: str | None = None
    ) -> dict[str, Judged]:
        """Return the same of a recommender that is no run."""
        domain = self.domains[role]
        variants = protocol_variants(domain.evaluated, protocol or domain.protocol, domain.kept.train)
        rankings = dict(predict(recommender, variants["all"], report=self.report))
        return {name: Judged(tuple(some), tuple(judge_all(rankings, some))) for name, some in variants.items()}

    def turns(self, run: Run, *changes: str) -> list[AnsweredTurn]:
        """Return the answered turns of the first evaluated dialogues.

        Args:
            run: Trained first where it is not.
            changes: ``field=value`` of ``generation``.
        """
        domain, count = self.domains[run.role], self.scale.answered_dialogues
        path = self.folder(run) / "responses" / fingerprint(domain.asked, count, *changes) / "responses.jsonl"
        if not path.is_file():
            dialogues = domain.evaluated[: count or None]
            write_responses(path, answer(self.recommender(run, *changes), dialogues, report=self.report))
        return read_responses(path)

    def baseline_models(self, role: str, names: Sequence[str]) -> dict[str, ConversationalRecommender]:
        """Return baselines by name; answers of language models are kept.

        See :func:`pecrs.evaluation.baselines.registry.make_baselines`.
        """
        domain = self.domains[role]
        folder = self.output / "language-models" / f"{role}-{domain.fingerprint}-{domain.asked}"
        more = [name for name in names if name not in BASELINES]
        made = make_baselines(domain.kept, more, folder, self.answer_tokens)
        return {name: made[name] for name in names}

    def label(self, *roles: str) -> Label:
        """Return under which conditions figures on some data sets are made; those that are not there are left out."""
        there = [self.domains[role] for role in roles if role in self.domains]
        scale = self.scale
        backbone = {
            "bundled": "that of the package's own model (a small encoder that learnt to write), not GPT-2",
            "scratch": "random weights, made for each data set and trained on it alone, not GPT-2; rotary, "
            "so candidates stand at position 0 where the paper removes positions",
        }[scale.backbone]
        answered = f"the turns of {scale.answered_dialogues or 'all'} dialogues answered"
        return Label(
            scale=f"{scale.name}, {scale.remark}",
            data="; ".join(domain.describe() for domain in there) + f"; {answered}" if there else "not given",
            backbone=backbone,
            budget=f"every run has the same: {', '.join(scale.overrides)}",
            versions=", ".join(
                [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _LIBRARIES)]
            ),
            comparable=not any(domain.made_up for domain in there),
        )

    def _backbone(self, run: Run) -> Path:
        """Return the bundled backbone where a run needs it, else a path that nobody reads."""
        return self.backbone() if run.config.model.backbone == BUNDLED_BACKBONE else self.output

    def backbone(self) -> Path:
        """Return the bundled backbone with its tokeniser as one folder, copied first."""
        folder = (self.output / "backbone").absolute()
        if not folder.is_dir():
            with replacing_folder(folder) as made:
                shutil.copytree(BUNDLED / LAYOUT.base, made, dirs_exist_ok=True)
                shutil.copytree(BUNDLED / LAYOUT.tokenizer, made, dirs_exist_ok=True)
        return folder


def plan_of(runs: Sequence[Run]) -> list[Run]:
    """Return runs without those that are the same as an earlier one, in order."""
    first: dict[str, Run] = {}
    for run in runs:
        first.setdefault(run.key, run)
    return list(first.values())
