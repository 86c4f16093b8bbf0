"""`make bench`: load people, drive every scenario on both databases, and say what a request costs."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from auth import development
from bench import profile, report
from bench.engines import ENGINES, Engine, running
from bench.examples import EXAMPLES, imported
from bench.scenarios import SCENARIOS, YARDSTICK, Scenario, Terms
from bench.servers import BenchmarkError, Serving, follow, loaded, serving
from bench.simulated import simulated
from bench.template import templates
from bench.world import AGENCIES_OF_A_SORT, CALLING, SCOPES, SORTS, WORKERS_OF_AN_AGENCY, agency, worker
from tests.support.postgres import in_roles

APP = "api.app:create_app"


def main() -> int:
    """Run what was asked for; 1 when an answer was bad."""
    said = _arguments()
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    wanted = [one for one in SCENARIOS if not said.only or one.name in said.only]
    terms = Terms(people=said.people, seconds=said.seconds, connections=said.connections, simulated=said.simulated)
    print(report.head(f"{terms.people} people, {terms.connections} connections, {terms.seconds:g} s a scenario"))
    with tempfile.TemporaryDirectory(prefix="oneplan-bench-") as name:
        run = _Run(Path(name), terms, said.examples, profiled=said.profile)
        try:
            run.yardstick()
            for engine in ENGINES if said.engine == "both" else (said.engine,):
                run.engine(engine, wanted)
        except BenchmarkError as error:
            print(error, file=sys.stderr)
            return 1
    if said.save:
        print(f"saved in {report.save(run.figures, run.loads, terms)}")
    return 0


class _Run:
    """One run in a folder that goes: its tokens, its template people, its figures."""

    def __init__(self, folder: Path, terms: Terms, examples: Path, *, profiled: bool) -> None:
        self.folder = folder
        self.terms = terms
        self.examples = examples
        self.profiled = profiled
        self.figures: list[report.Figures] = []
        self.loads: list[report.Loaded] = []
        self._key = folder / "key.json"
        self._tokens = _tokens(self._key)
        self._made, self._directory = asyncio.run(templates(folder))

    def yardstick(self) -> None:
        """What the server costs before there is a service."""
        print(report.titles())
        with serving("bench.yardstick:app", {}, factory=False) as server:
            self._measure("", YARDSTICK, server, None)

    def engine(self, name: str, wanted: Sequence[Scenario]) -> None:
        """Every scenario on one database."""
        with running(name, self.folder) as engine:
            self.loads.append(engine.filled(self.terms.people, self._made, self._directory))
            print(report.told(self.loads[-1]))
            self._import(engine)
            if self.profiled:
                self._profile(engine, wanted)
                return
            with self._service(engine) as server:
                for one in wanted:
                    self._measure(name, one, server, engine.process)
            print(report.followed(name, follow(self._settings(engine), engine.process)), flush=True)
            if not self.terms.simulated:
                return
            self.loads.append(simulated(engine, in_roles(engine.url), self._key, self.terms.simulated))
            print(report.told(self.loads[-1]))

    def _import(self, engine: Engine) -> None:
        done = imported(engine, self.examples)
        if isinstance(done, report.Loaded):
            self.loads.append(done)
            print(report.told(done))
        else:
            print(done)

    def _profile(self, engine: Engine, wanted: Sequence[Scenario]) -> None:
        """Each scenario on a service of its own, and where its time went; the figures are those of a slowed service."""
        for one in wanted:
            kept = self.folder / "profile"
            with self._service(engine, kept) as server:
                requests = self._measure(engine.name, one, server, engine.process)
            print(profile.told(kept, requests))

    @contextmanager
    def _service(self, engine: Engine, kept: Path | None = None) -> Iterator[Serving]:
        # What follows from a change is the worker's, and is measured by itself when all changes have been made.
        settings = {**self._settings(engine), "ONEPLAN_FEED_WORKER": "false"}
        with serving(APP, settings, factory=True, profile=kept) as server:
            yield server

    def _settings(self, engine: Engine) -> dict[str, str]:
        """In its own role, behind the wall, as in production."""
        databases = {f"ONEPLAN_{name.upper()}": url for name, url in in_roles(engine.url).items()}
        return {**databases, "ONEPLAN_DEVELOPMENT_KEY": str(self._key)}

    def _measure(self, engine: str, one: Scenario, server: Serving, database: int | None) -> int:
        job = one.job(port=server.port, made=self._made, tokens=self._tokens, terms=self.terms)
        went, service, stored = loaded(job, server, database)
        fault = one.fault(went.first)
        if fault:
            raise BenchmarkError(f"{one.title}: {fault}: {went.first[:600]}")
        figures = report.Figures(
            engine=engine,
            name=one.name,
            title=one.title,
            requests=went.requests,
            rate=went.requests / went.seconds,
            p50=went.p50,
            p95=went.p95,
            p99=went.p99,
            service=service,
            database=stored,
            aim=one.aims.get(engine),
        )
        self.figures.append(figures)
        print(report.line(figures), flush=True)
        return went.asked


def _tokens(key: Path) -> Mapping[str, list[str]]:
    """The tokens of all workers whose agencies put the load on, by agency."""
    callers = [(sort, agency(sort, number)) for sort in CALLING for number in range(AGENCIES_OF_A_SORT)]
    return {
        of: [
            development.token(key, subject=worker(of, at), agency=of, role=SORTS[sort], scopes=SCOPES)
            for at in range(WORKERS_OF_AN_AGENCY)
        ]
        for sort, of in callers
    }


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m bench", description=__doc__)
    parser.add_argument("--people", type=int, default=10_000, help="how many people are loaded (10000)")
    parser.add_argument("--seconds", type=float, default=8.0, help="how long each scenario is measured (8)")
    parser.add_argument("--simulated", type=int, default=10, help="how many people are played through two weeks (10)")
    parser.add_argument("--connections", type=int, default=8, help="how many requests are under way at once (8)")
    parser.add_argument("--engine", choices=(*ENGINES, "both"), default="both")
    parser.add_argument("--only", action="append", choices=[one.name for one in SCENARIOS], help="may be repeated")
    parser.add_argument("--examples", type=Path, default=EXAMPLES, help="a folder of FHIR examples to import as well")
    parser.add_argument("--profile", action="store_true", help="say where the time of the service goes")
    parser.add_argument("--save", action="store_true", help="keep the figures in bench/results")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
