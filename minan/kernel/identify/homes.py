"""Homes and account names: "3-2-401", "5栋1203室", 门牌 88 号, "微信 wx_abc123". Never sure: the matter itself may lie there."""

from __future__ import annotations

import re

from minan.kernel.identify.mark import Mark

_D = "[0-9０-９]"
_N = "(?:[0-9０-９]{1,4}|[〇零一二三四五六七八九十百两]{1,5})"
_ROOM = "(?:[0-9０-９]{3,4}|[〇零一二三四五六七八九十百幺]{3,5})"
_GAP = "[ \u3000]?"
_DASH = "[-－—–―‐_~～/]"
_BLOCK = f"(?:[A-Za-z0-9]{{1,3}}|[０-９]{{1,3}}|[一二三四五六七八九十]{{1,3}}){_GAP}(?:号楼|栋|幢|座|号院|#楼?|楼|弄)"
_unit = f"{_N}{_GAP}(?:单元|门洞|门)"
_room = f"{_GAP}{_ROOM}(?![0-9０-９]*(?:年|元|米|人|户|平|万|多|余|个|块|天|路|弄|斤|分|度|楼|栋|级|℃|%))(?:{_GAP}(?:室|号房|房|号|户))?"
_flats = re.compile(
    f"(?<![0-9０-９A-Za-z.]){_BLOCK}{_GAP}(?:{_unit}(?:{_GAP}{_N}{_GAP}[层楼])?(?:{_room}|{_GAP}[东西中][户门])|{_room})"
    f"|(?<![0-9０-９A-Za-z]){_unit}(?:{_room}|{_GAP}[东西中]户)"
    f"|(?<![0-9０-９A-Za-z.-]){_D}{{1,3}}{_DASH}{_D}{{1,2}}{_DASH}{_D}{{3,4}}(?![0-9０-９-])(?!{_GAP}[年元])"
    f"|(?<![0-9０-９A-Za-z.:：-]){_D}{{1,2}}{_DASH}{_D}{{3,4}}{_GAP}(?:室|号房|房间|户)"
    f"|(?<![0-9０-９A-Za-z.第]){_ROOM}(?:室|号房)(?![内温外友])"
)
_door = re.compile(
    f"(?P<n>(?:门牌|户号|房号|门号)(?:号码?)?[ \u3000:：为是]{{0,3}}"
    f"(?:[0-9０-９]{{1,4}}+|[〇零一二三四五六七八九十百]{{1,5}}+){_GAP}号?(?:{_GAP}(?:附|之|-){_N}{_GAP}号?)?)(?![年月日个天次])"
)
_lives = re.compile(
    f"(?:家住|住在|现住|住址|家庭地址|租住|居住在|我住)[^。！？；\n]{{0,24}}?"
    f"(?<![年月0-9.])(?P<n>{_N}{_GAP}号院?(?:{_GAP}{_N}{_GAP}(?:号|排|户|门))?|{_N}{_GAP}[组排队]{_GAP}{_N}{_GAP}号)(?![年月日线楼栋幢令文])"
)
_PLAIN = frozenset(
    "app apps apk ios android vip wifi http https www com pdf excel word ppt email phone mobile iphone huawei oppo vivo online "
    "service official about login user admin group public gov".split()
)
_TELLS = "(?:账号|帐号|号码|昵称|名字|名称|号|名|ID|id|[ \u3000:：是为叫加搜@“”\"'‘’（(【]){0,8}"
_WHERE = (
    "(?:微信|薇信|威信|微博|抖音|快手|小红书|支付宝|钉钉|陌陌|头条|B站|b站|企鹅|淘宝|闲鱼|[Ww][Xx]|[Vv][Xx]|[Vv]信|加[Vv]|[Qq][Qq]|QQ邮箱|网名|昵称|账号|帐号|用户名|ID)"
)
_account = re.compile(
    f"{_WHERE}{_TELLS}"
    f"(?P<n>[A-Za-z][A-Za-z0-9_-]{{4,29}}|[0-9][A-Za-z0-9_-]*[A-Za-z_][A-Za-z0-9_-]{{3,29}})(?![A-Za-z0-9_.])"
)
_nick = re.compile(
    "(?:网名|昵称|微信名|微博名|抖音名|快手名|微信昵称|抖音昵称|微博昵称)[ 　]?[:：是为叫]{1,2}[ 　]?[“\"‘'「]?(?P<n>[\\w·~♥★-]{2,12}?)(?=[”\"’'」，。、；！？!,;\\s（(]|$)"
)
_handle = re.compile("(?<![\\w.])@(?P<n>[\\w-]{3,20})(?![\\w.])")


def found(text: str) -> list[Mark]:
    """Homes and account names. May overlap."""
    out = [Mark(m.start(), m.end(), "home", False) for m in _flats.finditer(text)]
    for pattern in (_door, _lives):
        out += [Mark(m.start("n"), m.end("n"), "home", False) for m in pattern.finditer(text)]
    for m in _account.finditer(text):
        token = m["n"]
        if token.lower().strip("_-") not in _PLAIN:
            out.append(Mark(m.start("n"), m.end("n"), "account", False))
    for pattern in (_nick, _handle):
        out += [Mark(m.start("n"), m.end("n"), "account", False) for m in pattern.finditer(text)]
    return out
