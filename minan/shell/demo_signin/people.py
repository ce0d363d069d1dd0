"""The people of the demo, in the order their work meets, and one sentence who each is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True)
class Person:
    username: str
    name: Any
    post: Any
    words: Any
    icon: str


PEOPLE = (
    Person("resident", _("王秀兰"), _("居民"), _("固安镇的老住户，说事、看进度、评好没好。"), "person"),
    Person("worker", _("李建民"), _("网格员"), _("拿着手机走村，核实、当场办、往上报。"), "pin"),
    Person("gu.point", _("刘桂芬"), _("朝阳社区说事点联络员"), _("有人来说事就记下，小事当场办，和网格员两个人开说事箱。"), "box"),
    Person("clerk", _("陈静"), _("固安镇说事站坐席"), _("受理、分派、合并重复的，是主要岗位。"), "list"),
    Person("operator", _("许静怡"), _("12345 热线坐席"), _("边听边写，四十秒内受理；有危险一键叫人。"), "phone"),
    Person("handler", _("赵强"), _("固安县路灯管理所经办"), _("签收、办理、答复，要么延期，要么按规定退回。"), "lamp"),
    Person("supervisor", _("孙丽华"), _("固安县群众服务中心督办"), _("看哪里卡住了，催，督办，回访。"), "chart"),
    Person("gu.vmed", _("姚长顺"), _("朝阳社区人民调解员"), _("两家说到一块去：约时间、记录、方案、协议，看着履行。"), "people"),
    Person("gu.vmedhead", _("齐秀芝"), _("朝阳社区调委会主任"), _("受理调解、定调解员、盖章，要看卷宗得写理由。"), "scale"),
    Person("gx.traffic", _("邵勇"), _("固安县交警大队民警"), _("只录事故认定书，看不到调解和医药费。"), "file"),
    Person("lf.claims", _("江海波"), _("冀安财产保险理赔员"), _("核定保单、付抢救费用、三方一起谈、按日子赔付。"), "shield"),
    Person("gu.court", _("沈立新"), _("固安镇巡回审判点联络员"), _("只看得到双方申请确认的那份协议。"), "file"),
    Person("stranger", _("周敏"), _("宫村镇说事站坐席"), _("隔壁镇的，固安镇的事一件也看不到。"), "eye"),
    Person("admin", _("高远"), _("系统管理员"), _("管种类、时限和职责清单，看不到一件事。"), "key"),
    Person("security", _("陆正平"), _("安全管理员"), _("管人和岗位，确认别人提的，也看不到事。"), "lock"),
    Person("audit", _("方明"), _("审计管理员"), _("读登记簿：谁给了谁权限、改了什么、导出了什么。"), "eye"),
)
