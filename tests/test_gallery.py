"""The list of all reports in a folder."""

import json
import os

from segment.publish import gallery

RESULTS = {
    "title": "A <b>shop</b> & more",
    "facts": {"customers": 1234, "first": "2023-01-01", "last": "2023-12-31"},
    "verdict": {"recommended": "ABC 80/95", "refused": ""},
}


def put(folder, name, results=RESULTS, made=0, page=True):
    (folder / name).mkdir()
    file = folder / name / "results.json"
    file.write_text(results if isinstance(results, str) else json.dumps(results))
    os.utime(file, (made, made))
    if page:
        (folder / name / "report.html").write_text("")


def test_reports_are_listed_the_newest_first(tmp_path):
    put(tmp_path, "old", made=1)
    put(tmp_path, "new shop", made=9)
    assert [r["page"] for r in gallery.reports(tmp_path)] == [
        "new shop/report.html", "old/report.html",
    ]  # fmt: skip
    html = gallery.write(tmp_path).read_text(encoding="utf-8")
    assert html.index("new%20shop/report.html") < html.index('"old/report.html"')
    assert "A &lt;b&gt;shop&lt;/b&gt; &amp; more" in html
    assert "Use ABC 80/95." in html
    assert "1,234 customers, 2023-01-01 to 2023-12-31" in html


def test_the_best_tier_of_what_is_recommended_is_told(tmp_path):
    tiers = [
        {"label": label, "tier": tier, "customers": n, "share": share, "value_share": value}
        for label, tier, n, share, value in [
            ("Other", "X", 9, 0.9, 0.9),
            ("ABC 80/95", "0", 0, 0.0, 0.0),
            ("ABC 80/95", "A", 5, 0.05, 0.48),
        ]
    ]
    put(tmp_path, "shop", RESULTS | {"tiers": tiers})
    html = gallery.write(tmp_path).read_text(encoding="utf-8")
    assert "A: 5% of the customers, 48% of what came in." in html


def test_a_report_without_a_verdict_says_why(tmp_path):
    verdict = {"recommended": None, "refused": "too few customers"}
    put(tmp_path, "few", RESULTS | {"verdict": verdict})
    html = gallery.write(tmp_path).read_text(encoding="utf-8")
    assert "No recommendation: too few customers.</strong>" in html


def test_what_is_no_whole_report_is_passed_over(tmp_path):
    put(tmp_path, "broken", "{")
    put(tmp_path, "other", {"title": "something else"})
    put(tmp_path, "half", page=False)
    put(tmp_path, ".shop.partial-1")
    (tmp_path / "empty").mkdir()
    assert gallery.reports(tmp_path) == []
    assert "All reports" in gallery.write(tmp_path).read_text(encoding="utf-8")
