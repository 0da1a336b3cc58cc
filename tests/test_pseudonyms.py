"""Pseudonyms: stable, different, and traced back by the key's holder only."""

import base64
import hashlib
import hmac
import re
import stat

import pandas as pd
import pytest
from conftest import ROOT

from segment.action import pseudonyms
from segment.errors import StudyError

SECRET = b"a key of sixteen characters"
IDS = ["张三", "=1+1", "", "x" * 300, "مرحبا", "a", "A", " a", "🙂"]


@pytest.fixture
def study(tmp_path, monkeypatch):
    monkeypatch.delenv("SEGMENT_KEY", raising=False)
    return tmp_path / "shop.yaml"


def test_a_pseudonym_is_the_beginning_of_the_keyed_hash():
    found = pseudonyms.pseudonyms(["张三"], SECRET)
    digest = hmac.new(SECRET, "张三".encode(), hashlib.sha256).digest()
    text = base64.b32encode(digest).decode()
    assert found.to_dict() == {"张三": f"{text[:5]}-{text[5:10]}"}


def test_they_depend_on_customer_and_key_alone():
    found = pseudonyms.pseudonyms(IDS, SECRET)
    again = pseudonyms.pseudonyms(pd.Index(IDS[::-1]), SECRET)
    assert found.sort_index().equals(again.sort_index())
    assert found.is_unique and found.map(re.compile(r"[A-Z2-7]{5}-[A-Z2-7]{5}").fullmatch).all()
    assert not set(found) & set(pseudonyms.pseudonyms(IDS, b"another key of some length"))
    assert pseudonyms.pseudonyms([], SECRET).empty


def test_two_customers_never_share_one_and_the_others_keep_theirs(monkeypatch):
    monkeypatch.setattr(pseudonyms, "LENGTH", 1)
    ids = [f"c{i}" for i in range(40)]  # 32 letters for 40 customers
    found = pseudonyms.pseudonyms(ids, SECRET)
    assert found.is_unique
    first = found.str[0]
    alone = ~first.duplicated(keep=False)
    assert alone.any() and (found[alone].str.len() == 1).all()
    assert (found[~alone].str.len() > 1).all()


def test_the_key_file_is_made_once_for_its_owner_alone(study):
    key = pseudonyms.key(study)
    file = study.with_suffix(".key")
    assert len(key) == 64 and file.read_text().strip() == key.decode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert pseudonyms.key(study) == key
    assert pseudonyms.key(study.with_name("other.yaml")) != key
    assert "*.key" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


def test_the_environment_comes_first_and_makes_no_file(study, monkeypatch):
    monkeypatch.setenv("SEGMENT_KEY", SECRET.decode())
    assert pseudonyms.key(study) == SECRET
    assert not study.with_suffix(".key").exists()


@pytest.mark.parametrize("text", ["", "shortsecret"])
def test_a_short_key_is_refused_and_never_echoed(study, monkeypatch, text):
    study.with_suffix(".key").write_text(text)
    with pytest.raises(StudyError, match=r"shop\.key beside the study has \d+ characters") as error:
        pseudonyms.key(study)
    assert not text or text not in str(error.value)
    monkeypatch.setenv("SEGMENT_KEY", "tiny-one")
    with pytest.raises(StudyError, match="SEGMENT_KEY has 8 characters") as error:
        pseudonyms.key(study)
    assert "tiny-one" not in str(error.value)


def test_a_key_that_cannot_be_written_or_read_is_one_sentence(study):
    with pytest.raises(StudyError, match=r"cannot be written to shop\.key"):
        pseudonyms.key(study.parent / "nowhere" / "shop.yaml")
    study.with_suffix(".key").write_bytes(b"\xff\xfe" * 40)
    with pytest.raises(StudyError, match=r"cannot be read from shop\.key"):
        pseudonyms.key(study)
