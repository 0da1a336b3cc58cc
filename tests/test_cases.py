"""Files as people have them: right, or asked in one sentence."""

import datetime as dt

import cases
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

ROWS = cases.purchases()
TOTAL, CUSTOMERS = ROWS["amount"].sum(), ROWS["customer"].nunique()
GERMAN = str.maketrans(",.", ".,")
WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
MONTHS = ("Jan.", "Feb.", "März", "Apr.", "Mai", "Juni", "Juli", "Aug.", "Sept.", "Okt.")
MONTHS = (*MONTHS, "Nov.", "Dez.")


def written(**columns):
    """Return the purchases with columns written by functions of a cell."""
    return ROWS.assign(**{name: ROWS[name].map(write) for name, write in columns.items()})


def every(step, yes, no):
    """Return a column that says ``yes`` in every so-many-th row and ``no`` in the others."""
    return [yes if i % step == 0 else no for i in range(len(ROWS))]


def share(step):
    """Return the money in every so-many-th row."""
    return ROWS["amount"][::step].sum()


def mixed(column, often, seldom=lambda cell: cell):
    """Return the purchases with a column in two writings, the second in every third row."""
    cells = enumerate(ROWS[column])
    return ROWS.assign(**{column: [often(c) if i % 3 else seldom(c) for i, c in cells]})


def lines():
    """Return the purchases, of which every second order has two lines, as half its total."""
    rows = ROWS.rename(columns={"order": "order_id", "amount": "order_total"})
    halves = rows[::2].assign(line_amount=rows["order_total"] / 2)
    whole = rows[1::2].assign(line_amount=rows["order_total"])
    return pd.concat([halves.assign(sku="S1"), halves.assign(sku="S2"), whole.assign(sku="S3")])


def lakh(value):
    head, tail = divmod(round(value), 1000)
    return f"{head // 100},{head % 100:02},{tail:03}.00" if head >= 100 else f"{head},{tail:03}.00"


def right(data, total=TOTAL, customers=CUSTOMERS, **settled):
    """Return a case: the data, what is right, and the keys that a person settles."""
    return data, total, customers, settled


def book(*rows):
    """Return a folder with a workbook of these rows."""
    sheet = pd.DataFrame([[*row, *[None] * (4 - len(row))] for row in rows], dtype=object)
    return {"a.xlsx": lambda file: sheet.to_excel(file, index=False, header=False)}


def blocks(*end):
    """Return blocks of a customer each, with the name on the first line and a total below."""
    for name, block in ROWS.groupby("customer"):
        amounts = block["amount"]
        first = [f"{name} Ltd", *[None] * (len(block) - 1)]
        yield from zip(first, block["day"], block["order"], amounts, strict=True)
        yield from ((f"{words} {name}", None, None, amounts.sum()) for words in end)


def renamed(customer, day, amount, order="x"):
    """Return the purchases under other headings, a name of the shop among the columns."""
    names = {"customer": customer, "day": day, "amount": amount, "order": order}
    return ROWS.assign(**{"Kundenreferenz": "", "客户姓名": "张三"}).rename(columns=names)


WEEK = ["Mo", "Di", "Mi", "Do", "Fr", "Sa", "So"]
HEAD = ["Kunde", "Datum", "Beleg", "Betrag"]
RIGHT = {
    "german": right(written(amount=lambda v: f"{v:,.2f}".translate(GERMAN))),
    "euro behind": right(written(amount=lambda v: f"{v:,.2f} €".translate(GERMAN))),
    "narrow blanks": right(written(amount=lambda v: f"{v:,.2f}".replace(",", "\u202f"))),
    "real": right(written(amount=lambda v: f"R$ {v:,.2f}".translate(GERMAN))),
    "swiss": right(written(amount=lambda v: f"CHF {v:,.2f}".replace(",", "’"))),
    "lakh": right(written(amount=lambda v: lakh(v * 1000)), (ROWS["amount"] * 1000).round().sum()),
    "wide digits": right(written(amount=lambda v: f"¥{v:.2f}".translate(WIDE))),
    "whole, grouped by dots": right(
        written(amount=lambda v: f"{round(v):,}".translate(GERMAN)), ROWS["amount"].round().sum()
    ),
    "accounting": right(
        written(amount=lambda v: " $ -   " if v < 100 else f" $ {v:,.2f} "),
        ROWS["amount"][ROWS["amount"] >= 100].sum(),
    ),
    "ids as floats in one file": right(
        {
            "a.csv": written(customer=lambda c: f"4{c[1:]}")[:100],
            "b.csv": written(customer=lambda c: f"4{c[1:]}.0")[100:],
        }
    ),
    "invisible signs": right(mixed("customer", lambda c: f"\u200b{c}\u3000\u00a0")),
    "mails in two cases": right(mixed("customer", str.lower), same_customer=["case"]),
    "leading zeros": right(
        mixed("customer", lambda c: int(c[1:]) + 1, lambda c: f"{int(c[1:]) + 1:04}"),
        same_customer=["zeros"],
    ),
    "no refund is none": right(
        ROWS.assign(refunded=every(10, 5.0, None)), TOTAL - 100, columns__amount="amount - refunded"
    ),
    "rates": right(
        ROWS.assign(currency=every(4, "EUR", "USD")),
        TOTAL + share(4),
        currency="USD",
        rates={"EUR": 2},
    ),
    "returns by type": right(
        ROWS.assign(type=every(10, "Refund", "Sale")),
        TOTAL - 2 * share(10),
        returns="type = Refund",
    ),
    "newest file wins": right(
        {"b-old.csv": ROWS[:120].assign(amount=1), "a-new.csv": ROWS[100:]},
        100 + ROWS["amount"][100:].sum(),
        same_order="newest",
    ),
    "last row wins": right(pd.concat([ROWS[:50].assign(amount=1.0), ROWS]), same_order="last"),
    "line and order totals": right(lines()),
    "total row": right(pd.concat([ROWS, ROWS[-1:].assign(customer="Total", amount=TOTAL)])),
    "no customer": right(
        written(customer=lambda c: {"K0003": "#N/A", "K0004": "\\N"}.get(c, c)),
        ROWS["amount"][~ROWS["customer"].isin(["K0003", "K0004"])].sum(),
        CUSTOMERS - 2,
    ),
    "german months": right(written(day=lambda d: f"{d.day}. {MONTHS[d.month - 1]} {d.year}")),
    "chinese days": right(written(day=lambda d: f"{d.year}年{d.month}月{d.day}日")),
    "american with clock": right(written(day=lambda d: f"{d:%m/%d/%Y}, 3:05:07 PM")),
    "serials": right(written(day=lambda d: (d - pd.Timestamp("1899-12-30")).days)),
    "milliseconds": right(written(day=lambda d: int(d.timestamp()) * 1000 + 7)),
    "compact": right(written(day=lambda d: f"{d:%Y%m%d}")),
    "weekday in front": right(written(day=lambda d: f"{WEEK[d.weekday()]}., {d:%d.%m.%Y}")),
    "weekday behind": right(written(day=lambda d: f"{d:%Y-%m-%d} ({d:%a})")),
    "clock in front": right(written(day=lambda d: f"10:11:12 {d:%d/%m/%Y}")),
    "apostrophe in front": right(written(amount=lambda v: f"'{v:.2f}")),
    "cents": right(
        written(amount=lambda v: round(v * 100)).rename(columns={"amount": "amount_cents"})
    ),
    "ten thousands": right(
        written(amount=lambda v: f"{v / 1e4:.6f}").rename(columns={"amount": "金额(万元)"})
    ),
    "a price": right(ROWS.rename(columns={"amount": "price"})),
    "numbers and texts in a sheet": right(
        book(
            list(ROWS),
            *(
                (order, customer, day, f"{v:,.2f} €".translate(GERMAN) if i % 3 else v)
                for i, (order, customer, day, v) in enumerate(ROWS.itertuples(index=False))
            ),
        )
    ),
    "blocks with totals": right(
        book(["Stand 2024"], [], HEAD, *blocks("Summe"), ["Gesamt", None, None, TOTAL])
    ),
    "a number in the title": right(
        "List\t\t\t1\n\n" + ROWS.to_csv(index=False, sep="\t").replace("\n", "\n\n", 1)
    ),
    "debit and credit": right(
        ROWS.assign(
            debit=ROWS["amount"].where(ROWS.index % 10 == 0),
            credit=ROWS["amount"].where(ROWS.index % 10 > 0),
        ).drop(columns="amount"),
        TOTAL - 2 * share(10),
        None,
    ),
    "SAP": right(renamed("Sold-to", "Bill.Date", "Net value", "Bill.Doc.")),
    "eBay": right(renamed("Buyer Username", "Sale Date", "Sold For", "Sales Record Number")),
    "bank": right(renamed("Zahlungspflichtige*r", "Buchungstag", "Betrag (€)")),
    "WeChat": right(renamed("交易对方", "交易时间", "金额(元)", "交易单号")),
    "Japanese": right(renamed("注文者メールアドレス", "注文日時", "合計金額", "注文番号")),
    "Russian": right(renamed("Контрагент", "Дата", "Сумма, руб.", "Документ")),
    "Polish": right(renamed("Kupujący", "Data zakupu", "Wartość", "Nr zamówienia")),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_file_is_right(tmp_path, name):
    data, total, customers, settled = RIGHT[name]
    found = cases.through(tmp_path, data, **settled)
    assert found.amount == pytest.approx(total)
    assert customers in (found.customers, None)
    assert (found.first, found.last) == (ROWS["day"].min().date(), ROWS["day"].max().date())
    assert found.checked.accounts["rows"].sum() == found.rows_read


ASKED = {
    # name: the data, what init asks, what check finds or why it refuses
    "a sign with two meanings": (
        written(amount=lambda v: f"{round(v) + 1000:,}".translate(GERMAN)),
        "can stand between thousands or before decimals; the column adds up to",
        "add one of these under 'source'",
    ),
    "two decimal signs": (
        mixed("amount", lambda v: f"{v:.2f}".replace(".", ",")),
        "numbers have a decimal point",
        "export the column again in one writing",
    ),
    "large amounts in words": (
        written(amount=lambda v: f"{v:.2f} approx" if v > 3000 else f"{v:.2f}"),
        "",
        f"approx'; by their digits worth {ROWS.amount[ROWS.amount > 3000].astype(int).sum():,}",
    ),
    "currencies": (
        ROWS.assign(currency=every(4, "EUR", "USD")),
        "rates: {USD: 1.0, EUR: 1.0}",
        "the amounts are in 2 currencies",
    ),
    "currency signs": (
        written(amount=lambda v: f"{'€' if v > 500 else '£'}{v:.2f}"),
        "rates: {GBP: 1.0, EUR: 1.0}",
        "the amounts are in 2 currencies",
    ),
    "a type": (
        ROWS.assign(type=every(10, "Refund", "Sale")),
        f"says Refund in rows that count as purchases: {share(10):,.2f} (20 rows)",
        "returns: type = Refund",
    ),
    "a flag": (
        ROWS.assign(是否退款=every(5, "是", "否")),
        f"says 是 in rows that count as purchases: {share(5):,.2f} (40 rows)",
        "keep: 是否退款 != 是",
    ),
    "a status": (
        ROWS.assign(**{"Order Status": every(5, "Cancelled ", "shipped")}),
        "says Cancelled in rows that count as purchases",
        """keep: '"Order Status" != Cancelled'""",
    ),
    "kinds of orders": (
        ROWS.assign(status=every(5, "pending", "shipped")),
        f"pending (40 rows, {share(5):,.2f})",
        "",
    ),
    "kinds without money": (
        ROWS.assign(
            status=every(20, "draft", "shipped"), amount=ROWS["amount"].mask(ROWS.index % 20 == 0)
        ),
        "draft (10 rows, 0.00)",
        "",
    ),
    "lost deals": (
        ROWS.assign(Stage=every(5, "Closed Lost", "Closed Won")),
        "'Stage' says Closed Lost in rows that count as purchases",
        "keep: Stage != 'Closed Lost'",
    ),
    "closed at nothing": (
        ROWS.assign(
            订单状态=every(5, "交易关闭", "交易成功"), amount=ROWS["amount"] * every(5, 0, 1)
        ),
        "says 交易关闭 in rows that count as purchases: 0.00 (40 rows)",
        "keep: 订单状态 != 交易关闭",
    ),
    "credit notes": (
        ROWS.assign(Belegart=every(5, "Rechnungskorrektur", "Rechnung")),
        "says Rechnungskorrektur in rows",
        "returns: Belegart = Rechnungskorrektur",
    ),
    "debits and credits": (
        ROWS.assign(**{"D/C": every(5, "D", "C")}),
        f"'D/C' says D in rows that count as purchases: {share(5):,.2f} (40 rows)",
        """returns: '"D/C" = D'""",
    ),
    "telephone numbers": (
        mixed("customer", lambda c: f"+49 170 {c[1:]}", lambda c: f"0049170{c[1:]}"),
        "same_customer: [zeros, signs] makes",
        "same_customer: [zeros, signs] makes",
    ),
    "days and months as numbers": (
        written(day=lambda d: f"{d:%d%m}"),
        "have no year",
        "have no year",
    ),
    "months as columns": (
        ROWS.assign(m=ROWS["day"].dt.strftime("%Y-%m"))
        .pivot_table(index="order", columns="m", values="amount")
        .reset_index(),
        "2023-01 to 2024-06 are months, quarters or years, each in a column",
        "the draft still asks which column is 'customer_id'",
    ),
    "customers as columns": (
        ROWS.pivot_table(index="day", columns="customer", values="amount").reset_index(),
        "no column says who bought; write a row for each purchase",
        "the draft still asks which column is 'customer_id'",
    ),
    "one column": ("a£b\n" + "x£5\n" * 9, "", "orders.csv has one column only, 'a£b'"),
    "words behind all numbers": (
        written(amount=lambda v: f"{v:.2f} with VAT"),
        "'amount' is called like an amount, but 200 of 200 cells, such as '479.48 with VAT', are",
        "the draft still asks which column is 'amount'",
    ),
    "signs turned round": (
        written(amount=lambda v: -v),
        "",
        "200 amounts are below 0 and 0 above, so most rows are no purchases; if the sign is turned "
        "round, write amount: '-1 * amount'",
    ),
    "amounts that became days": (
        written(amount=lambda v: "3. Jan" if v < 90 else f"{v:.2f}".replace(".", ",")),
        "",
        "left out, such as '3. Jan'",
    ),
    "parts of a day": (
        ROWS.assign(**{part: getattr(ROWS["day"].dt, part) for part in ("year", "month")}).assign(
            day=ROWS["day"].dt.day
        ),
        "year, month, day hold parts of one; join them in one column",
        "",
    ),
    "tests": (ROWS.assign(is_test=every(9, "yes", "no")), "'is_test' says yes", "is_test != yes"),
    "days of refunds": (
        ROWS.assign(refunded_at=every(9, "2024-01-01", "")),
        "'refunded_at' says a day",
        "keep: refunded_at is null",
    ),
    "money that went back": (
        ROWS.assign(**{"Refunded Amount": every(10, 5.5, 0)}),
        "is not taken off: 110.00 (20 rows)",
        'amount: amount - "Refunded Amount"',
    ),
    "quantities below 0": (
        ROWS.assign(quantity=every(10, -1, 1)),
        f"Quantity below 0 with an amount above 0: {share(10):,.2f}",
        "returns: quantity < 0",
    ),
    "the order's total on each line": (
        lines().drop(columns="line_amount"),
        "The amount is the same on every line of an order",
        f"same_order: last, which counts {share(2):,.2f}",
    ),
    "files that overlap": (
        {"a.csv": ROWS[:120], "b.csv": ROWS[100:].assign(amount=1)},
        "20 orders stand in more than one file",
        "same_order: newest",
    ),
    "a price of the line": (
        ROWS.rename(columns={"amount": "item-price"}).assign(quantity=every(2, 3, 1)),
        f'item-price adds up to {TOTAL:,.2f}, quantity * "item-price" adds up to',
        "",
    ),
    "damaged ids": (
        written(customer=lambda c: f"6.2251{c[-2:]}E+15"),
        "ids such as '6.2251",
        "were rounded by a spreadsheet",
    ),
    "walk-ins": (
        written(customer=lambda c: "散客" if c < "K0003" else c),
        "散客 as a customer",
        "keep: customer != 散客",
    ),
    "ids in two cases": (
        mixed("customer", str.lower),
        "same_customer: [case] makes",
        "Customer ids that differ only in how they are written",
    ),
    "orders as customers": (
        ROWS.drop(columns="customer").rename(columns={"order": "customer_no"}),
        "Almost every row has a customer of its own",
        "map the customer's",
    ),
    "a third without a customer": (
        ROWS.assign(customer=ROWS["customer"].where(ROWS.index % 3 > 0, "")),
        "67 of 200 rows have no customer",
        "Left out by the row filter",
    ),
    "buddhist": (
        written(day=lambda d: f"{d:%d/%m/}{d.year + 543}"),
        "Buddhist",
        "take 543 off the year",
    ),
    "minguo": (
        written(day=lambda d: f"{d.year - 1911}{d:/%m/%d}"),
        "Chinese Republic's",
        "add 1911",
    ),
    "persian": (written(day=lambda d: f"{d.year - 621}{d:/%m/%d}"), "Persian", "common calendar"),
    "two formats": (
        written(day=lambda d: f"{d:%m/%d/%Y}" if d.year < 2024 else f"{d:%d/%m/%Y}"),
        "such as",
        "write all days in one format",
    ),
    "half swapped": (
        written(day=lambda d: f"{d:%Y-%d-%m}" if d.day <= 12 else f"{d:%d/%m/%Y}"),
        "a spreadsheet swapped day and month there",
        "rows are written as",
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_a_doubt_is_asked_and_said(tmp_path, name):
    data, asked, said = ASKED[name]
    found = cases.through(tmp_path, data)
    assert asked in found.asked
    told = found.refused or "\n".join(f"{what}: {done}" for what, done in found.findings.items())
    assert said in told


@pytest.mark.parametrize("written_as", ["%Y-%m", "%m/%Y", "%b-%y", "%Y%m", "%Y年%m月"])
def test_months_count_as_their_first_day(tmp_path, written_as):
    found = cases.through(tmp_path, written(day=lambda d: d.strftime(written_as)))
    assert f'date_format: "{written_as}"' in found.draft
    assert found.amount == pytest.approx(TOTAL)
    assert found.first == ROWS["day"].min().date().replace(day=1)


def test_the_purchases_as_they_stand_are_right(tmp_path):
    found = cases.through(tmp_path, ROWS)
    assert (found.rows, found.customers, found.asked) == (200, CUSTOMERS, "")
    assert found.amount == pytest.approx(TOTAL)
    assert found.findings == {}


def test_a_fifth_without_an_amount_is_refused_unless_their_orders_have_one(tmp_path):
    blank = ROWS.assign(amount=ROWS["amount"].where(ROWS.index % 4 > 0))
    found = cases.through(tmp_path, blank)
    assert "50 of 200 rows have no amount" in found.refused
    assert "write amount: 0 + amount" in found.refused
    assert cases.through(tmp_path, blank, columns__amount="0 + amount").rows == 200
    found = cases.through(tmp_path, pd.concat([ROWS, ROWS.assign(amount=None)]))
    assert (found.amount, found.fates["no amount"]) == (pytest.approx(TOTAL), 200)


SPELLINGS = {
    "day": {
        "%Y-%m-%d": str,
        "%d.%m.%Y": lambda d: f"{d:%d.%m.%Y}",
        "%m/%d/%Y %H:%M": lambda d: f"{d:%m/%d/%Y} 09:30",
        "words": lambda d: f"{d.day} {d:%B} {d.year}",
        "年月日": lambda d: f"{d.year}年{d.month}月{d.day}日",
        "compact": lambda d: f"{d:%Y%m%d}",
    },
    "amount": {
        "plain": lambda v: f"{v:.2f}",
        "grouped": lambda v: f"{v:,.2f}",
        "german": lambda v: f"{v:,.2f}".translate(GERMAN),
        "french": lambda v: f"{v:,.2f} €".replace(",", "\u00a0").replace(".", ","),
        "behind": lambda v: f"{abs(v):.2f}-" if v < 0 else f"{v:.2f}",
        "brackets": lambda v: f"(${abs(v):,.2f})" if v < 0 else f"${v:,.2f}",
        "minus": lambda v: f"{v:.2f}".replace("-", "\u2212"),
        "sides": lambda v: f"{abs(v):,.2f} {'Dr' if v < 0 else 'Cr'}",
        "swiss": lambda v: f"{v:,.2f}".replace(",", "'"),
        "cents left out": lambda v: f"{v:,.2f}".removesuffix("0").removesuffix(".0"),
    },
    "customer": {
        "plain": str,
        "blanks": lambda c: f" {c}\u00a0",
        "quoted": lambda c: f'{c} "the one", Ltd',
        "chinese": lambda c: f"客户{c}",
        "floats": lambda c: f"{10 + int(c[1:])}.0",
    },
}


@given(
    amounts=st.lists(st.integers(-90_000, 9_000_000), min_size=80, max_size=80),
    customers=st.lists(st.integers(0, 30), min_size=80, max_size=80),
    days=st.lists(st.integers(0, 400), min_size=80, max_size=80),
    spelling=st.tuples(*(st.sampled_from(sorted(SPELLINGS[name])) for name in SPELLINGS)),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    delimiter=st.sampled_from(",;\t|"),
)
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
def test_purchases_in_any_spelling_are_read_to_the_cent_or_refused(
    tmp_path_factory, amounts, customers, days, spelling, encoding, delimiter
):
    rows = pd.DataFrame(
        {
            "customer": [f"K{c:02}" for c in customers],
            "day": [dt.date(2022, 1, 1) + dt.timedelta(days=day) for day in days],
            "amount": [cents / 100 for cents in amounts],
        }
    )
    write = {name: SPELLINGS[name][how] for name, how in zip(SPELLINGS, spelling, strict=True)}
    text = rows.assign(**{name: rows[name].map(write[name]) for name in SPELLINGS})
    data = text.to_csv(index=False, sep=delimiter).encode(encoding)
    keys = {"readiness__customers": 2, "readiness__history_days": 2, "readiness__holdout_days": 1}
    found = cases.through(tmp_path_factory.mktemp("spelt"), data, **keys)
    if found.refused:
        return
    assert found.checked.accounts["rows"].sum() == found.rows_read == len(rows)
    assert found.checked.accounts["amount"].sum() == pytest.approx(rows["amount"].sum(), abs=0.004)
    used = pd.read_parquet(found.checked.transactions)
    assert used["customer_id"].nunique() == rows["customer"].nunique()
    assert sorted(pd.to_datetime(used["known"]).dt.date) == sorted(rows["day"])
