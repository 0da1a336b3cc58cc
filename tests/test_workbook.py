"""The service plan as a spreadsheet: what its formulas give, and that inputs flow through."""

import copy
import math
import re

import openpyxl
import pytest
import shop

from segment.pages import _plan, service_costs, service_plan
from segment.publish import workbook
from segment.study import read
from segment.words import money

LABEL = "ABC 80/95"
STUDIES = {
    "money": shop.PLAN,
    "no costs": shop.PLAN.replace(", cost: 0.5", "").replace(", cost: 0.6", ""),
    "no team": "service: {{}}\n",
    "benefits": shop.PLAN.replace("costs: {{", "costs: {{acquisition: 30, ")
    + "service: {{levels: [{{name: high, contacts: {{sales: {{visit: 1}}, manager: {{visit: 0}}}}, "
    "benefits: {{points: 2%, gift: 5}}}}, {{name: low, benefits: {{points: 1 %}}}}]}}\n",
    "benefits alone": "service: {{levels: [{{name: high, benefits: {{gift: 5}}}}]}}\n",
    "nothing planned": "service: {{levels: [{{name: self-service}}]}}\n",
}


class Blank(str):
    """What a formula gives where nothing is known; stays so in any computation."""

    def _same(self, *_):
        return self

    def __le__(self, other):
        return False  # as in Excel, a text is above every number

    __mul__ = __rmul__ = __truediv__ = __rtruediv__ = __add__ = __radd__ = _same


class Number(float):
    """A cell's number; dividing by 0 is no error in a branch that is not taken."""

    def __truediv__(self, other):
        if isinstance(other, str):
            return other
        return float(self) / float(other) if other else math.inf

    def __rtruediv__(self, other):
        return float(other) / float(self) if self else math.inf


class Sheet:
    """Computes the formulas of a sheet with the few functions that they use."""

    def __init__(self, sheet):
        self.sheet, self.changed = sheet, {}

    def cell(self, name):
        value = self.changed.get(name, self.sheet[name].value)
        if isinstance(value, str) and value.startswith("="):
            return self.formula(value)
        return Blank("") if value is None else value

    def values(self, area):
        return [self.cell(c.coordinate) for row in self.sheet[area] for c in row]

    def formula(self, text):
        code = re.sub(r"\$([A-Z]+)\$(\d+)", r"\1\2", text[1:])
        code = re.sub(r"(?<![<>=])=(?!=)", "==", code)
        parts = re.split(r'("[^"]*")', code)
        for i in range(0, len(parts), 2):
            parts[i] = re.sub(r"\b([A-Z]+\d+):([A-Z]+\d+)\b", r"area('\1:\2')", parts[i])
            parts[i] = re.sub(r"(?<!')(?<!:)\b([A-Z]+\d+)\b(?!['(:])", r"cell('\1')", parts[i])
        return eval("".join(parts), {
            "area": self.values, "cell": self._number,
            "SUM": lambda x: sum(v for v in x if not isinstance(v, str)),
            "COUNT": lambda x: sum(not isinstance(v, str) for v in x),
            "SUMPRODUCT": lambda *x: sum(map(math.prod, zip(*x, strict=True))),
            "N": lambda x: 0.0 if isinstance(x, str) else x,
            "IF": lambda condition, yes, no: yes if condition else no,
        })  # fmt: skip

    def _number(self, name):
        value = self.cell(name)
        return Blank(value) if isinstance(value, str) else Number(value)


@pytest.fixture(scope="module")
def a(shop_run):
    return copy.copy(shop_run)


def book(a, folder, more):
    """Return the sheet with formulas, the same with its saved values, and the analysis."""
    study = read(shop.write(folder, yaml=shop.YAML + more))
    a.study = a.study.model_copy(
        update={name: getattr(study, name) for name in ("service", "team", "costs")}
    )
    a.__dict__.pop("schemes", None)
    file = folder / "plan.xlsx"
    workbook.service_plan(a, LABEL, file)
    return (openpyxl.load_workbook(file, data_only=kept)["Service plan"] for kept in (False, True))


def at(sheet, heading, row, *, last=False):
    """Return the name of the cell under a heading in the row of a first cell's text."""
    heads = [c for line in sheet.iter_rows() for c in line if c.value == heading]
    rows = [line[0].row for line in sheet.iter_rows() if line[0].value == row]
    head = heads[-1 if last else 0]
    return f"{head.column_letter}{next(r for r in rows if r > head.row)}"


@pytest.mark.parametrize("case", STUDIES)
def test_every_formula_gives_the_value_saved_with_it(a, tmp_path, case):
    formulas, saved = book(a, tmp_path, STUDIES[case])
    computed, checked = Sheet(formulas), 0
    for cell in (cell for line in formulas.iter_rows() for cell in line):
        if isinstance(cell.value, str) and cell.value.startswith("="):
            found, kept = computed.formula(cell.value), saved[cell.coordinate].value
            if isinstance(kept, str) or kept is None:
                assert str(found) == (kept or ""), cell.coordinate
            else:
                assert float(found) == pytest.approx(kept), cell.coordinate
            checked += 1
    assert checked >= 20


def test_the_saved_values_are_those_of_the_report(a, tmp_path):
    sheet, saved = book(a, tmp_path, STUDIES["money"])
    scheme = a.schemes[LABEL]
    costs, load = _plan.costs(scheme), service_plan.load(scheme).set_index("role")
    for tier in ("A", "B", "C"):
        assert saved[at(sheet, "Cost a month", tier)].value == pytest.approx(costs["cost"][tier])
        assert saved[at(sheet, "Pays if it rises by", tier)].value == pytest.approx(
            costs["uplift"][tier]
        )
    assert saved[at(sheet, "Load", "sales")].value == pytest.approx(load["load"]["sales"])
    assert saved[at(sheet, "Load", "manager")].value == 0  # who has no hours gets none to do
    assert saved[at(sheet, "Load", "sales")].value <= 1
    assert saved[at(sheet, "Hours a month", "Total")].value == pytest.approx(load["needed"].sum())


def test_benefits_and_the_cost_of_winning_are_those_of_the_report(a, tmp_path):
    sheet, saved = book(a, tmp_path, STUDIES["benefits"])
    scheme = a.schemes[LABEL]
    costs, rows, spent = _plan.costs(scheme), _plan.groups(scheme), scheme.newest["monetary_total"]
    for tier in ("A", "B", "C"):
        assert saved[at(sheet, "Cost a month", tier)].value == pytest.approx(costs["cost"][tier])
        kept = saved[at(sheet, "Or if it keeps, customers a year", tier)].value
        assert kept == pytest.approx(costs["must_keep"][tier])
        assert kept == pytest.approx(12 * costs["cost"][tier] / 30)
        # By hand: a share of what the tier spends a year, and a gift each.
        inside = scheme.newest_tiers == tier
        year = spent[inside].mean() * 365.25 / scheme.windows.calibration_days
        level = rows.loc[rows["tier"] == tier, "level"].iloc[0]
        each = {0: 5 + 0.02 * year, 1: 0.01 * year, 2: 0}[level]
        told = saved[at(sheet, "Benefits each, a year", tier)].value
        assert told == pytest.approx(each, abs=0.01)
        if (rows["tier"] == tier).sum() == 1:
            assert costs["benefits"][tier] == pytest.approx(
                each * inside.sum() / 12, abs=0.0051 * inside.sum() / 12
            )
    assert costs["benefits"].sum() > 0
    computed = Sheet(sheet)
    computed.changed = {at(sheet, "Benefits each, a year", "A"): 0}
    less = float(computed.cell(at(sheet, "Cost a month", "A")))
    assert less == pytest.approx(costs["cost"]["A"] - costs["benefits"]["A"], abs=0.1)
    text = service_costs.replacing(scheme)
    table = costs.drop(index=_plan.LAPSED, errors="ignore")
    keep = table["cost_year"].sum() / _plan.tiers(scheme)["buyers"].reindex(table.index).sum()
    assert money(keep, "EUR") in text and "winning a new one €30" in text
    assert f"{keep / 30:.0%} of it" in text
    base = service_costs.tornado(scheme)["base"].iloc[0]
    assert base == pytest.approx(table["cost_period"].sum() / table["margin"].sum())


def test_a_changed_input_flows_through(a, tmp_path):
    sheet, saved = book(a, tmp_path, STUDIES["money"])
    computed = Sheet(sheet)

    def now(heading, row):
        return float(computed.cell(at(sheet, heading, row)))

    def before(heading, row):
        return saved[at(sheet, heading, row)].value

    computed.changed = {at(sheet, "People", "sales"): 8}
    assert now("Load", "sales") == pytest.approx(before("Load", "sales") / 2)
    computed.changed = {at(sheet, "Customers", "A"): 2 * before("Customers", "A")}
    assert now("Cost a month", "A") == pytest.approx(2 * before("Cost a month", "A"))
    assert now("Pays if it rises by", "A") == pytest.approx(before("Pays if it rises by", "A"))
    assert now("Hours needed", "sales") > before("Hours needed", "sales")
    computed.changed = {"D9": 4}  # a visit takes four hours instead of two
    assert now("Hours a month", "C") > before("Hours a month", "C")
    assert now("Load", "sales") > before("Load", "sales")
    computed.changed = {"D12": 0}  # no visits to A
    assert now("Cost a year", "A") < before("Cost a year", "A")
    computed.changed = {"B4": 0.2}  # half the margin rate
    assert now("Pays if it rises by", "Total") == pytest.approx(
        2 * before("Pays if it rises by", "Total")
    )


def test_without_a_plan_there_is_no_workbook(shop_run, tmp_path):
    workbook.service_plan(shop_run, LABEL, tmp_path / "plan.xlsx")
    assert not list(tmp_path.iterdir())


def test_the_money_of_a_tier_of_few_is_left_to_fill_in(a, tmp_path):
    labels = a.methods[LABEL].labels_
    sizes = labels.value_counts()
    single = labels.copy()
    # One customer alone in A; B takes the others, and is held back with it: the total is told
    # on the pages.
    single[single == "A"] = "B"
    single.iloc[0] = "A"
    few = copy.copy(a)
    few.methods = {LABEL: copy.copy(a.methods[LABEL])}
    few.methods[LABEL].labels_ = single
    sheet, saved = book(few, tmp_path, STUDIES["money"])
    value = next(c.value for line in sheet.iter_rows() for c in line
                 if str(c.value).startswith("Value per customer"))  # fmt: skip
    told = {tier: saved[at(sheet, value, tier)].value for tier in "ABC"}
    assert told["A"] is None and sum(each is None for each in told.values()) == 2
    assert sizes.min() >= 5
    assert saved[at(sheet, "Pays if it rises by", "Total")].value in (None, "")
    computed = Sheet(sheet)
    margin = at(sheet, "Pays if it rises by", "A")
    assert computed.cell(margin) == ""
    computed.changed = {at(sheet, value, "A"): 500.0}
    assert computed.cell(margin) > 0


def test_texts_are_never_formulas_and_no_customer_is_named(a, tmp_path):
    levels = "service: {{levels: [{{name: '=1+1', channel: '@SUM(A1)', feedback: '-2+3', "
    levels += "marketing: '=1+2'}}]}}\n"
    book(a, tmp_path, levels)
    first = (tmp_path / "plan.xlsx").read_bytes()
    workbook.service_plan(a, LABEL, tmp_path / "plan.xlsx")
    assert (tmp_path / "plan.xlsx").read_bytes() == first
    texts = []
    sheets = openpyxl.load_workbook(tmp_path / "plan.xlsx").worksheets
    for cell in (cell for sheet in sheets for line in sheet.iter_rows() for cell in line):
        if isinstance(cell.value, str) and cell.value.startswith(("=1", "@", "-", "+")):
            assert cell.data_type == "s", cell.coordinate
            texts.append(cell.value)
        assert not re.search(r"Kunde-\d", str(cell.value))
    assert set(texts) == {"=1+1", "@SUM(A1)", "-2+3", "=1+2"}
