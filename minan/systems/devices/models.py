"""The register of devices, the last value of each property, what waits, and how often a camera was looked at. No history of values."""

from __future__ import annotations

from django.db import models


class Device(models.Model):
    """One device. Its values are in Value, its key on the bus in the kernel; what it raised are cases."""

    id = models.CharField(max_length=40, primary_key=True)  # its name on the bus
    kind = models.CharField(max_length=16)
    place = models.CharField(max_length=15)  # a village or a grid
    unit = models.CharField(max_length=40)  # whose it is: alarms and faults lie with it
    maker = models.CharField(max_length=60, blank=True)
    serial = models.CharField(max_length=60, blank=True)  # the maker's own id
    mounted = models.CharField(max_length=120)  # where, in words
    filings = models.CharField(max_length=200, blank=True)
    beat = models.PositiveIntegerField()  # seconds between two signs of life
    live = models.BooleanField(default=True)  # False: taken out of service
    made_at = models.DateTimeField()
    heard_at = models.DateTimeField(null=True)
    silent_at = models.DateTimeField(null=True)  # when it will be, without another word
    lost_at = models.DateTimeField(null=True)  # its broker said that it is gone (last will)
    # the last number it gave a message of each lane: lower ones are old; an alarm tried again stands behind no newer value
    alarm_no = models.BigIntegerField(default=0)
    value_no = models.BigIntegerField(default=0)
    skew = models.IntegerField(default=0)  # seconds its clock is wrong, as far as it says the time
    properties = models.JSONField(default=dict)  # as it described itself: name → {"label", "unit", "class"}
    fault = models.CharField(max_length=15, blank=True)  # code of the open case

    class Meta:
        indexes = [
            models.Index(fields=["place", "kind"], name="device_place"),
            models.Index(fields=["unit"], name="device_unit"),
            models.Index(fields=["silent_at"], name="device_silent", condition=models.Q(fault="", live=True)),
        ]


class Value(models.Model):
    """The last value of one property; overwritten, never kept."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE)
    prop = models.CharField(max_length=120)
    value = models.CharField(max_length=200)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "prop"], name="device_value_once")]


class Waiting(models.Model):
    """A device that a gateway announced and nobody registered: never live by itself."""

    id = models.CharField(max_length=40, primary_key=True)
    gateway = models.CharField(max_length=40)
    place = models.CharField(max_length=15)
    config = models.JSONField(default=dict)
    times = models.PositiveIntegerField(default=1)
    first_at = models.DateTimeField()
    at = models.DateTimeField()


class Ring(models.Model):
    """An alarm that stands: one case a device and alarm while it is open; how often it sounded, when somebody was told last."""

    device = models.ForeignKey(Device, on_delete=models.CASCADE)
    alarm = models.CharField(max_length=16)
    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    code = models.CharField(max_length=15)
    since = models.DateTimeField()
    at = models.DateTimeField()  # sounded last
    told_at = models.DateTimeField()
    times = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["device", "alarm"], name="device_ring_once")]
        indexes = [models.Index(fields=["case_id"], name="device_ring_case")]


class Camera(models.Model):
    """What the law asks of a camera, and how it does (《公共安全视频图像信息系统管理条例》 art. 8, 13, 14, 16, 17；引用前请核对)."""

    device = models.OneToOneField(Device, on_delete=models.CASCADE, primary_key=True)
    address = models.CharField(max_length=200, blank=True)  # rtsp:// or http:// of its picture; asked only where it is allowed
    purpose = models.CharField(max_length=120)
    filing = models.CharField(max_length=60, blank=True)  # number of the filing with the police
    filed_on = models.DateField(null=True)
    sign_on = models.DateField(null=True)  # since when the sign hangs there
    answers = models.CharField(max_length=80)  # which office answers for it
    telephone = models.CharField(max_length=20, blank=True)  # of that office
    keep_days = models.PositiveSmallIntegerField(default=30)
    probe = models.CharField(max_length=12, blank=True)  # ok closed refused late forbidden
    probed_at = models.DateTimeField(null=True)


class LookCount(models.Model):
    """How often pictures of a camera were seen in a month, and how often by broken glass: for everybody to read."""

    camera = models.CharField(max_length=40)
    month = models.CharField(max_length=7)
    looks = models.PositiveIntegerField(default=0)
    glass = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["camera", "month"], name="device_look_once")]


class Wanted(models.Model):
    """A picture that somebody may see and the worker has still to fetch; gone when it is done."""

    county = models.CharField(max_length=6)
    case_id = models.UUIDField()
    camera = models.CharField(max_length=40)
    at = models.DateTimeField()
