"""`xianshou scores`: a list, or one card that holds all a recount needs, in every form; rule files are checked before they are used."""

import json
import math
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from python_calamine import CalamineWorkbook

from cli import xianshou
from data.mart import open_mart
from data.queries import names_of
from data.site import Site

AS_OF = ("--as-of", "2026-11-20")


def run(home: Path, *words: str, areas: str = "", role: str = "") -> Result:
    environment = {"XIANSHOU_DATABASE_URL": "", "XIANSHOU_AREAS": areas, "XIANSHOU_ROLE": role}
    return CliRunner(env=environment).invoke(xianshou, ["--home", str(home), "--lang", "en", *words])


@pytest.fixture(scope="module")
def street(town_site: Site) -> str:
    tree = names_of(open_mart(town_site.mart_folder)).areas
    return tree[tree["level_code"] == "street"]["area_code"].iloc[2]


def test_a_list_as_json_names_its_rules_and_every_unit_of_the_area(town_site: Site, street: str) -> None:
    result = run(town_site.home, "scores", "party", "--period", "2026-10", "--area", street, *AS_OF)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["scores"], found["period_name"], found["items_asked"]) == ("party", "2026-10", 0)
    assert found["rules"]["version"] == "shipped"
    assert len(found["lines"]) > 1
    assert all(line["unit"]["area_code"].startswith(street) for line in found["lines"])


def test_a_card_as_json_holds_all_that_a_recount_needs(town_site: Site, street: str) -> None:
    asked = ("scores", "party", "--period", "2026-10", "--unit", f"party-{street}", *AS_OF)
    found = json.loads(run(town_site.home, *asked).stdout)
    rated = [one for one in found["indicators"] if one["state"] == "scored"]
    assert rated
    for one in rated:
        assert {"numerator", "denominator", "raw_pct", "shrunk_pct", "interval", "weight", "basis"} <= one.keys()
        if one["basis"]["method"] == "rate":
            a, b = one["basis"]["alpha"], one["basis"]["beta"]
            share = (one["numerator"] + a) / (one["denominator"] + a + b)
            points = 100 * (1 - share if one["direction"] == "lower" else share)
            assert points == pytest.approx(one["points"], abs=0.01)
    score = found["line"]["score"]
    assert score is not None
    standing = [one for one in found["indicators"] if one["contribution"] is not None]
    assert sum(one["contribution"] for one in standing) == pytest.approx(score, abs=0.01)
    for one in standing:  # without points the peers' mean stands in
        own = one["points"] if one["points"] is not None else one["peer_pct"]
        if one["direction"] == "higher":
            assert one["contribution"] == pytest.approx(own * one["effective_weight"] / 100, abs=0.01)
    assert {row["state"] for row in found["items"]["timeliness"]} <= {"met", "not_met", "left_out"}
    assert "day" not in found["items"]["timeliness"][0]


@pytest.mark.parametrize(("kind", "form"), [("party", "xlsx"), ("volunteer", "docx")])
def test_a_list_or_card_is_written_for_word_and_excel(
    town_site: Site, street: str, tmp_path: Path, kind: str, form: str
) -> None:
    out = tmp_path / f"scores.{form}"
    unit = ("--unit", f"party-{street}") if (kind, form) == ("party", "xlsx") else ("--area", street)
    result = run(town_site.home, "scores", kind, "--period", "2026-10", *unit, *AS_OF, "--out", str(out))
    assert result.exit_code == 0, result.output
    with zipfile.ZipFile(out) as file:
        text = "".join(file.read(name).decode() for name in file.namelist() if name.endswith(".xml"))
    assert "An aid to judgement, not the sole basis of assessment." in text
    assert "scores." not in text


def sheet(book: CalamineWorkbook, name: str) -> dict[str, dict[str, object]]:
    """The rows of a sheet by what stands in their first cell."""
    head, *rows = book.get_sheet_by_name(name).to_python()
    return {row[0]: dict(zip(head, row, strict=True)) for row in rows if row[0]}


def points_by_hand(name: str, counted: dict, numbers: dict, subjects: dict) -> float:
    if counted["Points"] == "—":  # nothing to rate: the peers' mean stands in
        return 100 - numbers["Peer mean"] if "lower is better" in name else numbers["Peer mean"]
    match numbers["Method"]:
        case "Rate":
            share = (counted["Count"] + numbers["a"]) / (counted["Out of"] + numbers["a"] + numbers["b"])
            return 100 * (1 - share if "lower is better" in name else share)
        case "Counted whole":
            return 100 * counted["Count"] / counted["Out of"]
        case "Mean":
            own = numbers["Spread s"] ** 2 / (numbers["Spread s"] ** 2 + numbers["Variance v"])
            return numbers["Peer mean"] + own * (numbers["As counted"] - numbers["Peer mean"])
    total = 0.0
    for row in subjects.values():
        odds = row["Peers' rate"] / (1 - row["Peers' rate"]) * math.exp(numbers["Effect d"])
        total += row["Peers' mix"] * odds / (1 + odds)
    return 100 * total


def test_a_total_is_recounted_by_hand_from_the_excel_file_alone(town_site: Site, street: str, tmp_path: Path) -> None:
    out = tmp_path / "card.xlsx"
    asked = ("scores", "party", "--period", "2026-10", "--unit", f"party-{street}", *AS_OF, "--out", str(out))
    assert run(town_site.home, *asked).exit_code == 0
    book = CalamineWorkbook.from_path(str(out))
    counted, numbers = sheet(book, "Indicators"), sheet(book, "The numbers of each indicator")
    weights = {name: row["Weight"] for name, row in sheet(book, "Targets, intervals and windows").items()}
    subjects = sheet(book, "Resolved locally subjects")
    items = sheet(book, "Matter what each counts for")
    found = {name: points_by_hand(name, counted[name], row, subjects) for name, row in numbers.items()}
    score = sum(found[name] * weights[name] for name in found) / sum(weights[name] for name in found)
    told = next(row[1] for row in book.get_sheet_by_name("Summary").to_python() if row[0] == "Score")
    assert score == pytest.approx(told, abs=0.005)
    states = [row["Closed on time"] for row in items.values()]
    assert (states.count("Met"), states.count("Met") + states.count("Not met")) == (
        counted["Closed on time"]["Count"], counted["Closed on time"]["Out of"]
    )  # fmt: skip


def test_a_card_names_no_post_and_holds_no_formula(town_site: Site, street: str, tmp_path: Path) -> None:
    asked = ("scores", "party", "--period", "2026-10", "--unit", f"party-{street}", *AS_OF)
    told = run(town_site.home, *asked).stdout
    assert not {"post", "approved_by", "decided_by"} & set(json.loads(told)["rules"])
    assert '"post"' not in told
    out = tmp_path / "card.xlsx"
    run(town_site.home, *asked, "--out", str(out))
    with zipfile.ZipFile(out) as file:
        sheets = "".join(file.read(name).decode() for name in file.namelist() if name.startswith("xl/worksheets"))
    assert "<f>" not in sheets


def test_a_file_of_the_same_name_is_replaced_and_that_is_said(town_site: Site, street: str, tmp_path: Path) -> None:
    out = tmp_path / "list.json"
    asked = ("scores", "party", "--period", "2026-10", "--area", street, *AS_OF, "--out", str(out))
    assert "in place of" not in run(town_site.home, *asked).output
    assert "in place of" in run(town_site.home, *asked).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--area", "42"), "Area 42 does not exist"),
        (("--area", ""), "does not exist"),
        (("--period", ""), "cannot be read"),
        (("--unit", "nobody"), "no unit nobody"),
        (("--out", "scores.odt"), "names no form"),
        (("--out", "scores.docx", "--format", "pdf"), "does not fit"),
    ],
)
def test_what_cannot_be_answered_is_one_sentence_and_no_file(
    town_site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = run(town_site.home, "scores", "party", "--period", "2026-10", *AS_OF, *words)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


def test_a_unit_outside_the_area_asked_for_is_refused(town_site: Site, street: str) -> None:
    tree = names_of(open_mart(town_site.mart_folder)).areas
    other = tree[tree["level_code"] == "street"]["area_code"].iloc[0]
    result = run(town_site.home, "scores", "party", "--area", other, "--unit", f"party-{street}", *AS_OF)
    assert result.exit_code == 1
    assert f"no unit party-{street}" in result.stderr


def test_a_reader_of_one_community_gets_the_own_card_and_no_other(town_site: Site, street: str) -> None:
    tree = names_of(open_mart(town_site.mart_folder)).areas
    place, other = tree[tree["level_code"] == "community"]["area_code"].iloc[[0, 1]]
    asked = ("scores", "party", "--period", "2026-10", *AS_OF)
    found = json.loads(run(town_site.home, *asked, areas=place, role="community").stdout)
    assert found["line"]["unit"]["area_code"] == place
    refused = run(town_site.home, *asked, "--unit", f"party-{other}", areas=place, role="community")
    assert refused.exit_code == 1
    assert "within your areas" in refused.stderr


def test_a_rule_file_is_tried_out_and_said(town_site: Site, street: str, tmp_path: Path) -> None:
    file = tmp_path / "rules.toml"
    file.write_text("[indicator.timeliness]\nweight = 40\n", encoding="utf-8")
    asked = ("scores", "party", "--period", "2026-10", "--area", street, *AS_OF)
    found = json.loads(run(town_site.home, *asked, "--rules", str(file)).stdout)
    assert found["rules"]["origin"] == "file"
    assert any(one["key"] == "scores.notice.tried" for one in found["notices"])


@pytest.mark.parametrize(
    ("text", "exit_code", "said"),
    [
        ('scorecard = "party"\n[indicator.timeliness]\nweight = 40\n', 0, "20 becomes 40"),
        ('scorecard = "party"\n[indicator.timeliness]\nweight = 40\n', 0, "do not add up to 100"),
        ('scorecard = "party"\n[indicator.timelyness]\nweight = 40\n', 1, 'the nearest is "timeliness"'),
        ('scorecard = "party"\n[indicator.patrol_hours]\nweight = 5\n', 1, "never weighs"),
        ('scorecard = "volunteer"\n[indicator.hours]\nweight = 5\n', 1, "never weighs"),
        ("scorecard = \n", 1, "cannot be read"),
        ("x = 1\n", 1, "scorecard"),
    ],
)
def test_a_rule_file_is_checked(tmp_path: Path, text: str, exit_code: int, said: str) -> None:
    file = tmp_path / "rules.toml"
    file.write_text(text, encoding="utf-8")
    result = run(tmp_path / "home", "scores", "check-rules", str(file))
    assert result.exit_code == exit_code, result.output
    assert said in result.output


@pytest.mark.parametrize(
    ("period", "said"), [("2026-13", "cannot be read"), ("October", "cannot be read"), ("2027", "begins after")]
)
def test_a_period_that_cannot_be_scored_is_said(town_site: Site, period: str, said: str) -> None:
    result = run(town_site.home, "scores", "volunteer", "--period", period, *AS_OF)
    assert result.exit_code == 1
    assert said in result.stderr
