"""The model servers of an invocation that names some: connected by address, or served here from their files."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace

from docanalyze import config, llm, tokens
from docanalyze.config import Settings
from docanalyze.errors import UsageError
from docanalyze.llm import Progress, Sampling, Served
from docanalyze.model import Event, Notify
from docanalyze.pipeline import starting, trusted
from docanalyze.pipeline.hosting import Bench, Host, Seat, Turn, wanted_of
from docanalyze.pipeline.planning import Models
from docanalyze.pipeline.serving import Wanted, lacks_one
from docanalyze.runtime import profiles
from docanalyze.runtime.plan import Placement
from docanalyze.runtime.values import Role


@contextmanager
def opened(settings: Settings, wanted: Wanted, notify: Notify) -> Iterator[Models]:
    """The servers that the settings name, connected. Raises UsageError, and ServerError where one cannot be used."""
    placement = _placement(settings, wanted)
    judging = wanted.judging and _has_judge(settings, placement)
    finding = (wanted.finding or wanted.escalate) and bool(settings.main_url or settings.main_file)
    if wanted.escalate and not (finding and judging):
        raise lacks_one()
    with ExitStack() as stack:
        opening = _Opening(settings, notify, stack)
        sampling = Sampling(settings.temperature, settings.seed)
        if placement is Placement.IN_TURN and judging and finding:
            if wanted.escalate:
                raise UsageError(
                    "--escalate needs both models at once, and they take turns", "set DOCANALYZE_PLACEMENT=together"
                )
            main, judge = opening.in_turn()
            known = trusted.length(settings, main)
            yield Models(main, judge, sampling, False, wanted.keep_prompts, in_turn=True, trusted=known)
            return
        found = opening.main() if finding or (judging and placement is Placement.ONE) else None
        judged = opening.judge(placement, found) if judging else None
        known = trusted.length(settings, found) if finding else None
        main_model = found if finding else None
        yield Models(main_model, judged, sampling, wanted.escalate, wanted.keep_prompts, trusted=known)


def _placement(settings: Settings, wanted: Wanted) -> Placement:
    """Where the judge stands. Only of two models that are served here, both of them wanted, there is a choice."""
    if settings.judge_url or settings.main_url or not (wanted.judging and (wanted.finding or wanted.escalate)):
        return Placement(settings.placement) if settings.placement in ("cpu", "one") else Placement.TOGETHER
    return starting.placement(settings)


def _has_judge(settings: Settings, placement: Placement) -> bool:
    served_by_main = placement is Placement.ONE and settings.main_file is not None
    return bool(settings.judge_url or settings.judge_file or served_by_main)


class _Opening:
    """Opens servers that end with a stack."""

    def __init__(self, settings: Settings, notify: Notify, stack: ExitStack) -> None:
        self.settings = settings
        self.notify = notify
        self.stack = stack
        self.host = Host(settings, notify)
        self.bench = Bench(self.host)
        stack.callback(self.bench.leave)

    def main(self) -> Served:
        if self.settings.main_url:
            return self._connected("main", self.settings.main_url, self.settings.main_model)
        return self._ours(Role.MAIN)

    def judge(self, placement: Placement, main: Served | None) -> Served:
        if self.settings.judge_url:
            return self._connected("judge", self.settings.judge_url, self.settings.judge_model)
        if placement is Placement.ONE and main is not None:
            return main
        return self._ours(Role.JUDGE, profiles.JUDGE_ON_CPU if placement is Placement.CPU else "")

    def _ours(self, role: Role, profile: str = "") -> Served:
        """A server of ours, started with all others when one of them is first asked."""
        wanted = self.host.settled(wanted_of(self.settings, role, profile))
        self.bench.expect(wanted)
        return Turn(self.bench, wanted)

    def in_turn(self) -> tuple[Served, Served]:
        """Two that take turns."""
        seat = Seat(self.host)
        self.stack.callback(seat.leave)
        wanted = (self.host.settled(wanted_of(self.settings, role)) for role in (Role.MAIN, Role.JUDGE))
        main, judge = (Turn(seat, one) for one in wanted)
        return main, judge

    def _connected(self, role: str, url: str, model: str) -> Served:
        stage = f"{role} server"

        def watch(progress: Progress) -> None:
            self.notify(Event(stage, f"{role} at {url}: {progress.waiting}"))

        server = llm.connect(
            url,
            tokens.packaged(),
            key=config.api_key(role),
            model=model,
            allow_remote=self.settings.allow_remote,
            watch=watch,
        )
        # What cannot be proven from outside: of what is in the server's log nothing is seen here.
        server.fingerprint = replace(server.fingerprint, proven=False)
        self.stack.callback(server.close)
        context = f"{server.context:,} tokens of context" if server.context else "its context unproven"
        self.notify(Event(stage, f"{role}: {server.fingerprint.model}, {context}"))
        return server
