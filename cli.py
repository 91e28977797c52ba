"""The door for the terminal: demo, import, check, refresh, signals, forecast, brief, deliver, evaluate, serve. Twin of `app.py`."""

import functools
import os
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import click

from data import operational
from data.errors import Busy, NotReady, Refused, XianshouError
from data.site import Site, read_site
from pages.paper import FORMS
from pages.ui import words

if TYPE_CHECKING:
    from analytics.forecasting import ForecastReport
    from data.contract import ContractReport
    from data.delivery import Recipient
    from data.intake.load import BatchReport
    from pages.paper.delivering import Handed
    from pages.paper.making import Made


def _asked(arguments: list[str], option: str) -> str | None:
    """The value of an option before anything is parsed: the help has a language, a failure a folder."""
    found = [after for before, after in pairwise(arguments) if before == option]
    found += [one.removeprefix(f"{option}=") for one in arguments if one.startswith(f"{option}=")]
    return found[0] if found else None


def _language(arguments: list[str]) -> str:
    chosen = _asked(arguments, "--lang") or os.environ.get("XIANSHOU_LANG")
    return chosen if chosen in words.languages else "zh"


LANGUAGE = _language(sys.argv)
APP = Path(__file__).resolve().parent / "app.py"
BINARY = ("docx", "pdf", "xlsx")


def _help(name: str) -> str:
    return words.say(f"cli.help.{name}", LANGUAGE)


def _day(_context: click.Context, _option: click.Parameter, text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(words.say("cli.bad_day", LANGUAGE, found=text)) from None


def _moment(_context: click.Context, _option: click.Parameter, text: str | None) -> datetime | None:
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is not None:
        raise click.BadParameter(words.say("cli.bad_moment", LANGUAGE, found=text))
    return found


def _names(_context: click.Context, _option: click.Parameter, text: str) -> tuple[str, ...]:
    return tuple(one.strip() for one in text.split(",") if one.strip())


def _days(_context: click.Context, _option: click.Parameter, text: str) -> tuple[date, ...]:
    try:
        return tuple(date.fromisoformat(one.strip()) for one in text.split(","))
    except ValueError:
        raise click.BadParameter(words.say("cli.forecasts.bad_list", LANGUAGE, found=text)) from None


def _cells(_context: click.Context, _option: click.Parameter, text: str) -> int | None:
    if text != "all" and not text.isdigit():
        raise click.BadParameter(words.say("cli.forecasts.bad_cells", LANGUAGE, found=text))
    return None if text == "all" else int(text)


class Progress:
    """Progress on standard error: one line rewritten on a terminal, one line a stage elsewhere."""

    def __init__(self, language: str) -> None:
        self._language, self._stage = language, None

    def __call__(self, stage: str, share: float) -> None:
        said = (
            words.say(f"cli.stage.{stage}", self._language)
            if words.has(f"cli.stage.{stage}", self._language)
            else stage
        )
        if sys.stderr.isatty():
            click.echo(f"\r\033[K{said} {min(max(share, 0), 1):4.0%}", nl=False, err=True)
        elif stage != self._stage:
            click.echo(said, err=True)
        self._stage = stage

    def end(self) -> None:
        if self._stage and sys.stderr.isatty():
            click.echo("\r\033[K", nl=False, err=True)


@click.group(help=_help("main"), context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--home", type=click.Path(path_type=Path), help=_help("home"))
@click.option("--lang", type=click.Choice(words.languages), default=LANGUAGE, help=_help("lang"))
@click.version_option(package_name="xianshou", prog_name="xianshou")
@click.pass_context
def xianshou(context: click.Context, home: Path | None, lang: str) -> None:
    context.obj = {"home": home, "lang": lang}


def _at_site(command: Callable) -> Callable:
    """Hand a command the site and the language; say a mendable error as one sentence, with exit code 1 (3 when busy)."""

    @click.pass_context
    @functools.wraps(command)
    def run(context: click.Context, **options: object) -> None:
        language = context.obj["lang"]
        site = read_site(context.obj["home"], options.pop("database_url", None))
        try:
            command(site, language, **options)
        except XianshouError as error:
            click.echo("\r\033[K" if sys.stderr.isatty() else "", nl=False, err=True)
            click.echo(words.say(f"errors.{error.key}", language, **error.values), err=True)
            context.exit(3 if isinstance(error, Busy) else 1)

    return run


_DATABASE = click.option("--database-url", help=_help("database_url"))


@xianshou.command(help=_help("demo"))
@click.option("--matters", type=click.IntRange(1000), default=60_000, show_default=True, help=_help("matters"))
@click.option("--seed", type=int, default=20260101, show_default=True, help=_help("seed"))
@click.option("--through", callback=_day, metavar="YYYY-MM-DD", help=_help("through"))
@_at_site
def demo(site: Site, language: str, matters: int, seed: int, through: date | None) -> None:
    from data import town
    from data.migrations import upgrade_operational
    from data.town.boundaries import write_boundaries

    _must_be_embedded(site)
    progress = Progress(language)
    upgrade_operational(site.database_url)
    built = town.build_town(seed=seed, through=through or _yesterday(site), matters=matters)
    town.write_town(built, operational.create_engine(site.database_url), progress=progress)
    write_boundaries(built.tables["area"], site.home, seed)
    progress.end()
    click.echo(words.say("cli.demo_done", language, home=site.home, surges=len(built.truth)))
    _refresh(site, language, full=True)


@xianshou.command("import", help=_help("import"))
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--profile", default="standard", show_default=True, help=_help("profile"))
@click.option("--source-system", metavar="NAME", help=_help("source_system"))
@click.option("--kind", type=click.Choice(operational.KINDS), help=_help("import_kind"))
@click.option("--dry-run", is_flag=True, help=_help("dry_run"))
@click.option("--errors", type=click.Path(dir_okay=False, path_type=Path), help=_help("errors"))
@_at_site
def import_(
    site: Site,
    language: str,
    files: tuple[Path, ...],
    profile: str,
    source_system: str | None,
    kind: str | None,
    dry_run: bool,
    errors: Path | None,
) -> None:
    from data.intake import findings, load, profiles
    from data.migrations import upgrade_operational

    _must_be_embedded(site)
    progress = Progress(language)
    upgrade_operational(site.database_url)
    chosen = profiles.read_profile(profile)
    given = {"source_system": source_system, "kind": kind}
    report = load.import_files(
        operational.create_engine(site.database_url),
        files,
        replace(chosen, **{name: value for name, value in given.items() if value}),
        actor=site.actor,
        now=site.now(),
        dry_run=dry_run,
        progress=progress,
        time_zone=site.time_zone,
    )
    progress.end()
    _print_import(report, language)
    if errors is not None:
        errors.write_bytes(findings.write_error_file(report.findings, lambda key: words.say(key, language)))
        click.echo(words.say("cli.import_errors", language, file=errors))


@xianshou.command("profile", help=_help("profile_command"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source-system", metavar="NAME", required=True, help=_help("source_system"))
@click.option(
    "--kind", type=click.Choice(operational.KINDS), default="hotline", show_default=True, help=_help("import_kind")
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_help("profile_out"))
@_at_site
def profile_(site: Site, language: str, file: Path, source_system: str, kind: str, out: Path | None) -> None:
    from data.intake import proposals, readers
    from data.intake.findings import Findings

    proposed = proposals.propose_profile(readers.open_source(file, Findings(), time_zone=site.time_zone).headers)
    for one in proposed:
        state = words.say(f"intake.states.{one.state}", language)
        others = ", ".join(one.alternatives) or words.NOTHING
        said = {"header": one.header, "target": one.target or words.NOTHING, "state": state, "others": others}
        click.echo(words.say("cli.profile.line", language, **said))
    if out is None:
        click.echo(words.say("cli.profile.confirm", language))
        return
    choices = {one.header: one.target for one in proposed}
    out.write_text(proposals.draft_profile(choices, source_system=source_system, kind=kind), encoding="utf-8")
    click.echo(words.say("cli.profile.written", language, file=out))


@xianshou.command(help=_help("check"))
@_DATABASE
@click.option("--profile", help=_help("check_profile"))
@_at_site
def check(site: Site, language: str, profile: str | None) -> None:
    from data.contract import check_database
    from data.intake import profiles

    chosen = profile or site.mapping
    report = check_database(
        operational.create_engine(site.database_url), profiles.read_profile(chosen) if chosen else None
    )
    _print_check(report, language)
    sys.exit(0 if report.is_usable else 1)


@xianshou.command(help=_help("contract"))
def contract() -> None:
    from pages.paper.dictionary import contract_text

    click.echo(contract_text(), nl=False)


@xianshou.command(help=_help("refresh"))
@_DATABASE
@click.option("--full", is_flag=True, help=_help("full"))
@click.option("--no-signals", is_flag=True, help=_help("no_signals"))
@click.option("--no-forecasts", is_flag=True, help=_help("no_forecasts"))
@_at_site
def refresh(site: Site, language: str, full: bool, no_signals: bool, no_forecasts: bool) -> None:
    _refresh(site, language, full=full, with_signals=not no_signals, with_forecasts=not no_forecasts)


@xianshou.command(help=_help("forecast"))
@click.option("--as-of", "as_of", callback=_day, metavar="YYYY-MM-DD", help=_help("forecast_as_of"))
@click.option("--backtest", is_flag=True, help=_help("forecast_backtest"))
@click.option("--scheduler", metavar="tcp://HOST:PORT", help=_help("forecast_scheduler"))
@click.option("--workers", type=click.IntRange(1), default=2, show_default=True, help=_help("forecast_workers"))
@_at_site
def forecast(
    site: Site, language: str, as_of: date | None, backtest: bool, scheduler: str | None, workers: int
) -> None:
    from analytics.forecasting import Workers, forecast_site
    from analytics.refresh import stand_back
    from data.desk import open_desk
    from data.in_force import calendar_in_force
    from data.versions import one_writer

    kept, progress = open_desk(site.desk_url), Progress(language)
    stand_back()
    asked = {"day": as_of, "backtests": backtest, "workers": Workers(workers, scheduler), "progress": progress}
    with one_writer(site.mart_folder):
        report = forecast_site(site, kept, calendar=calendar_in_force(kept), now=site.now(), **asked)
    progress.end()
    _print_forecast(report, language)


@xianshou.command(help=_help("signals"))
@click.option("--as-of", "as_of", callback=_day, metavar="YYYY-MM-DD", help=_help("as_of"))
@click.option("--area", metavar="CODE", help=_help("area"))
@click.option("--kind", type=click.Choice(operational.KINDS), help=_help("kind"))
@click.option(
    "--format", "form", type=click.Choice(("md", "json")), default="md", show_default=True, help=_help("signals_format")
)
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_help("out"))
@_at_site
def signals(
    site: Site, language: str, as_of: date | None, area: str | None, kind: str | None, form: str, out: Path | None
) -> None:
    from analytics.warnings import signal_list
    from pages.paper.signals_text import signals_file

    known = _known_now(site)
    found = signal_list(
        known["mart"], known["desk"], site.actor.scope, as_of or _yesterday(site), area_code=area, kind=kind
    )
    _hand_out(signals_file(found, form, language), out, language)


def _form(form: str | None, out: Path | None, usual: str) -> str:
    """The form asked for, else the one that the file's ending names; an ending that names none, or another, is refused."""
    ending = out.suffix.removeprefix(".").lower() if out else ""
    if form is None and ending and ending not in FORMS:
        raise Refused("cli.ending_unknown", file=out, forms=", ".join(FORMS))
    if form and ending in FORMS and ending != form:
        raise Refused("cli.ending_differs", file=out, form=form)
    form = form or ending or usual
    if out is None and form in BINARY and sys.stdout.isatty():
        raise Refused("cli.binary", form=form)
    return form


def _hand_out(content: bytes, out: Path | None, language: str) -> None:
    """Write to the screen or to a file; where a file of that name is replaced, that is said."""
    if out is None:
        sys.stdout.buffer.write(content)
        return
    from data.delivery import drop_file

    said = "cli.replaced" if out.exists() else "cli.written"
    drop_file(out, content)
    click.echo(words.say(said, language, file=out))


@xianshou.group(help=_help("brief"))
def brief() -> None:
    pass


def _brief_command(name: str) -> None:
    """The command that prints one kind of brief."""

    @brief.command(name, help=_help(f"brief_{name}"))
    @click.option("--as-of", "as_of", callback=_day, metavar="YYYY-MM-DD", help=_help("as_of"))
    @click.option("--area", metavar="CODE", help=_help("area"))
    @click.option("--kind", type=click.Choice(operational.KINDS), help=_help("kind"))
    @click.option("--format", "form", type=click.Choice(FORMS), help=_help("format"))
    @click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_help("out"))
    @click.option("--as-known", "as_known", callback=_moment, metavar="YYYY-MM-DDTHH:MM", help=_help("as_known"))
    @_at_site
    def command(
        site: Site,
        language: str,
        as_of: date | None,
        area: str | None,
        kind: str | None,
        form: str | None,
        out: Path | None,
        as_known: datetime | None,
    ) -> None:
        form = _form(form, out, "md")
        _hand_out(_made(site, language, name, as_of, area, kind, as_known).file(form), out, language)


for _name in ("daily", "weekly", "monthly", "annual", "trends"):
    _brief_command(_name)


def _made(
    site: Site,
    language: str,
    name: str,
    as_of: date | None,
    area: str | None,
    kind: str | None,
    as_known: datetime | None,
) -> "Made":
    """One brief, from the version that serves or as then known."""
    from pages.paper.making import Asked, make

    known = _known_now(site) if as_known is None else _known_then(site, as_known)
    now = as_known or site.now()
    day = as_of or now.date() - timedelta(days=1)
    ask = Asked(
        scope=site.actor.scope, day=day, language=language, now=now, area_code=area, kind=kind, post=site.post, **known
    )
    return make(name, ask, fonts_folder=site.fonts_folder)


def _known_now(site: Site) -> dict[str, object]:
    """The version that serves, the desk, the calendar in force and the last refresh."""
    from data import desk, in_force, mart

    kept = desk.open_desk(site.desk_url)
    return {
        "mart": mart.open_mart(site.mart_folder), "desk": kept, "calendar": in_force.calendar_in_force(kept),
        "attempt": mart.last_attempt(site.mart_folder),
    }  # fmt: skip


def _known_then(site: Site, at: datetime) -> dict[str, object]:
    """The same as they were at a moment."""
    from data import desk, in_force
    from data.desk_replay import desk_as_known
    from data.replay import open_mart_as_known
    from data.versions import attempt_as_known

    if at > site.now():
        raise NotReady("cli.not_yet", found=f"{at:%Y-%m-%dT%H:%M}", now=site.now())
    then = open_mart_as_known(site.mart_folder, at)
    return {
        "mart": then, "desk": desk_as_known(desk.open_desk(site.desk_url), at), "calendar": in_force.calendar_of(then),
        "attempt": attempt_as_known(site.mart_folder, at),
    }  # fmt: skip


@xianshou.command(help=_help("deliver"))
@click.option("--as-of", "as_of", callback=_day, metavar="YYYY-MM-DD", help=_help("deliver_as_of"))
@click.option("--recipients", type=click.Path(dir_okay=False, path_type=Path), help=_help("recipients"))
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), help=_help("deliver_out"))
@click.option("--only", multiple=True, metavar="NAME", help=_help("only"))
@click.option("--check", "check_only", is_flag=True, help=_help("check_only"))
@_at_site
def deliver(
    site: Site,
    language: str,
    as_of: date | None,
    recipients: Path | None,
    out: Path | None,
    only: tuple[str, ...],
    check_only: bool,
) -> None:
    from data import delivery, mailing, versions
    from pages.paper import delivering

    day, kept = as_of or _yesterday(site), site.home / "delivered"
    known = delivery.read_recipients(recipients or site.home / "recipients.toml", out or site.home / "deliveries")
    chosen = delivery.chosen(known, only)
    server = mailing.read_mail_server(os.environ)
    if check_only:
        return _print_due(chosen, day, kept, language)
    run = delivering.Run(
        **_known_now(site), now=site.now(), time_zone=site.time_zone, actor=site.actor, receipts=kept, server=server,
        fonts_folder=site.fonts_folder,
    )  # fmt: skip
    with versions.one_writer(kept, "delivery.running"):
        failed = _print_handed(delivering.deliver(chosen, day, run), site, language)
    sys.exit(1 if failed else 0)


def _print_due(chosen: "tuple[Recipient, ...]", day: date, kept: Path, language: str) -> None:
    from data import delivery

    found = [
        (one, due)
        for one in chosen
        for due in delivery.due_on(day, one.briefs, delivery.read_receipts(kept, one).known)
    ]
    for one, due in found:
        brief = words.name("brief", due.brief, language)
        click.echo(words.say("cli.deliver.due", language, recipient=one.name, brief=brief, period=due.period))
    if not found:
        click.echo(words.say("cli.deliver.nothing", language))


def _print_handed(handed: "Iterator[Handed]", site: Site, language: str) -> int:
    """Say what became of each brief as it is done; returns how many could not be completed."""
    done = failed = 0
    for one in handed:
        brief = words.name("brief", one.due.brief, language)
        said = {"recipient": one.recipient, "brief": brief, "period": one.due.period}
        if one.files:
            folder = one.files[0].parent
            click.echo(words.say("cli.deliver.files", language, **said, count=len(one.files), folder=folder))
        if one.mailed or one.had_it:
            click.echo(words.say("cli.deliver.mailed", language, **said, mailed=one.mailed, had_it=one.had_it))
        if one.error is not None:
            reason = words.tell_error(one.error, language)
            click.echo(words.say("cli.deliver.failed", language, **said, reason=reason), err=True)
        if one.trace is not None:
            click.echo(words.say("cli.deliver.trace", language, file=_note_failure(site.home, one.trace)), err=True)
        done, failed = (done + 1, failed) if one.error is None else (done, failed + 1)
    summary = {"count": done + failed, "done": done, "failed": failed}
    click.echo(words.say("cli.deliver.summary" if done + failed else "cli.deliver.nothing", language, **summary))
    return failed


@xianshou.group(help=_help("evaluate"))
def evaluate() -> None:
    pass


@evaluate.command("signals", help=_help("evaluate_signals"))
@click.option("--counts", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=_help("evaluate_counts"))
@click.option("--scenarios", is_flag=True, help=_help("evaluate_scenarios"))
@click.option("--quick", is_flag=True, help=_help("evaluate_quick"))
@click.option("--seed", type=click.IntRange(1), default=1, show_default=True, help=_help("evaluate_seed"))
@_at_site
def evaluate_signals(site: Site, language: str, counts: Path | None, scenarios: bool, quick: bool, seed: int) -> None:
    from analytics.evaluating import asked_for, keep
    from analytics.evaluating import evaluate_signals as run
    from data.workdays import build_calendar
    from pages.paper.evaluation import evaluation_text

    progress = Progress(language)
    asked = asked_for(counts, scenarios=scenarios, quick=quick, seed=seed)
    found = run(asked, made_at=site.now(), calendar=build_calendar(), progress=progress)
    progress.end()
    click.echo(evaluation_text(found, language))
    said = {"file": keep(found, site.home), "seconds": round(found.seconds), "seed": seed, "code": found.code}
    click.echo(words.say("cli.evaluate.kept", language, **said))


@evaluate.command("budget", help=_help("evaluate_budget"))
@click.option("--a-week", type=click.IntRange(1, 100), help=_help("budget_a_week"))
@click.option("--weeks", type=click.IntRange(4, 260), default=104, show_default=True, help=_help("budget_weeks"))
@click.option("--quick", is_flag=True, help=_help("budget_quick"))
@_at_site
def evaluate_budget(site: Site, language: str, a_week: int | None, weeks: int, quick: bool) -> None:
    from analytics.detection import day_to_judge
    from analytics.signals.settings import rules_from
    from analytics.warnings.weighing import keep_budget, replay_budget
    from data import in_force
    from data.desk import open_desk
    from data.mart import open_mart
    from pages.paper.budget import budget_text

    desk, mart = open_desk(site.desk_url), open_mart(site.mart_folder)
    day = day_to_judge(mart, site.now().date() - timedelta(days=1))
    rules, progress = rules_from(in_force.signal_rules_in_force(desk, day)), Progress(language)
    asked = {"calendar": in_force.calendar_in_force(desk), "rules": rules, "budget_a_week": a_week, "weeks": weeks}
    asked |= {"every_days": 7 if quick else 1}
    found = replay_budget(mart, desk, day, **asked, progress=progress)
    progress.end()
    click.echo(budget_text(found, day, language))
    click.echo(words.say("cli.budget.kept", language, file=keep_budget(found, site.home, day, site.now())))


@evaluate.command("forecasts", help=_help("evaluate_forecasts"))
@click.option(
    "--counts",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help=_help("forecast_counts"),
)
@click.option("--value", required=True, metavar="COLUMN", help=_help("forecast_value"))
@click.option("--series-columns", default="", metavar="A,B", callback=_names, help=_help("forecast_series_columns"))
@click.option(
    "--freq", type=click.Choice(("D", "W", "M", "Q")), default="D", show_default=True, help=_help("forecast_freq")
)
@click.option("--horizon", required=True, type=click.IntRange(1, 400), help=_help("forecast_horizon"))
@click.option("--origins", required=True, metavar="D1,D2,…", callback=_days, help=_help("forecast_origins"))
@click.option("--models", default="", metavar="A,B", callback=_names, help=_help("forecast_models"))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_help("forecast_out"))
@click.option("--cells", default="30", show_default=True, callback=_cells, help=_help("forecast_cells"))
@click.option("--calendar", default="auto", show_default=True, help=_help("forecast_calendar"))
@click.option("--scheduler", metavar="tcp://…", help=_help("forecast_scheduler"))
@click.option("--workers", type=click.IntRange(1, 256), default=os.cpu_count() or 1, help=_help("forecast_workers"))
@_at_site
def evaluate_forecasts(site: Site, language: str, out: Path | None, **asked: object) -> None:
    from analytics.forecasting_evaluation import Asked
    from analytics.forecasting_evaluation import evaluate_forecasts as run
    from pages.paper.forecast_evaluation import forecast_evaluation_text

    progress = Progress(language)
    asked["columns"] = asked.pop("series_columns")
    found = run(Asked(**asked), site.home, progress)
    progress.end()
    click.echo(forecast_evaluation_text(found, language))
    if out is not None:
        from data.delivery import drop_file

        drop_file(out, found.forecasts.to_csv(index=False).encode())
        click.echo(words.say("cli.forecasts.written", language, file=out, rows=len(found.forecasts)))


@xianshou.group(help=_help("scores"))
def scores() -> None:
    pass


def _scores_command(kind: str) -> None:
    """The command that prints one kind of scorecards."""

    @scores.command(kind, help=_help(f"scores_{kind}"))
    @click.option("--period", metavar="2026-10", help=_help("scores_period"))
    @click.option("--area", metavar="CODE", help=_help("area"))
    @click.option("--unit", metavar="ID", help=_help("scores_unit"))
    @click.option("--as-of", "as_of", callback=_day, metavar="YYYY-MM-DD", help=_help("as_of"))
    @click.option("--format", "form", type=click.Choice(FORMS), help=_help("scores_format"))
    @click.option("--rules", type=click.Path(exists=True, dir_okay=False, path_type=Path), help=_help("scores_rules"))
    @click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help=_help("out"))
    @_at_site
    def command(
        site: Site,
        language: str,
        period: str | None,
        area: str | None,
        unit: str | None,
        as_of: date | None,
        form: str | None,
        rules: Path | None,
        out: Path | None,
    ) -> None:
        from pages.paper.scores_making import AskedScores, scores_file

        form = _form(form, out, "json")
        known, day = _known_now(site), as_of or _yesterday(site)
        named = f"{day.replace(day=1) - timedelta(days=1):%Y-%m}" if period is None else period
        about = {"area_code": area, "unit_id": unit, "rules": rules}
        ask = AskedScores(
            known["mart"], known["desk"], site.actor.scope, kind, named, day, language, site.now().date(), **about
        )
        _hand_out(scores_file(ask, form, fonts_folder=site.fonts_folder), out, language)


for _name in ("party", "volunteer", "alliance"):
    _scores_command(_name)


@scores.command("check-rules", help=_help("scores_check"))
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_at_site
def check_rules(_site: Site, language: str, file: Path) -> None:
    from analytics.scorecards import rules_of_file
    from pages.paper.scores_making import rules_changes

    rules = rules_of_file(file)
    said = {"scorecard": words.say(f"scores.kind.{rules.scorecard}", language), "valid_from": rules.valid_from}
    said |= {"weight": sum(rules.weights.values()), "count": sum(one > 0 for one in rules.weights.values())}
    click.echo(words.say("cli.scores.rules_good", language, content=rules.content, **said))
    if said["weight"] != 100:
        click.echo(words.say("cli.scores.not_hundred", language))
    for name, *values in rules_changes(rules):
        before, after = (
            words.NOTHING if one is None else f"{one:g}" if isinstance(one, float) else str(one) for one in values
        )
        click.echo(words.say("cli.scores.changed", language, name=name, before=before, after=after))


@xianshou.command(help=_help("serve"))
@click.option("--port", type=click.IntRange(1, 65535), default=8501, show_default=True, help=_help("port"))
@_at_site
def serve(site: Site, language: str, port: int) -> None:
    os.environ["XIANSHOU_HOME"] = str(site.home)
    os.environ["XIANSHOU_LANG"] = language
    os.environ["TZ"] = site.time_zone
    os.chdir(APP.parent)  # the frame's configuration lies beside it
    click.echo(words.say("cli.serving", language, address=f"http://127.0.0.1:{port}"), err=True)
    # Until identity is built, only this machine may connect.
    bound = ["--server.address=127.0.0.1", f"--server.port={port}"]
    os.execv(sys.executable, [sys.executable, "-m", "streamlit", "run", str(APP), *bound])


def _print_import(report: "BatchReport", language: str) -> None:
    from data.intake.findings import TIER_OF, TIERS

    said = {"batch": report.batch_id, "rows": report.rows_read, "inserted": report.inserted, "updated": report.updated}
    said |= {"unchanged": report.unchanged, "refused": report.refused, "repeated": report.repeated}
    said |= {"reports": report.reports_counted}
    click.echo(words.say("cli.import.dry" if report.batch_id is None else "cli.import.done", language, **said))
    for code, count in sorted(report.tally.items(), key=lambda pair: (TIERS.index(TIER_OF[pair[0]]), -pair[1])):
        tier = words.say(f"findings.tiers.{TIER_OF[code]}", language)
        what = words.say(f"findings.{code}.what", language)
        click.echo(words.say("cli.import.finding", language, tier=tier, what=what, count=count))
    if report.batch_id is not None:
        click.echo(words.say("cli.import.next", language))


def _print_check(report: "ContractReport", language: str) -> None:
    """Table by table what is there and what it lacks, then what that switches on and off."""

    def say(key: str, **values: object) -> str:
        return words.say(f"cli.check.{key}", language, **values)

    click.echo(say("database", database=report.database))
    for table in report.tables:
        if table.state == "missing":
            continue
        found, wanted = len(table.columns), len(table.columns) + len(table.missing)
        click.echo(
            say(
                "table",
                table=table.table,
                state=words.say(f"contract.states.{table.state}", language),
                rows=table.rows,
                found=found,
                wanted=wanted,
            )
        )
        if table.missing:
            click.echo(say("lacks", columns=", ".join(table.missing)))
        if table.empty:
            click.echo(say("empty", columns=", ".join(table.empty)))
        for note in table.notes:
            click.echo(
                say("blocking" if note.is_blocking else "note")
                + words.say(f"contract.warnings.{note.key}", language, **note.values)
            )
    absent = [table.table for table in report.tables if table.state == "missing"]
    if absent:
        click.echo(say("absent", tables=", ".join(absent)))
    for feature in report.on:
        click.echo(say("on", feature=words.say(f"contract.features.{feature}", language)))
    for feature in report.off:
        lacking = ", ".join(report.why_off[feature])
        click.echo(say("off", feature=words.say(f"contract.features.{feature}", language), lacking=lacking))
    click.echo(say("usable" if report.is_usable else "unusable"))


def _must_be_embedded(site: Site) -> None:
    if not site.uses_embedded:
        raise Refused("cli.foreign_database", home=site.home)


def _yesterday(site: Site) -> date:
    return site.now().date() - timedelta(days=1)


def _print_forecast(report: "ForecastReport", language: str) -> None:
    """How many series were forecast, by which weights, what was issued, and which years lack a calendar."""
    said = {
        "series": sum(report.series.values()),
        "naive": report.naive,
        "refused": report.refused,
        "issued": report.issued,
    }
    said |= {"through": report.judged_through, "seconds": round(report.seconds, 1)}
    click.echo(words.say("cli.forecast.done", language, **said))
    weighed = "shipped" if report.weights_made_on is None else "weighed"
    click.echo(words.say(f"cli.forecast.{weighed}", language, day=report.weights_made_on or report.as_of))
    for year in report.years_missing:
        click.echo(words.say("cli.forecast.year_missing", language, year=year), err=True)


def _refresh(site: Site, language: str, *, full: bool, with_signals: bool = True, with_forecasts: bool = True) -> None:
    from analytics.refresh import refresh as publish
    from data import desk
    from data.in_force import calendar_in_force, deadline_rules_in_force

    kept, now, progress = desk.open_desk(site.desk_url), site.now(), Progress(language)
    calendar, detected, forecast_for = calendar_in_force(kept), [], []

    def judge() -> None:
        from analytics.detection import detect_site

        detected.append(detect_site(site, kept, calendar=calendar, now=now, progress=progress))

    def look_ahead() -> None:
        from analytics.forecasting import forecast_site

        forecast_for.append(forecast_site(site, kept, calendar=calendar, now=now, progress=progress))

    report = publish(
        site,
        now=now,
        full=full,
        calendar=calendar,
        rules=deadline_rules_in_force(kept, now.date()),
        progress=progress,
        then=judge if with_signals else None,
        forecast=look_ahead if with_forecasts else None,
    )
    progress.end()
    values = {"version": report.version, "matters": report.rows["matter"], "seconds": round(report.seconds, 1)}
    click.echo(
        words.say("cli.refresh_full" if report.full else "cli.refresh_done", language, **values, **report.changes)
    )
    for key, filled in report.warnings:
        click.echo(words.say(key, language, **filled), err=True)
    for one in detected:
        tiers = {tier: one.listed.get(tier, 0) for tier in ("found", "watch", "digest")}
        said = {"judged": one.judged, "issued": len(one.issued), "seconds": round(one.seconds, 1)}
        click.echo(words.say("cli.signals.done", language, **said, **tiers))
        if one.replayed_weeks:
            click.echo(words.say("cli.signals.replayed", language, count=one.replayed_weeks))
    if report.later is not None:
        click.echo(words.say("cli.signals.failed", language, reason=words.tell_error(report.later, language)), err=True)
    for one in forecast_for:
        _print_forecast(one, language)
    if report.forecasts is not None:
        reason = words.tell_error(report.forecasts, language)
        click.echo(words.say("cli.forecast.failed", language, reason=reason), err=True)
    for trace in filter(None, (report.later_trace, report.forecasts_trace)):
        click.echo(words.say("cli.failure", language, file=_note_failure(site.home, trace)), err=True)


def _note_failure(folder: Path, trace: str) -> Path:
    """Write down what nobody foresaw, for whoever maintains the installation."""
    folder.mkdir(parents=True, exist_ok=True)
    note = folder / f"failure-{datetime.now():%Y%m%d-%H%M%S-%f}.txt"
    note.write_text(trace, encoding="utf-8")
    return note


def main() -> None:
    """The console script; an unforeseen failure is one sentence and a file, never a traceback on the screen."""
    try:
        xianshou(prog_name="xianshou")
    except Exception:  # noqa: BLE001 the last resort of a door
        import traceback

        note = _note_failure(read_site(_asked(sys.argv, "--home")).home, traceback.format_exc())
        click.echo(words.say("cli.failure", LANGUAGE, file=note), err=True)
        sys.exit(70)


if __name__ == "__main__":
    main()
