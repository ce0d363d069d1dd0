"""The closed lists of this system in both languages: sorts, topics, templates for the duty person, reasons of a report. Pure."""

from __future__ import annotations

from minan.kernel.procedure import Words

W = Words
NOTICE, CAMPAIGN, EMERGENCY = "notice", "campaign", "emergency"
SORTS = (
    (NOTICE, W("一般公告", "Notice")),
    (CAMPAIGN, W("宣传", "Campaign")),
    (EMERGENCY, W("紧急公告", "Emergency notice")),
)
TOPICS = (
    ("fraud", W("反诈", "Fraud")),
    ("fire", W("消防", "Fire")),
    ("traffic", W("交通", "Traffic")),
    ("weather", W("大风大雨大雪", "Weather")),
    ("flood", W("防汛", "Flood")),
    ("outage", W("停水停电停气停暖", "Water, power, gas or heat is off")),
    ("health", W("卫生", "Health")),
    ("police", W("治安", "Public order")),
    ("other", W("其他", "Other")),
)
# What the duty person begins with, so that it goes out in seconds: topic → (title, text, hours). Written once, in plain words.
TEMPLATES: dict[str, tuple[str, str, int]] = {
    "fraud": (
        "小心骗子",
        "有人冒充公检法、客服或者熟人要您转账、报验证码。不转账，不说验证码，不点链接。挂了电话，打 96110 或者 110 问一问。",
        12,
    ),
    "fire": ("着火了，请避让", "不坐电梯，低身走楼梯离开；不围观，把消防通道让出来。看见有人被困，打 119。", 2),
    "traffic": ("前面的路走不了", "请绕行，听现场指挥。", 4),
    "weather": ("大风大雨，少出门", "收好阳台上的东西，别在广告牌、树下停留。老人孩子不要出门。", 12),
    "flood": ("积水，不要过", "地下车库、下沉路口有积水，不要涉水开车、走路。需要转移的，听社区通知。", 12),
    "outage": ("临时停水停电", "正在抢修，修好了再告诉您。家里有人用呼吸机等设备的，马上告诉社区。", 6),
    "health": ("这批水（食品）先别用", "原因在查。已经用了不舒服的，打 120，并告诉社区。", 12),
    "police": ("请关好门窗", "看见可疑的情况，不要上前，打 110。", 12),
}
LOST, FOUND, PARCEL, PET = "lost", "found", "parcel", "pet"
LOST_SORTS = (
    (LOST, W("丢了东西", "Lost something")),
    (FOUND, W("捡到东西", "Found something")),
    (PARCEL, W("错拿快递", "Wrong parcel")),
    (PET, W("寻宠物", "Lost pet")),
)
PERSON, AD, WRONG, OTHER = "person", "ad", "wrong", "other"
REASONS = (
    (PERSON, W("有人脸、姓名、电话、门牌或快递单", "A face, name, phone, door number or parcel label")),
    (AD, W("广告或骗人的", "An advertisement or a fraud")),
    (WRONG, W("不是真的，或已经解决", "Not true, or settled already")),
    (OTHER, W("别的", "Something else")),
)


def label(options: tuple[tuple[str, Words], ...], name: str) -> Words:
    """The words of one option; the bare name where it is none."""
    return next((words for value, words in options if value == name), W(name, name))
