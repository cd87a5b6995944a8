# Copyright (c) 2026, ozonetel.cloudagent contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The address: whichever way a domain is written it has one form, and what can be no host is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ansible_collections.ozonetel.cloudagent.plugins.module_utils._api.address import (
    addresses,
    base_url,
    is_loopback,
    verification,
)


@pytest.mark.parametrize(
    ("domain", "url"),
    [
        ("domestic", "https://in1-ccaas-api.ozonetel.com"),
        ("international", "https://api.ccaas.ozonetel.com"),
        ("Domestic", "https://in1-ccaas-api.ozonetel.com"),
        ("ccaas.example.com", "https://ccaas.example.com"),
        ("ccaas.example.com/", "https://ccaas.example.com"),
        ("ccaas.example.com:8443", "https://ccaas.example.com:8443"),
        ("https://ccaas.example.com/", "https://ccaas.example.com"),
        ("https://ccaas.example.com/prefix/", "https://ccaas.example.com/prefix"),
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("http://[::1]:8000", "http://[::1]:8000"),
        ("http://localhost:1", "http://localhost:1"),
        ("CCAAS.example.com", "https://ccaas.example.com"),
        ("ccaas.example.com.", "https://ccaas.example.com"),
        ("ccaas.example.com:443", "https://ccaas.example.com"),
        ("HTTPS://CCAAS.Example.COM.:443/", "https://ccaas.example.com"),
        ("https://ccaas.example.com:0443", "https://ccaas.example.com"),
        ("http://127.0.0.1:80", "http://127.0.0.1"),
        ("https://[0:0:0:0:0:0:0:1]:8443", "https://[::1]:8443"),
        ("https://192.0.2.7", "https://192.0.2.7"),
        ("192.0.2.7", "https://192.0.2.7"),
        ("https://intranet", "https://intranet"),
        ("https://my_host.example.com/A/b", "https://my_host.example.com/A/b"),
    ],
)
def test_c16_a_domain_becomes_a_url_and_each_host_has_one_form(domain: str, url: str) -> None:
    assert base_url(domain) == url


@pytest.mark.parametrize(
    "domain",
    [
        "",
        "domestik",
        "http://ccaas.example.com",
        "http://127.0.0.1.example.com",
        "http://127.0.0.1@evil.example.com",
        "https://user:pass@ccaas.example.com",
        "https://ccaas.example.com?x=y",
        "https://ccaas.example.com/#top",
        "ftp://ccaas.example.com",
        "https://",
        "https://[::1",
        "https://ccaas.example.com:port",
        "-ccaas.example.com",
        "ccaas.example.com/path",
        "https://cc aas.example.com",
        "https://ccaas.example.com\\@evil.example.com",
        "ccaas.example.com:99999",
        "https://ccaas.example.com:99999",
        "https://ccaas.example.com:0",
        "https://ccaas.example.com:",
        "https://ccaas.example.com:x",
        "a..b.example",
        "https://a..b.example",
        "https://.example.com",
        "https://" + "a" * 64 + ".example.com",
        "https://" + ".".join(["abcdefgh"] * 40),
        "999.999.999.999",
        "https://1.2.3",
        "https://[fe80::1%25eth0]",
        "https://ex%41mple.com",
        "https://b\u00fccher.example",
        " host.example.com",
    ],
)
def test_c5_what_is_no_host_or_not_safe_is_refused_and_not_shown(domain: str) -> None:
    with pytest.raises(ValueError, match=r"domestic|https|port") as caught:
        base_url(domain)
    assert len(domain) < 10 or domain not in str(caught.value)


@pytest.mark.parametrize("path", ["/ca_apis", "/ca_apis/", "/CA_APIs/CAToken/generateToken", "/prefix/ca_apis"])
def test_the_path_of_the_api_is_not_taken_twice(path: str) -> None:
    with pytest.raises(ValueError, match="has the path /ca_apis, which each call has anyway; leave it out"):
        base_url(f"https://ccaas.example.com{path}")
    assert base_url("https://ccaas.example.com/ca_api") == "https://ccaas.example.com/ca_api"


def test_userinfo_is_not_repeated_in_the_error() -> None:
    with pytest.raises(ValueError, match="user information") as caught:
        base_url("https://user:pass@ccaas.example.com")
    assert "pass" not in str(caught.value)


@pytest.mark.parametrize(
    ("host", "is_it"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("10.0.0.1", False),
        ("localhost.example.com", False),
    ],
)
def test_loopback_is_known(host: str, is_it: bool) -> None:
    assert is_loopback(host) is is_it


@settings(deadline=None, max_examples=300)
@given(st.text(max_size=40) | st.builds("https://{}".format, st.text(max_size=40)))
def test_any_text_is_a_url_that_reads_as_itself_or_a_value_error(text: str) -> None:
    try:
        url = base_url(text)
    except ValueError:
        return
    assert base_url(url) == url


def test_what_is_verified_with_is_the_users_choice(tmp_path: Path) -> None:
    assert verification(True, None) is True
    assert verification(False, None) is False
    assert verification(False, "/nowhere") is False
    assert verification(True, str(tmp_path)) == str(tmp_path)


def test_a_ca_path_that_does_not_exist_is_a_fault() -> None:
    with pytest.raises(ValueError, match="/nowhere does not exist"):
        verification(True, "/nowhere")


@pytest.mark.parametrize("content", ["", "this is no certificate", "-----BEGIN CERTIFICATE-----\nx\n"])
def test_c15_a_file_without_a_certificate_is_a_fault_of_ca_path(tmp_path: Path, content: str) -> None:
    file = tmp_path / "ca.pem"
    file.write_text(content)
    with pytest.raises(ValueError, match=r"ca\.pem holds no certificate in PEM form"):
        verification(True, str(file))


def test_the_host_of_a_url_is_looked_up_here() -> None:
    assert addresses("https://127.0.0.1:8443/prefix") == ["127.0.0.1"]
    assert addresses("http://[::1]") == ["::1"]
    assert "127.0.0.1" in addresses("http://localhost:1")
    with pytest.raises(OSError, match=r"known|resol|associated"):
        addresses("https://nowhere.invalid")
