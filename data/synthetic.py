"""A trading company that does not exist: seeded orders, customers and balances.

The rarer tiering systems need margin, returns, satisfaction, arrears or deposits,
which no open data set has together. Here everything is invented from a seed, every
id and company name says so, and the latent truth is known.

The customer file is a snapshot of the last day before ``CUT``. Nothing in it can
know what came later: what happens before and after the cut is drawn from separate
random streams, and the file is made from the former alone.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

ABOUT = "Synthetic data of an invented trading company (合成数据); no real firm or person."
START, CUT, END = dt.date(2023, 1, 1), dt.date(2024, 7, 1), dt.date(2025, 1, 1)
CUT_DAY = (CUT - START).days
DAY = np.datetime64(START, "D")
YEAR = 365
NEVER = 10**6  # a day that no study reaches

PROSPECT_SHARE, CONTACTED_SHARE, CONVERT_SHARE = 2 / 15, 0.5, 0.25
NEWCOMER_SHARE = 0.05  # firms that the file cannot list: they turn up after the cut
CANCEL_SHARE, RETURN_SHARE, WHOLE_RETURNS, WRITE_OFF = 0.02, 0.03, 0.6, 10
WALLET = 0.45  # how much the log rate moves with satisfaction, from the cut on
DROPOUT = 0.0008  # a day, for a customer of average satisfaction and credit
KINDS = {"steady": 0.57, "growing": 0.15, "shrinking": 0.15, "one-off": 0.10, "loss-making": 0.03}
# Orders a day and CNY per order, at the typical customer of each size.
SIZES = pd.DataFrame(
    {"share": [0.62, 0.28, 0.10], "rate": [0.013, 0.025, 0.045], "value": [1500, 5000, 18000],
     "discount": [2, 5, 10]}, index=["small", "medium", "large"]
)  # fmt: skip
# Trend of the purchase rate a year that comes with the industry.
INDUSTRIES = {"机械制造": 0.0, "电子": 0.15, "新能源": 0.45, "建筑": -0.25, "汽车配件": 0.0,
              "食品加工": 0.05, "纺织": -0.35, "物流": 0.1}  # fmt: skip
PROVINCES = {"江苏": "华东", "浙江": "华东", "上海": "华东", "山东": "华东", "广东": "华南",
             "福建": "华南", "湖北": "华中", "河南": "华中", "北京": "华北", "河北": "华北",
             "四川": "西部", "陕西": "西部"}  # fmt: skip
CHANNELS = ["业务员", "电话", "网店", "展会"]
# Category and its share of the list price that the goods cost, in percent.
CATEGORIES = {"五金工具": 70, "电气元件": 74, "管道阀门": 66, "劳保用品": 78, "包装材料": 82,
              "照明": 64, "化工辅料": 76, "办公用品": 80}  # fmt: skip
PRICES = [480, 760, 1250, 1980, 3200, 5150, 7900, 12900]  # cents; one product of each a category
# Company names: three words of sixteen and one of four kinds of firm, in either language.
WORDS, TRADES = "华兴盛达恒瑞嘉信泰隆鑫源博远凯丰", ["贸易", "机电", "实业", "物资"]
ENGLISH = ["Lotus", "Harbour", "Summit", "Jade", "Orient", "Delta", "Pioneer", "Crane",
           "Willow", "Falcon", "Granite", "River", "Maple", "Anchor", "Beacon",
           "Cedar"]  # fmt: skip
PATTERNS = ["Synthetic {} {} {} Trading Co., Ltd.", "Synthetic {} {} & {}",
            "Synthetic {} O'{} {} Tools", "Synthetic <{}> {} {}"]  # fmt: skip
SURNAMES, STEMS = "王李张刘陈杨赵黄周吴", "甲乙丙丁戊己庚辛壬癸"


@dataclass(frozen=True)
class Company:
    """What ``make`` returns.

    Attributes
    ----------
    orders : DataFrame
        One row per order line, sorted by day: ``order_id``, ``customer_id``,
        ``date``, ``product``, ``category``, ``channel``, ``region``, ``quantity``
        (pieces), ``amount`` and ``margin`` (CNY, whole cents). A cancellation is
        the negative of every line under the same ``order_id``; a return is a
        negative line under a document of its own (``SYN-R...``), the margin of
        which includes a write-off of a tenth of the goods' cost.
    customers : DataFrame
        The customer file as of the day before ``CUT``, one row per known firm;
        the columns are described in data/README.md.
    balances : DataFrame
        Deposits: ``customer_id``, ``date``, ``balance`` (CNY), a row per change;
        a balance holds until the next row.
    truth : DataFrame
        What the data were drawn from, for tests only: ``customer_id``, ``kind``,
        ``rate`` (expected orders a day at the cut, while alive), ``order_value``
        (CNY, mean), ``growth`` (yearly trend of the log rate), ``satisfaction``
        (standardised) and ``dropout`` (hazard a day) as of the cut, ``alive``
        (buys before the cut and is not lost by then) and
        ``expected_amount`` (CNY from the cut to the end, net of returns).
    """

    orders: pd.DataFrame
    customers: pd.DataFrame
    balances: pd.DataFrame
    truth: pd.DataFrame


def make(customers: int = 3000, seed: int = 1, end: dt.date = END) -> Company:
    """Invent a trading company.

    Parameters
    ----------
    customers : int
        Firms in the customer file, prospects included. One in twenty besides
        turns up only after the cut.
    seed : int
        Same seed, same frames.
    end : date
        First day without data, from ``CUT`` to ``END``. What lies before the cut,
        and the customer file, are the same for every end.
    """
    last = (end - START).days
    streams = np.random.SeedSequence(int(seed)).spawn(6)
    firms, before, after, file, paid, repaid = map(np.random.default_rng, streams)
    latent = _latent(firms, int(customers))
    # Lives are exponential and have no memory: who is alive at the cut draws the
    # rest of its life from the later stream, at the hazard of that day.
    n = len(latent)
    first = np.where(
        latent["starts_late"],
        CUT_DAY + after.integers(0, max(last - CUT_DAY, 1), n),
        latent["first"],
    )
    alive = (latent["gone"] >= CUT_DAY).to_numpy() & (first < NEVER)
    birth = np.maximum(first, CUT_DAY)
    gone = np.where(alive, birth + after.exponential(1 / latent["dropout"]), latent["gone"])
    past = _lines(
        before, latent, *_visits(before, latent, latent["first"], latent["gone"], 0, CUT_DAY)
    )
    future = _lines(after, latent, *_visits(after, latent, first, gone, CUT_DAY, last))
    known = latent[: int(customers)]
    return Company(
        orders=_orders(latent, past, future, last),
        customers=_customers(file, known, past[past["day"] < CUT_DAY]),
        balances=pd.concat(
            [
                _balances(paid, latent, latent["first"], latent["gone"], 0, CUT_DAY),
                _balances(repaid, latent, first, gone, CUT_DAY, last),
            ]
        ).sort_values(["customer_id", "date"], ignore_index=True),
        truth=_truth(latent, last),
    )


def _pick(rng: np.random.Generator, choices: object, n: int, p: object = None) -> np.ndarray:
    return np.asarray(list(choices), dtype=object)[rng.choice(len(choices), n, p=p)]


def _latent(rng: np.random.Generator, customers: int) -> pd.DataFrame:
    """Draw what each firm is like; the first ``customers`` stand in the file."""
    n = customers + round(NEWCOMER_SHARE * customers)
    prospects = round(PROSPECT_SHARE * customers)
    contacted = round(CONTACTED_SHARE * prospects)
    kind = _pick(rng, KINDS, n, list(KINDS.values()))
    kind[:contacted], kind[contacted:prospects] = "contacted", "prospect"
    kind[: round(CONVERT_SHARE * contacted)] = "convert"
    # Ids must not tell the kind.
    kind[:customers] = kind[rng.permutation(customers)]
    kind[customers:] = "newcomer"
    size = SIZES.loc[_pick(rng, SIZES.index, n, SIZES["share"])]
    losing, single = kind == "loss-making", kind == "one-off"
    industry = _pick(rng, INDUSTRIES, n)
    trend = np.select([kind == "growing", kind == "shrinking"], [0.9, -0.9], 0.0)
    growth = trend + np.array([INDUSTRIES[name] for name in industry]) + rng.normal(0, 0.15, n)
    # Opinions drift. What firms think by the cut says who leaves after it and who buys
    # more, which past orders cannot.
    mood, drift, weakness = rng.normal(0, 1, (3, n))
    mood_now = 0.6 * mood + 0.8 * drift
    silent = np.isin(kind, ["contacted", "prospect"])
    late = np.isin(kind, ["convert", "newcomer"])
    # About half were customers before the data begin; the others came since.
    old = (rng.random(n) < 0.55) & ~single
    first = np.where(old, rng.integers(0, 60, n), rng.integers(0, CUT_DAY, n))
    life = rng.exponential(1 / _dropout(mood, weakness))
    breadth = rng.choice([1, 2, 4, 9, 20, 40], n, p=[0.10, 0.12, 0.23, 0.25, 0.20, 0.10])
    rate = size["rate"].to_numpy() * rng.gamma(1.3, 1 / 1.3, n)
    value = size["value"].to_numpy() * np.exp(rng.normal(0, 0.8, n))
    discount = size["discount"].to_numpy() + rng.integers(0, 6, n)
    return pd.DataFrame(
        {
            "customer_id": [f"SYN-{i:05}" for i in range(1, n + 1)],
            "kind": kind,
            "size": size.index,
            "industry": industry,
            "province": _pick(rng, PROVINCES, n),
            "channel": rng.integers(0, len(CHANNELS), n),
            "rate": np.where(single, 0.0, rate),
            "growth": growth,
            "satisfaction": mood_now,
            "weakness": weakness,
            "dropout": _dropout(mood_now, weakness),
            "order_value": value,
            "extra_lines": np.minimum(0.4 * breadth, 2.5),
            "breadth": breadth,
            "shelf": rng.integers(0, len(CATEGORIES) * len(PRICES), n),
            "discount": np.where(losing, rng.integers(33, 43, n), discount),
            "returns": np.where(losing, 0.2, RETURN_SHARE),
            "old": old,
            "starts_late": late,
            "first": np.where(silent | late, NEVER, first),
            "gone": np.where(silent | late, NEVER, first + life),
            "deposit": np.where(
                rng.random(n) < 0.37, 40 * value * np.exp(rng.normal(0, 1.4, n)), 0
            ),
        }
    )


def _dropout(mood: np.ndarray, weakness: np.ndarray) -> np.ndarray:
    return DROPOUT * np.exp(-1.2 * mood + 0.35 * weakness)


def _season() -> np.ndarray:
    """Return how busy each day is, mean 1: weekends, holidays, an autumn peak."""
    days = DAY + np.arange((END - START).days)
    weekday = (days.astype(int) + 3) % 7
    of_year = (days - days.astype("M8[Y]").astype("M8[D]")).astype(int)
    busy = 1 + 0.30 * np.cos(2 * np.pi * (of_year - 285) / YEAR)
    busy *= np.select([weekday == 5, weekday == 6], [0.3, 0.1], 1.0)
    # Chinese New Year and the weeks before it, when firms stock up; the October week.
    for holiday, length in (
        ("2023-01-21", 9),
        ("2024-02-09", 9),
        ("2023-10-01", 7),
        ("2024-10-01", 7),
    ):
        since = (days - np.datetime64(holiday)).astype(int)
        busy[(since >= 0) & (since < length)] *= 0.05
        busy[(since >= -14) & (since < 0)] *= 1.35
    return busy / busy.mean()


def _intensity(latent: pd.DataFrame, low: int, high: int) -> np.ndarray:
    """Return expected orders of each firm on each day from ``low`` to ``high``, while active."""
    days = np.arange(low, high)
    trend = np.outer(latent["growth"], (days - CUT_DAY / 2) / YEAR)
    trend = np.exp(trend + np.outer(WALLET * latent["satisfaction"], days >= CUT_DAY))
    return latent["rate"].to_numpy()[:, None] * trend * _season()[low:high]


def _visits(
    rng: np.random.Generator,
    latent: pd.DataFrame,
    first: np.ndarray,
    gone: np.ndarray,
    low: int,
    high: int,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw the orders from day ``low`` up to ``high``: firm, day, whether its first."""
    first, gone, days = np.asarray(first), np.asarray(gone), np.arange(low, high)
    active = (days >= first[:, None]) & (days < gone[:, None])
    expected = np.cumsum(_intensity(latent, low, high) * active, axis=1)
    total = expected[:, -1] if len(days) else np.zeros(len(latent))
    count = rng.poisson(total)
    who = np.repeat(np.arange(len(latent)), count)
    # One order in each equal part of the expected number: a rhythm, not a clump.
    place = np.arange(len(who)) - np.repeat(np.cumsum(count) - count, count)
    place = (place + rng.random(len(who))) / count[who]
    level = expected / np.where(total > 0, total, 1)[:, None] + np.arange(len(latent))[:, None]
    found = np.searchsorted(level.ravel(), who + place, side="right")
    day = low + np.minimum(found - who * len(days), len(days) - 1)
    new = np.flatnonzero((first >= low) & (first < high))
    opening = np.r_[np.ones(len(new), bool), np.zeros(len(who), bool)]
    return np.r_[new, who], np.r_[first[new], day].astype(int), opening


def _lines(
    rng: np.random.Generator,
    latent: pd.DataFrame,
    who: np.ndarray,
    day: np.ndarray,
    opening: np.ndarray,
) -> pd.DataFrame:
    """Fill orders with lines; add cancellations and returns. Money is in whole cents."""
    firm = {name: latent[name].to_numpy() for name in latent}
    count = 1 + rng.poisson(firm["extra_lines"][who])
    cancelled = (rng.random(len(who)) < CANCEL_SHARE) & ~opening
    delay = rng.integers(0, 6, len(who))
    channel = np.where(
        rng.random(len(who)) < 0.85, firm["channel"][who], rng.integers(0, len(CHANNELS), len(who))
    )
    order = np.repeat(np.arange(len(who)), count)
    at, n = who[order], len(order)
    shelf = len(CATEGORIES) * len(PRICES)
    product = firm["shelf"][at] + (firm["breadth"][at] * rng.random(n) ** 1.5).astype(int)
    product %= shelf
    price = np.tile(PRICES, len(CATEGORIES))[product]
    cost = price * np.repeat(list(CATEGORIES.values()), len(PRICES))[product]
    percent = 100 - firm["discount"][at] - np.where(rng.random(n) < 0.1, 5, 0)
    wanted = firm["order_value"][at] / (1 + firm["extra_lines"][at])
    wanted = wanted * np.exp(rng.normal(-0.18, 0.6, n)) * 10_000 / (price * percent)
    quantity = np.maximum(np.rint(wanted), 1).astype(int)
    lines = pd.DataFrame(
        {
            "document": order,
            "returned": False,
            "firm": at,
            "day": day[order],
            "product": product,
            "channel": channel[order],
            "quantity": quantity,
            "price": price * percent,
            "cost": cost,
            "write_off": 0,
        }
    )
    undone = lines[cancelled[order]].assign(
        day=lambda f: f["day"] + delay[f["document"]], quantity=lambda f: -f["quantity"]
    )
    back = ~cancelled[order] & (rng.random(n) < firm["returns"][at])
    whole, wait = rng.random(n) < WHOLE_RETURNS, rng.integers(3, 41, n)
    part = np.where(whole, quantity, (quantity + 1) // 2)
    returns = lines[back].assign(
        document=len(who) + np.arange(back.sum()),
        returned=True,
        day=lambda f: f["day"] + wait[back],
        quantity=-part[back],
        write_off=WRITE_OFF,
    )
    return pd.concat([lines, undone, returns], ignore_index=True)


def _orders(
    latent: pd.DataFrame, past: pd.DataFrame, future: pd.DataFrame, last: int
) -> pd.DataFrame:
    """Number the documents by day, and write the lines as the company would export them."""
    lines = pd.concat([past.assign(phase=0), future.assign(phase=1)], ignore_index=True)
    lines = lines[lines["day"] < last].reset_index(drop=True)
    lines["opened"] = lines.groupby(["phase", "document"])["day"].transform("min")
    key = ["opened", "firm", "phase", "document"]
    number = lines.groupby(key).ngroup() + 1
    letter = np.where(lines["returned"], "R", "O")
    value, cost = lines["price"] * lines["quantity"], lines["cost"] * lines["quantity"]
    cents, spent = _cents(value), _cents(cost - cost * lines["write_off"] // 100)
    category = np.array(list(CATEGORIES), dtype=object)[lines["product"] // len(PRICES)]
    region = latent["province"].map(PROVINCES).to_numpy()
    orders = pd.DataFrame(
        {
            "order_id": "SYN-" + pd.Series(letter) + number.astype(str).str.zfill(6),
            "customer_id": latent["customer_id"].to_numpy()[lines["firm"]],
            "date": DAY + lines["day"].to_numpy(),
            "product": [f"SYN-P{code + 1:02}" for code in lines["product"]],
            "category": category,
            "channel": np.array(CHANNELS, dtype=object)[lines["channel"]],
            "region": region[lines["firm"]],
            "quantity": lines["quantity"],
            "amount": cents / 100,
            "margin": (cents - spent) / 100,
        }
    )
    rank = np.lexsort([number, lines["day"]])
    return orders.iloc[rank].reset_index(drop=True)


def _cents(hundredths: pd.Series) -> pd.Series:
    """Round hundredths of a cent to cents, the same way for both signs: lines must net out."""
    return np.sign(hundredths) * ((hundredths.abs() + 50) // 100)


def _customers(rng: np.random.Generator, known: pd.DataFrame, past: pd.DataFrame) -> pd.DataFrame:
    """Write the customer file from the latent truth and the lines before the cut."""
    n = len(known)
    recent = past[(past["day"] >= CUT_DAY - YEAR) & (past["quantity"] > 0)]
    orders = recent.groupby("firm")["document"].nunique().reindex(range(n), fill_value=0)
    spent = (recent["price"] * recent["quantity"]).groupby(recent["firm"]).sum() / 10_000
    spent = spent.reindex(range(n), fill_value=0).to_numpy()
    kind, mood, weakness = (known[c].to_numpy() for c in ("kind", "satisfaction", "weakness"))
    buyer, convert = (known["first"] < NEVER).to_numpy(), kind == "convert"
    lead = convert | (kind == "contacted")
    met = np.where(known["old"], -rng.integers(0, 4 * YEAR, n), known["first"])
    met = np.where(buyer, met - rng.integers(1, 60, n), CUT_DAY - rng.integers(1, 400, n))
    answer = np.clip(np.rint(3.4 + 0.9 * mood + rng.normal(0, 0.5, n)), 1, 5)
    due = known["order_value"] * np.exp(rng.normal(-0.5, 0.8, n))
    late = buyer & (rng.random(n) < 0.12 * np.exp(0.6 * weakness))
    grade = np.searchsorted([-0.4, 0.6, 1.5], weakness + rng.normal(0, 0.5, n))
    # Leads that are about to buy take more of the team's time.
    effort = np.select([buyer, lead], [0.4 + 0.04 * np.sqrt(spent), np.where(convert, 6, 2)], 0)
    names, contacts, phones = _identities(rng, n)
    return pd.DataFrame(
        {
            "customer_id": known["customer_id"],
            "name": names,
            "contact": contacts,
            "phone": phones,
            "gender": _gaps(rng, _pick(rng, ["男", "女"], n, [0.64, 0.36]), 0.1),
            "age": pd.Series(np.rint(24 + 38 * rng.beta(2, 2.4, n)))
            .where(rng.random(n) > 0.15)
            .astype("Int64"),
            "industry": known["industry"],
            "size": known["size"],
            "province": known["province"],
            "region": known["province"].map(PROVINCES),
            "first_contact": pd.Series(DAY + met).where((buyer & (rng.random(n) > 0.08)) | lead),
            "satisfaction": pd.Series(answer).where(buyer & (rng.random(n) > 0.2)).astype("Int64"),
            "complaints": rng.poisson(0.15 * np.sqrt(orders) * np.exp(-1.1 * mood)),
            "referrals": rng.poisson(np.where(buyer, np.exp(0.8 * mood - 1.8), 0)),
            "arrears": np.where(late, np.rint(due * 100), 0) / 100,
            "credit_grade": pd.Series(
                _gaps(rng, np.array(list("ABCD"), dtype=object)[grade], 0.06)
            ).where(buyer),
            "contact_hours": np.round(effort * rng.gamma(3, 1 / 3, n), 1),
        }
    )


def _gaps(rng: np.random.Generator, values: np.ndarray, share: float) -> np.ndarray:
    return np.where(rng.random(len(values)) < share, None, values)


def _identities(rng: np.random.Generator, n: int) -> tuple[list[str], list[str], np.ndarray]:
    """Invent company names, contact persons and phone numbers; a few firms stand there twice."""
    room = len(WORDS) ** 3 * len(TRADES)
    number = rng.choice(room, n, replace=n > room)
    chinese = rng.random(n) < 0.7
    names = [_company(int(i), is_chinese) for i, is_chinese in zip(number, chinese, strict=True)]
    people = rng.integers(0, 10, (n, 3))
    contacts = [SURNAMES[a] + STEMS[b] + STEMS[c] for a, b, c in people]
    # No exchange has the area code 000.
    phones = _gaps(rng, np.array([f"000-{i:08}" for i in rng.integers(0, 10**8, n)], object), 0.04)
    pairs = rng.permutation(n)[: 2 * (n // 100)].reshape(-1, 2)
    for copy, original in pairs:
        name = names[original]
        names[copy] = name.replace("有限公司", " 有限责任公司") if name[0] == "合" else name.upper()
        contacts[copy], phones[copy] = contacts[original], phones[original]
    return names, contacts, phones


def _company(number: int, is_chinese: bool) -> str:
    number, kind = divmod(number, len(TRADES))
    place = [number // len(WORDS) ** k % len(WORDS) for k in range(3)]
    if is_chinese:
        return "合成" + "".join(WORDS[i] for i in place) + TRADES[kind] + "有限公司"
    return PATTERNS[kind].format(*(ENGLISH[i] for i in place))


def _balances(
    rng: np.random.Generator,
    latent: pd.DataFrame,
    first: np.ndarray,
    gone: np.ndarray,
    low: int,
    high: int,
) -> pd.DataFrame:
    """Draw the changes of deposits from day ``low`` up to ``high``; who leaves takes it all."""
    first, gone, level = np.asarray(first), np.asarray(gone), latent["deposit"].to_numpy()
    begin, stop = np.maximum(first, low), np.minimum(gone, high)
    holder = (level > 0) & (begin < stop)
    span = np.where(holder, stop - begin, 0)
    who = np.repeat(np.arange(len(latent)), rng.poisson(span / 25))
    day = (begin[who] + span[who] * rng.random(len(who))).astype(int)
    opens = np.flatnonzero(holder & (first >= low))
    who, day = np.r_[who, opens], np.r_[day, first[opens]].astype(int)
    trend = latent["growth"].to_numpy()[who] * (day - CUT_DAY / 2) / YEAR
    balance = level[who] * np.exp(rng.normal(0, 0.5, len(who)) + trend)
    leaves = np.flatnonzero(holder & (gone < high))
    changes = pd.DataFrame(
        {
            "customer_id": latent["customer_id"].to_numpy()[np.r_[who, leaves]],
            "date": DAY + np.r_[day, gone[leaves].astype(int)],
            "balance": np.r_[np.rint(balance * 100) / 100, np.zeros(len(leaves))],
        }
    )
    # Without a row, pandas would not know that ids are text.
    return changes.drop_duplicates(["customer_id", "date"], keep="last").astype(
        {"customer_id": "str"}
    )


def _truth(latent: pd.DataFrame, last: int) -> pd.DataFrame:
    """Work out what each firm is expected to buy from the cut to the end."""
    elapsed, hazard = np.arange(last - CUT_DAY) + 0.5, latent["dropout"].to_numpy()[:, None]
    alive = ((latent["first"] < NEVER) & (latent["gone"] >= CUT_DAY)).to_numpy()
    late = latent["starts_late"].to_numpy()
    lives = np.exp(-hazard * elapsed)
    # Began on a day spread evenly over the holdout, and still there.
    begun = (1 - lives) / (hazard * max(last - CUT_DAY, 1))
    active = alive[:, None] * lives + late[:, None] * begun
    orders = (_intensity(latent, CUT_DAY, last) * active).sum(axis=1) + late * (last > CUT_DAY)
    kept = 1 - latent["returns"] * (WHOLE_RETURNS + (1 - WHOLE_RETURNS) / 2)
    trend = np.exp(latent["growth"] * CUT_DAY / 2 / YEAR + WALLET * latent["satisfaction"])
    return latent[
        ["customer_id", "kind", "order_value", "growth", "satisfaction", "dropout"]
    ].assign(
        rate=latent["rate"] * trend,
        alive=alive,
        expected_amount=orders * latent["order_value"] * kept * (1 - CANCEL_SHARE),
    )
