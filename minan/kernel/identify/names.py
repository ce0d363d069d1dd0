"""Names of people in running text: by what stands before or after them and by what names are made of. Never sure.

A surname alone proves nothing (高兴, 马上, 周围, 水管), so something must speak for a name: "我叫", 邻居, 女士, 某, or two
characters that given names are made of. Names of places and offices are nobody's.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from functools import cache

from minan.kernel.identify import words as w
from minan.kernel.identify.mark import Mark

LONGEST_PLACE = 16
_PLACE_AFTER = frozenset("村庄屯镇乡县市区路街巷道桥河湖苑城营铺堡寨坟沟坡岭洼台站厂店院湾港")
_PLACE_WORDS = frozenset(
    "小区 大道 大桥 大街 公园 广场 花园 家园 新村 社区 学校 中学 小学 大学 医院 公司 集团 物业 酒店 超市 国际 工业 北路 南路 东路 西路 "
    "中路 一路 二路 三路 一期 二期 三期 一组 胡同 村委 居委 家村 家庄 家屯 家务 高速 铁路 机场 水库".split()
)


def _any(words: Iterable[str]) -> str:
    """One pattern for many words, longest first, told apart by their first character: a long list costs little more than a short one."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(set(words), key=lambda word: (-len(word), word)):
        by_first.setdefault(word[0], []).append(re.escape(word[1:]))
    return "(?:" + "|".join(first + "(?:" + "|".join(rest) + ")" for first, rest in by_first.items()) + ")"


# Whoever writes this before a name says that it is one.
_STRONG = (
    "我叫 我名叫 我的名字叫 我的名字是 我的姓名是 我名字叫 俺叫 俺名叫 咱叫 名叫 名字叫 名字是 名唤 叫做 取名 本人叫 本人名叫 本人姓名 本人名字 我姓名 我全名 全名叫 "
    "他叫 她叫 人叫 名为 自称 化名 署名 落款 签名 大名 真名 姓名 小名叫 男的叫 女的叫 有个叫 有一个叫 一个叫 一位叫 这位叫 那人叫 此人叫 孩子叫 儿子叫 女儿叫 老公叫 老婆叫 "
    "丈夫叫 妻子叫 父亲叫 母亲叫 老板叫 房东叫 邻居叫 负责人叫 老师叫 户主叫 本名 原名 曾用名 名字 户主姓名 当事人姓名 患者姓名 学生姓名 老人叫 老人名叫 负责人是 联系人是 "
    "户主是 房东是 老板是 支书是 村支书是 村主任是 经办人是 证人是 证人叫 司机叫 包工头叫 法人是 法人叫 我爱人叫 我丈夫叫 我妻子叫 我父亲叫 我母亲叫 我儿子叫 我女儿叫 "
    "我爸叫 我妈叫 我爷爷叫 我奶奶叫 我弟叫 我哥叫 我姐叫 我妹叫 我老伴叫 老伴叫 爱人叫 媳妇叫 哥哥叫 弟弟叫 姐姐叫 妹妹叫 爸爸叫 妈妈叫 爷爷叫 奶奶叫"
).split()
_FIELDS = (
    "联系人 说事人 投诉人 举报人 反映人 申请人 来访人 来电人 当事人 信访人 报修人 求助人 受害人 负责人 户主 业主 机主 车主 经办人 收件人 发件人 法人 法人代表 法定代表人 委托人 代理人 "
    "监护人 证人 患者 病人 学生 家长 房东 承包人 被告 原告 申诉人 留言人 发帖人 填表人 登记人 接待人 网格员 楼长 老板 工头 借款人 担保人 出租人 承租人 死者 伤者 伤员 逝者 称呼 "
    "姓名 名字 本人 村民 居民 住户 我是 我 署名 落款 签名 敬上 此致 反映人是 家属 亲属 村支书 支书 村主任 队长 组长 邻居 租客 租户 店主 司机 医生 老师 班主任 经理 谢谢 电话 手机"
).split()
_ROLES = (
    "邻居 房东 二房东 租客 租户 房客 户主 业主 老板 老板娘 店主 店长 车主 东家 村支书 支书 村书记 村主任 村长 老村长 村会计 会计 出纳 队长 生产队长 组长 小组长 村民组长 网格员 网格长 楼长 "
    "楼栋长 保安 门卫 物业经理 项目经理 客户经理 大堂经理 经理 包工头 工头 司机 驾驶员 医生 主治医生 大夫 护士 护士长 老师 班主任 校长 园长 教练 丈夫 妻子 老公 老婆 爱人 老伴 媳妇 儿媳 儿子 女儿 父亲 "
    "母亲 爸爸 妈妈 我爸 我妈 爷爷 奶奶 姥姥 姥爷 外公 外婆 公公 婆婆 岳父 岳母 哥哥 弟弟 姐姐 妹妹 大哥 二哥 三哥 大姐 二姐 三姐 叔叔 伯伯 大伯 大爷 二叔 三叔 舅舅 姑姑 侄子 侄女 "
    "外甥 外甥女 孙子 孙女 "
    "同学 同事 工友 战友 好友 朋友 亲戚 表哥 表弟 堂哥 堂弟 堂兄 嫂子 弟媳 女婿 村民 居民 住户 本村村民 同村 本村 邻村 老乡 群众 工人 员工 职工 职员 农民工 学生 患者 病人 老人 "
    "孤寡老人 独居老人 残疾人 低保户 "
    "五保户 贫困户 特困户 肇事者 肇事司机 嫌疑人 被告 原告 家属 监护人 代理人 代理律师 律师 法人 法定代表人 股东 合伙人 承包人 承包商 开发商 老总 干部 村干部 治保主任 妇女主任 民警 警官 "
    "辅警 城管 城管队员 "
    "队员 工作人员 办事员 经办人 业务员 销售 销售员 中介 经纪人 快递员 外卖员 投递员 男子 女子 妇女 青年 老汉 寡妇 隔壁 隔壁家 隔壁邻居 楼上 楼上邻居 楼下 楼下邻居 对门 对门邻居 前院 "
    "后院 东邻 西邻 前邻 后邻 "
    "东院 西院 养殖户 种粮大户 个体户 摊主 商户 摊贩 户名 债主 债务人 债权人 欠款人 借款人 担保人 证人 死者 伤者 逝者 受害人 受害者 当事人 负责人 联系人 房主 屋主 地主 同志 男友 女友 "
    "前夫 前妻 未婚夫 继父 继母 养父 养母 义子 "
    "说是 就是 有个 有位 名字 一个 叫 找到 找过 欠了 我是 本人 本人系 本人是 我 我系 俺是 俺 我们家 我家 咱村 我村 我们村 村里 村里的 队里 组里 同住的 一名 一位 这个 那个 被告人 "
    "以及 说事人 投诉人 举报人 申请人 反映人 来访人 来电人 求助人 报修人 信访人 留言人 收件人 发件人 委托人 申诉人 登记人 接待人 承租人 出租人 牵头人 带头人 介绍人 "
    "知情人 目击者 目击人 在场人 见证人 光棍 老光棍 单身汉 老头 老头子 老太太 老婆子 老人家 小伙 小伙子 姑娘 小孩 孩子 男孩 女孩 大嫂 大婶 大娘 大妈 二婶 三婶 婶子 舅妈 姑父 姑妈 姨夫 "
    "姨妈 妹夫 姐夫 妯娌 亲家 本家 发小 "
    "街坊 邻里 租房的 开店的 卖菜的 种地的 养猪的 养羊的 看门的 开车的 管事的 领头的 带头的 隔壁的 楼上的 楼下的 对门的 前排 后排 上届 现任 前任 原 时任 新来的 写的是 签的是 说的是 指的是 记得是"
).split()
# Whoever stands in these words is only meant where a full name with common characters follows.
_HINTS = "由 被 把 让 给 找 跟 和 与 及 是 问 对 向 同 请 为 替 、 ， 。 ； ： （ ( “ 》 】 ： ！ ？ : ,".split()
_TITLES = (
    "女士 先生 小姐 太太 夫人 大爷 大妈 大娘 大姨 大叔 大伯 大婶 大嫂 大哥 大姐 阿姨 叔叔 伯伯 奶奶 爷爷 师傅 老师 老板 医生 大夫 护士 警官 同志 老汉 老太太 老太 老爷子 老头 婆婆 婶子 婶婶 嫂子 "
    "二叔 三叔 四叔 二婶 三婶 二嫂 三嫂 二爷 三爷 二哥 三哥 四哥 二姐 三姐 会计 支书 村长 组长 队长 律师 教练 同学 总 工 姓 某某 先生家 女士家 姓业主 姓男子 姓女子"
).split()
_SHORT_TITLES = "哥 姐 叔 婶 爷 奶 嫂 姨 伯 某".split()
_HIGH = "书记 市长 县长 区长 省长 镇长 乡长 局长 部长 厅长 主席 总理 主任 院长 所长 校长 处长 科长 站长 领导 委员 常委".split()
_CALLED = frozenset([*_TITLES, *_HIGH])
_GREETED = re.compile("(?:尊敬|敬爱|亲爱)的?[^。！？\n]{0,8}\\Z")

_SPOKEN_OF = frozenset("王李张刘陈杨赵吴徐孙胡朱郭何罗梁宋郑谢韩唐冯董萧曹袁邓傅沈曾彭吕卢蒋蔡贾魏薛阎潘杜戴汪姜范谭廖邹熊郝崔邱秦侯邵孟黎贺龚樊殷翟庞颜倪葛聂詹岳焦黄周马高")
_S = "[" + "".join(sorted(w.COMMON | w.RARER)) + "]"
_SC = "[" + "".join(sorted(w.COMMON)) + "]"
_DOUBLE = _any(w.DOUBLE)
_HAN = "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U000323af"
_joint = "[ \u3000]?(?:[:：]|是|叫|名叫|为|名字叫|姓名|——|-)?[ \u3000]?[（(“\"]?"
_strong = re.compile(f"{_any(_STRONG)}[ \u3000]?[:：是叫为]?[ \u3000]?[“\"（(]?(?=[{_HAN}])")
_field = re.compile(f"(?:{_any(_FIELDS)}[ \u3000]?[:：]|(?:此致|敬上|敬礼|落款|署名)[ \u3000]?[，,！!。:：]?)[ \u3000\n]{{0,4}}(?=[{_HAN}])")
_role = re.compile(f"{_any(_ROLES)}(?:{_joint})(?={_S}|{_DOUBLE})")
_title = re.compile(f"(?P<n>(?P<s>{_DOUBLE}|{_S})(?:[{_HAN}]{{1,2}}?)??){_any(_TITLES)}(?![员们会])")
_elder = re.compile(f"(?P<n>{_SC}){_any(_SHORT_TITLES)}(?![们弟])")
_old = re.compile(f"(?P<n>[老小阿](?P<s>[{''.join(sorted(_SPOKEN_OF))}]))")
_some = re.compile(f"(?P<n>(?:{_DOUBLE}|{_S})某某?)")
_family = re.compile(f"(?<![百同双冠])(?P<n>姓(?:{_DOUBLE}|{_S}))(?![名氏])")
_bare = re.compile(f"(?={_DOUBLE}|{_S})")
_signed = re.compile(
    # blanks are taken once and not given back: a name before a thousand of them must not cost a million looks
    f"(?:^|[\n。！？，,；; \u3000])(?P<n>(?:{_DOUBLE}|{_S})[{_HAN}]{{1,2}})"
    f"(?=[ \u3000]*+(?:[,，、:：（(][ \u3000]*+)?(?:电话|手机|TEL|Tel|tel|联系|身份证|1[3-9][0-9]|20[0-9]{{2}}))",
    re.MULTILINE,
)
_LEFT = frozenset(
    "归派怨恨替陪扶背夸拦护嫁娶雇聘选靠凭靠多亏因除连同由员工长师友客商婆爹妈爸爷奶叔姨舅姑哥弟姐妹嫂婿媳儿女孙侄伴汉头匠贩民警"
    "的跟和与问找是叫被由给让把向对同及请为替了过说有见要名人家者员户主告诉知托帮陪约骂欠送救骗抓访求催谢怪怕识喊选派听记写签"
)
_next = re.compile("(?:[、，,和与及]|以及)[0-9 ]{0,3}")  # 王某、李某
_dot = "[·•・‧∙⋅･᛫]"
_TRANSLIT = frozenset(
    "阿艾爱安昂奥巴拜班邦本比毕别宾波博布不才蔡查昌楚茨次达大丹旦当道德登迪地丁东都杜多顿朵尔额恩法凡菲费弗佛夫福盖甘冈高戈格葛根贡古瓜关桂果哈海罕汉汗杭豪合和赫黑亨洪胡华霍基吉加佳贾江姜杰金津京景久居卡喀"
    "开凯坎康柯科可克肯孔库奎昆拉腊来莱兰郎朗劳勒雷冷黎里礼理力立利丽莉廉连良列烈林琳灵龙隆娄卢鲁陆伦罗洛马玛麦曼芒梅门蒙孟米密敏明莫默牟姆木穆那娜纳乃奈南囊内尼妮宁牛农努诺欧帕派潘庞培佩彭皮珀普其奇齐切钦青琼"
    "曲热仁日荣茹若撒萨塞赛桑瑟森沙山珊尚绍舍圣师施史什士思斯松苏孙索琐所塔台泰唐桃特滕提甜帖铁廷图吐托瓦完旺万维韦卫温沃翁乌吾伍武西希锡夏香肖谢辛雄徐雪亚雅延央扬杨耀耶叶业伊依衣义益因英永尤于雨玉裕元约云再赞扎泽曾"
    "增占詹张哲珍真芝智忠朱卓兹孜紫宗祖左措巴桑卓玛格桑央宗次仁扎西顿珠洛桑丹增美朵买合木提江艳茹则外艾买尔肉孜坎拜帕提古丽努尔吐逊图尔荪米吉热依汗木哈德别克堆朗坚平措仓觉嘎郎泽拥群追呷惹者曲格日娃呼浩雅"
)
_minority = re.compile(f"(?P<a>[{_HAN}]{{1,10}}){_dot}(?P<b>[{_HAN}]{{1,8}})(?:{_dot}(?P<c>[{_HAN}]{{1,8}}))?")


def _is_word(text: str, at: int) -> bool:
    """True where the characters from `at` are an ordinary word that only begins with a surname."""
    return text[at + 1 : at + 2] in w.WORDS_OF.get(text[at], ()) or text[at : at + 3] in w.NOT_NAMES


def _ends_word(text: str, at: int) -> bool:
    """True where the character at `at` is the end of an ordinary word: 紧张, 树林, 主任."""
    return at > 0 and text[at - 1] in w.WORD_ENDS.get(text[at], ())


def _ends(text: str, end: int) -> bool:
    """True where a name may well end at `end`."""
    following = text[end : end + 1]
    return not following or not _han(following) or following in w.AFTER or text[end : end + 2] in w.AFTER_WORDS


def _han(letter: str) -> bool:
    return "\u4e00" <= letter <= "\u9fff" or "\u3400" <= letter <= "\u4dbf" or letter > "\U0001ffff"


def _place_follows(text: str, end: int) -> bool:
    return text[end : end + 1] in _PLACE_AFTER or text[end : end + 2] in _PLACE_WORDS


def _surname(text: str, at: int, *, strong: bool) -> int:
    """How many characters of surname stand at `at`; 0 where there is none, or only an ordinary word."""
    if text[at : at + 2] in w.DOUBLE:
        return 2
    letter = text[at : at + 1]
    if strong:
        return int(letter in w.SURNAMES and not (letter in w.SCARCE and _is_word(text, at)) and text[at : at + 2] != "敬礼")
    return int((letter in w.COMMON or letter in w.RARER) and not _is_word(text, at))


def _given(text: str, at: int, most: int) -> int:
    """How many characters from `at` may be a given name."""
    n = 0
    while n < most and (letter := text[at + n : at + n + 1]) and _han(letter) and letter not in w.NOT_GIVEN:
        n += 1
    return n


def _seldom(part: str) -> int:
    """How many of these characters are such as names are made of, or at least no common prose."""
    return sum(letter in w.GIVEN or letter not in w.PROSE for letter in part)


@cache
def _odd(letter: str) -> bool:
    """True for characters outside the 3,755 that ordinary writing uses (GB 2312, level 1): after a surname, most often a name."""
    try:
        return letter.encode("gb2312")[0] >= 0xD8
    except UnicodeEncodeError:
        return True


def _extent(text: str, at: int, *, strong: bool) -> int:
    """Where the name beginning at `at` ends; 0 where none begins there. `strong`: what stands before says it is a name."""
    size = _surname(text, at, strong=strong)
    if not size:
        return 0
    begin, given = at + size, _given(text, at + size, 3)
    for length in (2, 1, 3) if strong else (2, 1):
        end = begin + length
        if not strong and text[at] in w.PRONE and _seldom(text[begin:end]) < length:
            continue
        if length <= given and _ends(text, end) and (not _place_follows(text, end) or (strong and length == 2)):
            return end
    free = given >= 2 and not _place_follows(text, begin + 2) and not _place_follows(text, begin + 1)
    if free and (strong or _seldom(text[begin : begin + 2]) == 2):
        return begin + 2
    return begin + 1 if strong and given else 0


def _by_own_word(text: str) -> Iterator[tuple[int, int]]:
    return _by_context(text, ((_strong, True), (_field, True)))


def _by_role(text: str) -> Iterator[tuple[int, int]]:
    return _by_context(text, ((_role, False),))


def _by_context(text: str, patterns: Iterable[tuple[re.Pattern[str], bool]]) -> Iterator[tuple[int, int]]:
    for pattern, says_so in patterns:
        for found in pattern.finditer(text):
            start, strong = found.end(), says_so
            if len(found.group()) == 1 and _ends_word(text, start):
                continue
            while end := _extent(text, start, strong=strong):
                yield start, end
                following = _next.match(text, end)
                if following is None:
                    break
                start, strong = following.end(), False


def _begins(text: str, start: int) -> bool:
    """True where a name may well begin at `start`."""
    return start == 0 or not _han(text[start - 1]) or text[start - 1] in _LEFT


def _by_title(text: str) -> Iterator[tuple[int, int]]:
    for found in _title.finditer(text):
        start, end, given = found.start("n"), found.end("n"), text[found.end("s") : found.end("n")]
        common = text[start] in w.COMMON or found.end("s") - start == 2
        if any(c in w.NOT_GIVEN for c in given) or (len(given) < 2 and _ends_word(text, start)):
            continue
        if given and _is_word(text, start) and not (len(given) == 2 and _begins(text, start)):
            continue
        if found.end() - end == 1 and (given or not common or not _ends(text, found.end())):  # 总, 工, 姓
            continue
        if not common and not (_begins(text, start) or _seldom(given) == 2):
            continue
        yield start, end if given else found.end()  # 王女士: the whole, for one character is not worth hiding alone
    for pattern in (_elder, _old):
        for found in pattern.finditer(text):
            if _ends(text, found.end()) and _begins(text, found.start()) and not _is_word(text, found.end() - 1):
                yield found.span()


def _by_form(text: str) -> Iterator[tuple[int, int]]:
    for found in _some.finditer(text):
        end = found.end()
        yield found.start(), end + int(text[end : end + 1] in w.GIVEN and _ends(text, end + 1) and text[end : end + 1] not in w.AFTER)
    for found in _family.finditer(text):
        yield found.span("n")
    for found in _signed.finditer(text):
        start, end = found.span("n")
        if not _is_word(text, start) and _given(text, start + 1, 2) >= end - start - 1 and not _place_follows(text, end):
            yield start, end
    for found in _bare.finditer(text):
        if end := _alone(text, found.start()):
            yield found.start(), end


def _alone(text: str, at: int) -> int:
    """Where a name ends for which nothing speaks but its own characters and their neighbours; 0 where there is none."""
    size = _surname(text, at, strong=False)
    if not size or _ends_word(text, at) or text[at + size : at + size + 2] in _CALLED:
        return 0
    begin, given = at + size, _given(text, at + size, 2)
    begins, common = size == 2 or _begins(text, at), size == 2 or text[at] in w.COMMON
    prone = not common and text[at] in w.PRONE
    if not prone and given and not _place_follows(text, begin + given):
        first, second = _odd(text[begin]), given == 2 and _odd(text[begin + 1])
        if first or (second and _seldom(text[begin])):
            return begin + (2 if second or (given == 2 and text[begin + 1] in w.GIVEN) else 1)
    for length in (2, 1):
        end = begin + length
        if length > given or _place_follows(text, end) or text[begin] == "家":
            continue
        seldom = _seldom(text[begin:end])
        likely = begins and common and seldom == length and text[end] in w.PROSE if end < len(text) else False
        if not (likely or _ends(text, end)):
            continue
        if common and length == 2:
            right = seldom == 2 or begins
        elif prone:
            right = begins and seldom == length == 2
        else:
            right = begins and (seldom == length or (length == 2 and seldom > 0))
        if right:
            return end
    return 0


def _by_dot(text: str) -> Iterator[tuple[int, int]]:
    """阿不都热合曼·买买提: the characters by which such names are written, on both sides of the dot."""
    for found in _minority.finditer(text):
        start, last = found.end("a"), "c" if found["c"] else "b"
        while start > found.start("a") and text[start - 1] in _TRANSLIT:
            start -= 1
        end = found.start(last)
        while end < found.end(last) and text[end] in _TRANSLIT:
            end += 1
        if start < found.end("a") and end > found.start(last) and end - start >= 5:
            yield start, end


def _greeted(text: str, start: int, end: int) -> bool:
    """尊敬的王书记: who is addressed by office is no secret."""
    follows = text[end : end + 3]
    if any(follows.startswith(title) for title in _HIGH):
        return True
    return bool(_GREETED.search(text[max(0, start - 12) : start]))


def _in_place(text: str, start: int, end: int, places: Collection[str], *, more: bool) -> bool:
    """True where the name is the name of a place or an office, or a part of one; with `more` only a part."""
    for a in range(start, max(-1, start - 6), -1):
        for b in range(end + int(more and a == start), min(len(text), a + LONGEST_PLACE) + 1):
            if text[a:b] in places:
                return True
    return False


def found(text: str, places: Collection[str] = ()) -> list[Mark]:
    """The names of a text; `places`: names that are nobody's, unless somebody says "我叫" before one. May overlap."""
    out = []
    for way in (_by_own_word, _by_role, _by_title, _by_form, _by_dot):
        for start, end in way(text):
            if places and _in_place(text, start, end, places, more=way is _by_own_word):
                continue
            if way not in (_by_own_word, _by_role) and _greeted(text, start, end):
                continue
            out.append(Mark(start, end, "name", False))
    return out
