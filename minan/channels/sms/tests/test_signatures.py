"""What we send is, byte for byte, what the vendors' own SDKs send: address, headers, signature and body, for twenty requests each."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from unittest import mock
from urllib.parse import urlsplit

import darabonba.core
import pytest
import tencentcloud.common.abstract_client as tencent_abstract
import tencentcloud.common.http.request as tencent_http
import time_machine
from alibabacloud_dysmsapi20170525 import models as aliyun_models
from alibabacloud_dysmsapi20170525.client import Client as AliyunClient
from alibabacloud_tea_openapi import models as openapi_models
from tencentcloud.common import credential
from tencentcloud.sms.v20210111 import models as tencent_models
from tencentcloud.sms.v20210111 import sms_client

from minan.channels.sms import aliyun, template, tencent

AT = datetime(2026, 11, 29, 13, 37, 15, tzinfo=UTC)
NUMBER = "13812345678"
# What stands in the place of "what happened": letters that every step of a signature has got wrong somewhere.
WHATS = (
    "受理。固安镇说事站 #1a2b", "", " ", "😀👨‍👩‍👧🏽", "㛃𬭸𠮷𪚥", "a b  c", "+/=&%~*", "%20%2B+%", "\"'`\\", "一行\n两行\r\n\t三", "é ü ñ — “引号”",
    "~!@#$%^&*()_+{}|:<>?",
    "\u200b\ufeff零宽", "<script>&amp;</script>", "=1+1", "ｆｕｌｌ　ｗｉｄｔｈ", "العربية עברית", "١٢٣ ①②③", "长" * 500, "\x01\x7f\x1b[2J",
)  # fmt: skip


@pytest.fixture(autouse=True)
def configured(settings: Any) -> None:
    settings.SMS_SIGN, settings.SMS_ALIYUN = "民安 & 廊坊+", "SMS_154950909"
    settings.SMS_TENCENT = ["1400006666", "1110", "ap-beijing"]


def of_aliyun(query: dict[str, str]) -> Any:
    """The request the vendor's SDK would have sent, at AT with the nonce "n"."""
    client = AliyunClient(
        openapi_models.Config(access_key_id="LTAI5t", access_key_secret="s3cr/et+=", endpoint="dysmsapi.aliyuncs.com")
    )
    taken: list[Any] = []

    class Session:
        def send(self, prepared: Any, **_: Any) -> Any:
            taken.append(prepared)
            raise RuntimeError("not sent")

    asked = aliyun_models.SendSmsRequest(
        out_id=query["OutId"], phone_numbers=query["PhoneNumbers"], sign_name=query["SignName"], template_code=query["TemplateCode"],
        template_param=query["TemplateParam"],
    )  # fmt: skip
    with (
        time_machine.travel(AT, tick=False),
        mock.patch.object(darabonba.core.DaraCore, "_get_session", return_value=Session()),
        mock.patch("alibabacloud_tea_openapi.utils.Utils.get_nonce", return_value="0123456789abcdef"),
        pytest.raises(Exception, match="not sent"),
    ):
        client.send_sms(asked)
    return taken[0]


def of_tencent(params: dict[str, Any]) -> tuple[str, dict[str, str], str]:
    asked = tencent_models.SendSmsRequest()
    asked._deserialize(params)
    taken: list[Any] = []

    def request(self: Any, method: str, url: str, data: str, header: dict[str, str]) -> Any:
        taken.append((url, dict(header), data))
        raise RuntimeError("not sent")

    client = sms_client.SmsClient(credential.Credential("AKIDz8krbsJ5", "Gu5t9xGARNpq86"), "ap-beijing")
    with (
        time_machine.travel(AT, tick=False),
        mock.patch.object(tencent_http.ProxyConnection, "request", request),
        pytest.raises(Exception, match=r"not sent|ClientNetworkError"),
    ):
        client.SendSms(asked)
    url, header, data = taken[0]
    return url, header, data


def bare(headers: Any) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items() if name.lower() != "content-length"}


@pytest.mark.parametrize("what", WHATS, ids=range(len(WHATS)))
def test_aliyun_gets_what_its_own_sdk_would_send(what: str) -> None:
    query = {
        "OutId": "key", "PhoneNumbers": NUMBER, "SignName": "民安 & 廊坊+", "TemplateCode": "SMS_154950909",
        "TemplateParam": json.dumps({"code": "GA3K9-00000-00001", "what": what}, ensure_ascii=False),
    }  # fmt: skip
    theirs = of_aliyun(query)
    agent = theirs.headers["user-agent"]
    target, headers = aliyun.request(
        query, "LTAI5t", "s3cr/et+=", host="dysmsapi.aliyuncs.com", at=AT, nonce="0123456789abcdef", agent=agent
    )
    assert headers["Authorization"] == theirs.headers["Authorization"]
    assert bare(headers) == bare(theirs.headers)
    assert f"https://dysmsapi.aliyuncs.com{target}" == theirs.url
    assert theirs.body is None, "and no body"
    _, other = aliyun.request(
        query, "LTAI5t", "another", host="dysmsapi.aliyuncs.com", at=AT, nonce="0123456789abcdef", agent=agent
    )
    assert other["Authorization"] != theirs.headers["Authorization"]


@pytest.mark.parametrize("what", WHATS, ids=range(len(WHATS)))
def test_tencent_gets_what_its_own_sdk_would_send(what: str) -> None:
    params = {
        "PhoneNumberSet": [f"+86{NUMBER}"], "SmsSdkAppId": "1400006666", "TemplateId": "1110", "SignName": "民安 & 廊坊+",
        "TemplateParamSet": ["GA3K9-00000-00001", what], "SessionContext": "key",
    }  # fmt: skip
    url, theirs, data = of_tencent(params)
    client = f"SDK_PYTHON_{tencent_abstract.tencentcloud.__version__}"
    headers, body = tencent.request(
        params, "AKIDz8krbsJ5", "Gu5t9xGARNpq86", host=urlsplit(url).netloc, region="ap-beijing", at=AT,
        trace=theirs["X-TC-TraceId"], client=client,
    )  # fmt: skip
    assert body == data.encode()
    assert headers["Authorization"] == theirs["Authorization"]
    assert bare(headers) == bare(theirs)


def test_what_we_really_send_has_the_same_fields_as_the_sdk_s_own_requests() -> None:
    words = "【民安】GA3K9-00000-00001 受理。固安镇说事站 #1a2b"
    query = aliyun.query_of("key", f"+86{NUMBER}", words)
    assert (
        aliyun.request(query, "k", "s", host="dysmsapi.aliyuncs.com", at=AT, nonce="n")[0]
        == urlsplit(of_aliyun(query).url)._replace(scheme="", netloc="").geturl()
    )
    assert json.loads(query["TemplateParam"]) == {"code": "GA3K9-00000-00001", "what": "受理。固安镇说事站 #1a2b"}
    params = tencent.params_of("key", f"86{NUMBER}", words)
    assert json.loads(of_tencent(params)[2]) == params
    assert params["PhoneNumberSet"] == [f"+86{NUMBER}"]


@pytest.mark.parametrize(
    ("words", "code", "what"),
    [
        ("【民安】GA3K9-00000-00001 答复。固安县住建局", "GA3K9-00000-00001", "答复。固安县住建局"),
        ("Minan: GA3K9-00000-00001: Answered. Road office", "GA3K9-00000-00001", "Answered. Road office"),
        ("没有编号的话", "", "没有编号的话"),
        ("【民安】GA3K9-00000-00001 " + "长" * 80, "GA3K9-00000-00001", "长" * 34 + "…"),
    ],
)
def test_a_template_gets_the_code_and_what_happened_and_no_more_letters_than_it_takes(
    words: str, code: str, what: str
) -> None:
    assert template.variables(words) == (code, what)
