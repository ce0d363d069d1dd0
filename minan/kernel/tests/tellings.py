"""A made-up city's matters, each of which two people could tell in words of their own; for judging the search for duplicates.

The sentences are ours, written down before any scoring was tried and not changed to please it. {at} is where it is, told
by a landmark or not at all; the second teller may name another landmark close by. A fixed seed gives the same city always.
"""

import random
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from minan.kernel.likeness import Candidate
from minan.lib import geo

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)

PHRASINGS: dict[str, str] = {
    "lamp.out": """
{at}的路灯不亮了，晚上出门什么也看不见
{at}一到天黑就伸手不见五指，杆子上那几个灯泡全歇了
跳完广场舞回家要打手电，{at}那一溜灯早就不工作了
请给{at}换换灯泡，孩子下晚自习骑车害怕
{at}照明设施故障，夜间通行存在隐患，望派人检修
老人昨天在{at}绊了一跤，就因为那段没个亮儿
{at}有三根灯杆晚上不亮，白天倒是有时候亮着
咱这{at}黑灯好些日子了，啥时候能给弄亮
路灯一闪一闪的，后来干脆灭了，位置在{at}""",
    "road.hole": """
{at}路面有个大坑，骑车差点摔着
{at}那块儿柏油都碎了，车轱辘一过就颠得慌
昨晚送货路过{at}，轮胎被磕爆了，地上陷下去一块
{at}道路破损严重，雨天看不出深浅，请修补
水泥路年头久了，{at}那段一个窟窿接一个窟窿
电动三轮在{at}翻了，就是因为地面塌下去没人填
能不能把{at}垫平了，走一趟心肝都颠出来
{at}沉降形成凹坑，约半米宽，过往车辆避让危险
挖完管道没恢复好，{at}留了个沟，天天咯噔咯噔的""",
    "cover.gone": """
{at}的井盖没了，敞着口，太吓人了
{at}地上有个黑洞洞的口子，铁盖子不知道谁给弄走了
{at}污水井缺盖，群众用树枝挡着，请尽快补装
小孩玩儿差一点掉下去，{at}那个下水口没盖严
{at}的窨井盖破裂，压上去咣咣响
有辆车的前轮卡在{at}的井里了，盖子碎成两半
{at}铁箅子丢了一个，晚上根本看不见
麻烦来人看看{at}，那个圆盖子翘着边，绊人
通信井盖塌了，在{at}，我们拿砖头围上了""",
    "rubbish.pile": """
{at}垃圾成堆，好多天没人清了
{at}那几个桶早冒尖了，袋子扔得满地都是
苍蝇嗡嗡的，{at}味儿大得没法开窗户
收垃圾的车一个礼拜没来，{at}都堆成小山了
{at}有人倒装修剩下的碎砖头和旧沙发
野猫把袋子扒得到处都是，{at}走路都没处下脚
{at}环境卫生脏乱差，请安排清运
请给{at}加两个桶，现在大伙儿都往地上扔
{at}成了垃圾场，烂菜叶子剩饭啥都有""",
    "sewer.over": """
{at}污水往外冒，流得满街都是
下水道堵了，{at}的粪水都漫到院门口了
{at}那个井咕嘟咕嘟往上反，臭得要命
走过{at}得踮着脚，脏水一地，鞋都湿了
{at}管网堵塞，生活污水外溢，请疏通
家里马桶冲不下去，跟{at}那根主管道不通有关系
天一凉{at}这水就结冰，全是下水流出来的
抽粪车来过一回没弄好，{at}又漾出来了
{at}低洼处常年一滩黑水，是从井口出来的""",
    "noise.build": """
{at}的工地半夜还在施工，吵得睡不着
都后半夜一点了，{at}还在打桩，床都跟着颤
{at}夜间混凝土浇筑，噪声超标，影响居民休息
孩子明年中考，{at}盖楼的机器一宿一宿地响
能不能管管{at}那个项目，天不亮就开始叮叮咣咣
{at}拆房子的大锤砸到十一点多，老人心脏受不了
电锯声钻孔声，从{at}传过来，关上窗户也不管用
我家住{at}对面，吊车和铲车通宵干活，没法歇着
{at}未取得夜间作业许可仍连续施工，请查处""",
    "noise.dance": """
{at}跳广场舞的声音太大
大喇叭一响就是俩钟头，{at}的大妈们天天准时开场
{at}晚上放音乐震得玻璃嗡嗡的，作业都写不下去
上夜班的白天想补觉，{at}一早就有人放着音响扭秧歌
{at}健身队音量过高，请协调降低
几拨人抢地盘，{at}的曲子一个比一个响
{at}有人支着音箱唱卡拉OK到很晚，跑调还大声
建议给{at}的舞蹈队定个时间，九点以后别放了
从{at}那边传来的鼓点，吵得老人血压都高了""",
    "dog.loose": """
{at}有好几条流浪狗，追着人咬
一条大黄狗没拴，在{at}把我裤腿撕了
{at}遛狗不牵绳，孩子吓得直哭
请打狗队来一趟{at}，有一窝没主的，见人就叫
{at}犬只散养，粪便无人清理
早上买菜路过{at}，一只黑的冲出来扑我妈身上
养大型犬的那家住{at}，也不戴嘴套，邻居都不敢过
{at}晚上一群野的乱窜，快递小哥都不敢送
我爸腿上被咬了俩牙印，事儿就出在{at}，狗主人不认账""",
    "parking.block": """
{at}车乱停，消防通道都堵上了
一辆白面包横在{at}好几天，打电话也不接
{at}违法停车严重，救护车进不来
放学的时候{at}两边全是接孩子的车，走不过去
出不了家门，{at}那儿又让人给堵死了
{at}划了黄线照样有人停，请交警来贴条
{at}有辆没牌子的破车趴了小半年，占着地方
货车整夜停在{at}，转弯都看不见来车
能不能在{at}安几个桩子，省得人把车开到便道上""",
    "water.off": """
{at}停水两天了，做饭都没法做
一拧龙头光出气不出水，{at}这几户都一样
{at}供水中断，未接到任何通知
{at}楼上水流跟线儿似的，洗澡洗一半就没了
家里有吃奶的娃，{at}到现在自来水还没来
大清早起来没得洗脸，{at}是不是管子又爆了
{at}水压不足，六楼以上基本用不上
大伙儿都提着桶去外边接水，{at}啥时候能恢复
交着水费却断断续续没有水，地址是{at}""",
    "heat.cold": """
{at}暖气不热，家里才十四度
交了钱还得穿棉袄，{at}的片子摸着冰凉
{at}供热温度不达标，请热力公司上门测温
老两口裹着被子看电视，{at}这几栋都说不行
{at}进水管烫手回水管凉，是不是堵了
月子里的人受不了这冷，{at}从送暖那天就没暖和过
地暖只有一间有点温乎，{at}的住户建了群都在说
{at}阀门漏，一打压就往下掉，整栋跟着挨冻
隔壁小区都能穿短袖，{at}这边手都伸不出来""",
    "tree.fall": """
{at}的大树倒了，横在路上
昨夜刮大风，{at}那棵老杨树砸到了院墙
{at}树枝碰着高压线，刮风直冒火花
请修剪{at}的树，把二楼光全挡了
{at}枯树有倾倒危险，树下就是孩子们走的道
一根胳膊粗的杈子掉在{at}，幸好没砸着人
{at}柳树歪得厉害，绳子拉着也不管用了
{at}行道树死了好几棵，树干都空了
园林的来看看吧，{at}那棵眼看要趴下了""",
    "wage.owed": """
{at}的工地拖欠工资，干了四个月没见着钱
包工头跑了，我们十几个人在{at}等着要血汗钱
{at}那个厂子两个月没开支，老板总说下礼拜
我给{at}的饭店端盘子，走的时候扣着最后一个月不给
农民工讨薪：{at}项目分包方以未结算为由拒付
年根儿底下了，{at}干木工的还等着拿钱回家过年
说好一天二百八，{at}的活儿完了只打了个白条
保洁阿姨们在{at}忙了一季度，公司换了名字就不认了
{at}那边欠着劳务费，劳动监察能不能给问问""",
    "smoke.cook": """
{at}饭馆的油烟直接往居民楼排
一到饭点{at}就乌烟瘴气，晾的衣服全是羊肉串味儿
{at}烧烤摊子支在窗户底下，熏得睁不开眼
{at}餐饮店未安装净化设施，请环保部门查看
烟筒正对着我家卧室，就是{at}那家炒菜的
{at}炸油条的排风扇朝着楼道，墙都黑了
邻居有哮喘，{at}的烤炉一点就得关窗户
底商做饭呛得慌，{at}这趟楼都有意见
{at}后厨的味道顺着管道钻进屋里，孩子直咳嗽""",
    "lift.stuck": """
{at}电梯坏了三天没人修
昨天我被关在里头二十分钟，{at}那部梯子又卡住了
{at}的电梯运行时异响、抖动，请质监检查
十七楼爬上爬下，{at}的老人干脆不下楼了
{at}轿厢门关不上，按了也没反应
上个月刚修，这礼拜{at}又停了，买菜全靠腿
维保单位推物业，物业推业主，{at}就这么趴着
坐到一半突然往下坠，{at}吓得没人敢乘
{at}升降机老停运，坐轮椅的出不了门""",
    "river.dirty": """
{at}的河水发黑发臭
有人半夜往{at}的沟里放脏水，鱼都翻白了
{at}坑塘漂着塑料袋和死猪，没人捞
{at}水体富营养化，水面全是绿藻
小时候能游泳的地方，{at}现在走近都捂鼻子
养鸡的把粪直接推到{at}那边水里
{at}排污口有不明颜色的水流出，请溯源
浇地用{at}的水，菜苗全烧死了
泡沫一层一层的，从{at}往下游漂""",
}
KINDS: dict[str, list[str]] = {kind: block.split("\n")[1:] for kind, block in PHRASINGS.items()}

OPENINGS = ["", "", "", "您好，", "你好，", "反映个事，", "领导好，", "我是村民，", "麻烦问一下，", "请问有人管吗？"]
CLOSINGS = ["", "", "", "。谢谢", "，请尽快处理", "，都反映好几回了", "。盼回复", "，求解决", "，没人管", "，有半个月了", "，从上周到现在"]
LANDMARKS = (
    "小学 幼儿园 卫生室 供销社 老槐树 村委会 文化广场 加油站 信用社 邮局 菜市场 敬老院 水塔 变电箱 大桥 粮站 派出所 修车铺 澡堂 药店 "
    "超市 快递点 理发店 五金店 早点铺 公交站 篮球场 砖厂 家具厂 蔬菜大棚 礼堂 戏台 牌楼 饺子馆 网吧 停车场 锅炉房 汽车站 驾校 面粉厂"
).split()
NAMES = "东关 西关 南街 北街 柳园 张庄 李营 王各庄 大韩寨 小高庄 马村 牛驼 新立 太平 永丰 知子营 杨家务 渠沟 礼让 宫家 彭村 英国庄".split()
SIDES = ["", "门口", "东边", "西边", "南侧", "北口", "对面", "后头", "旁边", "往里走", "拐角", "跟前"]
SHOP_NAMES = "幸福 华联 福顺 老王家 鑫源 好又多 兴旺 万家 永发 聚源 顺达 天天 佳美 宏图".split()


@dataclass(frozen=True)
class Village:
    """A place of a kilometre or so, with some landmarks people go by."""

    place: str
    name: str
    centre: geo.Point
    landmarks: tuple[tuple[str, geo.Point], ...]


@dataclass(frozen=True)
class Told:
    """A matter and, if planted, the same one as somebody else told it later."""

    matter: Candidate
    again: Candidate | None = None


def villages(chance: random.Random, towns: int = 5, each: int = 14) -> list[Village]:
    """Villages some 1.5 to 3 km apart, in towns of fourteen."""
    found = []
    for town in range(towns):
        middle = geo.moved((116.30, 39.43), (town % 3) * 9000, (town // 3) * 9000)
        for n in range(each):
            centre = geo.moved(middle, (n % 4) * 1800 + chance.uniform(-400, 400), (n // 4) * 1800 + chance.uniform(-400, 400))
            marks = []
            for kind in chance.sample(LANDMARKS, 7):
                name = chance.choice(SHOP_NAMES) + kind if chance.random() < 0.4 else kind
                marks.append((name, geo.moved(centre, chance.uniform(-500, 500), chance.uniform(-500, 500))))
            name = chance.choice(NAMES) + chance.choice(["", "村", "一村", "二村", "小区", "家园"])
            found.append(Village(f"131022{100 + town:03d}{200 + n:03d}", name, centre, tuple(marks)))
    return found


def spot(chance: random.Random, village: Village, point: geo.Point, silent: float) -> str:
    """How a person says where it is: by one of the nearest two landmarks, by the village, or hardly at all."""
    if chance.random() < silent:
        return chance.choice(["我们这儿", "这边", "家门口", "我家附近", "村里"])
    near = sorted(village.landmarks, key=lambda mark: geo.metres(mark[1], point))[:2]
    mark = chance.choices([name for name, _ in near], weights=[3, 1])[0]
    return chance.choice(["", "", village.name]) + mark + chance.choice(SIDES)


def words(chance: random.Random, sentence: str, at: str) -> str:
    return chance.choice(OPENINGS) + sentence.format(at=at) + chance.choice(CLOSINGS)


def told(chance: random.Random, number: int, village: Village, kind: str) -> tuple[Candidate, int]:
    """A matter of the last 75 days and which phrasing it used."""
    point = geo.moved(village.centre, chance.gauss(0, 300), chance.gauss(0, 300))
    which = chance.randrange(len(KINDS[kind]))
    text = words(chance, KINDS[kind][which], spot(chance, village, point, 0.12))
    lon, lat = point if chance.random() < 0.75 else (None, None)
    at = NOW - timedelta(days=chance.uniform(0.1, 75))
    return Candidate(str(number), text, kind, kind.split(".", maxsplit=1)[0], lon, lat, village.place, at), which


def retold(chance: random.Random, first: Candidate, which: int, village: Village) -> Candidate:
    """The same matter in another phrasing, up to 300 m off and 14 days later, its kind not always the clerk's."""
    start = (first.lon, first.lat) if first.lon is not None and first.lat is not None else village.centre
    angle_east, angle_north = chance.uniform(-212, 212), chance.uniform(-212, 212)
    point = geo.moved(start, angle_east, angle_north)
    sentence = chance.choice([text for n, text in enumerate(KINDS[first.kind]) if n != which])
    text = words(chance, sentence, spot(chance, village, point, 0.2))
    luck = chance.random()
    kind = first.kind if luck < 0.6 else "" if luck < 0.85 else chance.choice(sorted(KINDS))
    lon, lat = point if chance.random() < 0.7 else (None, None)
    at = min(NOW, first.at + timedelta(days=chance.uniform(0, 14)))
    group = kind.split(".", maxsplit=1)[0]
    return replace(first, id=first.id + "'", text=text, kind=kind, group=group, lon=lon, lat=lat, at=at)


def city(seed: int, matters: int = 3200, planted: int = 200) -> list[Told]:
    """A city's matters, `planted` of them told a second time; the second tellings are not among the matters."""
    chance = random.Random(seed)
    places = villages(chance)
    kinds = sorted(KINDS)
    again = set(chance.sample(range(matters), planted))
    out = []
    for number in range(matters):
        village = chance.choice(places)
        matter, which = told(chance, number, village, chance.choice(kinds))
        out.append(Told(matter, retold(chance, matter, which, village) if number in again else None))
    return out
