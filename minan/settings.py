"""All settings. Every knob is an environment variable with a safe default; importing this file writes nothing to disk."""

from __future__ import annotations

import os
import pathlib
import secrets

from csp.constants import NONE, SELF

from minan.lib.database_url import parse
from minan.lib.folders import data_folder, keys_folder

HERE = pathlib.Path(__file__).resolve().parent


def knob(name: str, default: str = "") -> str:
    """An environment variable; empty means the default."""
    return os.environ.get(name, "").strip() or default


def words(name: str, default: str = "") -> list[str]:
    """An environment variable that lists words between commas."""
    return [word.strip() for word in knob(name, default).split(",") if word.strip()]


def live_sources() -> list[str]:
    """Whom a page may ask besides its own address: the live process, by each name of this city that a policy can write."""
    if not LIVE_PORT or LIVE_URL.startswith("/"):
        return []
    if "://" in LIVE_URL:
        return ["/".join(LIVE_URL.split("/")[:3])]
    return [f"http://{host}:{LIVE_PORT}" for host in ALLOWED_HOSTS if host[0] not in "[.*"]


def discovered() -> list[str]:
    """The apps of Minan: every folder under systems/ and channels/ that is a package. Adding or deleting one edits nothing."""
    folders = [*sorted(HERE.glob("systems/*/__init__.py")), *sorted(HERE.glob("channels/*/__init__.py"))]
    return [f"minan.{path.parent.parent.name}.{path.parent.name}" for path in folders]


# ---- where things are

# DATA: the folder of the database, the uploads and the ledger. Default: var/data (`minan demo`: var/demo).
DATA = data_folder()
# KEYS: the folder of the keys, mode 0700, never in a backup. Default: beside DATA, with "-keys" behind its name.
KEYS = keys_folder()
# MINAN_KEEPER: the folder of the vault's keeper where it runs as a Unix user of its own. Empty: KEYS, and `minan serve` starts it.
KEEPER = knob("MINAN_KEEPER")
# DATABASE_URL: postgresql://user:password@host:5432/name puts the records on PostgreSQL. Default: SQLite in DATA.
DATABASE_URL = knob("DATABASE_URL")
# MINAN_CITY: the folder of the city's own data, loaded by `minan demo`. Default: the model city, Langfang.
CITY = pathlib.Path(knob("MINAN_CITY", str(HERE.parent / "city" / "langfang")))
# A DATA made by `minan demo` carries this file; `minan serve` refuses it, and only with it the demo's sign-in is installed.
DEMO = (DATA / "demo").exists()

# ---- who may come in

# PORT: where the server listens.
PORT = int(knob("PORT", "8000"))
# MINAN_BIND: the address the server listens on. Stay on the loopback unless no proxy stands in front.
BIND = knob("MINAN_BIND", "127.0.0.1")
# MINAN_HOSTS: the names this city answers to, between commas.
ALLOWED_HOSTS = words("MINAN_HOSTS", "localhost,127.0.0.1,[::1]")
# MINAN_SECRET: what signs sessions and links. Default: the file KEYS/secret, made at the first start.
SECRET_KEY = knob("MINAN_SECRET")
if not SECRET_KEY and (KEYS / "secret").is_file():
    SECRET_KEY = (KEYS / "secret").read_text("utf-8").strip()
SECRET_KEY = SECRET_KEY or secrets.token_urlsafe(64)  # nothing prepared yet: good for this process only
# MINAN_DEBUG: 1 shows errors to whoever looks. Never on a machine that others reach.
DEBUG = knob("MINAN_DEBUG") == "1"
# MINAN_HTTP: 1 allows plain HTTP (a demo on 127.0.0.1, a test). Otherwise every page demands HTTPS.
PLAIN_HTTP = knob("MINAN_HTTP") == "1"
# MINAN_TRUSTED_PROXY: how many proxies of ours stand in front and append to X-Forwarded-For. 0: the header is not believed.
TRUSTED_PROXY = int(knob("MINAN_TRUSTED_PROXY", "0"))
# MINAN_TILES: a map tile URL such as https://tiles.example/{z}/{x}/{y}.png. Default: none, the city's own outlines only.
TILES = knob("MINAN_TILES")
# MINAN_HOTLINE: the telephone number shown to people who would rather call. Empty: none is shown.
HOTLINE = knob("MINAN_HOTLINE", "12345")
# MINAN_THREADS: how many requests one web process answers at once.
THREADS = int(knob("MINAN_THREADS", "4"))
# MINAN_WEB_PROCESSES: web processes on PostgreSQL. On SQLite there is one, which the worker shares.
WEB_PROCESSES = int(knob("MINAN_WEB_PROCESSES", "2"))
# MINAN_UPLOAD_MB: the largest request body taken, in megabytes.
UPLOAD_MB = int(knob("MINAN_UPLOAD_MB", "32"))
# MINAN_OPEN311_PER_MINUTE: how many matters one address may send by Open311 in a minute without an api_key.
OPEN311_PER_MINUTE = int(knob("MINAN_OPEN311_PER_MINUTE", "60"))
# MINAN_QUIET: when no notice leaves that is not urgent, local time; "none": always. The rest goes in the morning, within half an hour.
QUIET = knob("MINAN_QUIET", "21:00-08:00")
# MINAN_FOLD_SECONDS: how long a notice waits so that the next steps of the same matter go with it as one message. Urgent ones do not wait.
FOLD_SECONDS = int(knob("MINAN_FOLD_SECONDS", "180"))
# MINAN_SMS: providers of text messages in the order they are asked: aliyun, tencent, own, file. A failing one hands over to the next.
SMS = words("MINAN_SMS", "file")
# MINAN_SMS_PER_HOUR: more texts than this in an hour is no ordinary day: then no more leave for a while.
SMS_PER_HOUR = int(knob("MINAN_SMS_PER_HOUR", "6000"))
# MINAN_SMS_SIGN: the signature 签名 registered with the provider.
SMS_SIGN = knob("MINAN_SMS_SIGN", "民安")
# MINAN_SMS_ALIYUN: the template's code at Aliyun, with the variables ${code} and ${what}. The key lies in KEYS/sms-aliyun.json.
SMS_ALIYUN = knob("MINAN_SMS_ALIYUN")
# MINAN_SMS_ALIYUN_URL: where Aliyun's SMS service is asked.
SMS_ALIYUN_URL = knob("MINAN_SMS_ALIYUN_URL", "https://dysmsapi.aliyuncs.com")
# MINAN_SMS_TENCENT: application id, template id and region at Tencent Cloud, between commas. The key lies in KEYS/sms-tencent.json.
SMS_TENCENT = words("MINAN_SMS_TENCENT")
# MINAN_SMS_TENCENT_URL: where Tencent Cloud's SMS service is asked.
SMS_TENCENT_URL = knob("MINAN_SMS_TENCENT_URL", "https://sms.tencentcloudapi.com")
# MINAN_SMS_OWN_URL: the address of the city's own SMS platform, which takes {"id","to","words"}. Its key lies in KEYS/sms-own.json.
SMS_OWN_URL = knob("MINAN_SMS_OWN_URL")
# MINAN_MAIL: smtps://user@host:465 or smtp://user@host:587 (STARTTLS) sends notices by e-mail; the password lies in KEYS/mail.json.
MAIL = knob("MINAN_MAIL")
# MINAN_MAIL_FROM: the sender's address of notices.
MAIL_FROM = knob("MINAN_MAIL_FROM")
# MINAN_PUSH: a mailto: or https: address by which push services reach the operator; switches web push on. Its key is made: KEYS/push.pem.
PUSH = knob("MINAN_PUSH")
# MINAN_PUSH_HOSTS: the push services that may be called, between commas; "*." stands for one name. Nothing else ever is.
PUSH_HOSTS = words(
    "MINAN_PUSH_HOSTS", "fcm.googleapis.com,updates.push.services.mozilla.com,*.notify.windows.com,web.push.apple.com"
)
# MINAN_VOICE: providers of telephone calls with a spoken text, in the order they are asked: own, file. Used by calls for help.
VOICE = words("MINAN_VOICE", "file")
# MINAN_VOICE_OWN_URL: the address of the city's own voice platform, which takes {"id","to","say","told"}.
# Its key lies in KEYS/voice-own.json.
VOICE_OWN_URL = knob("MINAN_VOICE_OWN_URL")
# MINAN_TRANSCRIBE: a program on this machine that puts recordings into words: sound on its input, text on its output. Empty: none.
TRANSCRIBE = knob("MINAN_TRANSCRIBE")
# MINAN_HELP_RUNG_SECONDS: seconds after which a call for help goes on to the next person; twice that to 120 and the supervisor.
HELP_RUNG_SECONDS = float(knob("MINAN_HELP_RUNG_SECONDS", "30"))
# MINAN_TSA: the address of a time-stamping authority (RFC 3161); then signed papers bear its time (PAdES-B-T). Empty: none.
TSA = knob("MINAN_TSA")
# MINAN_WECHAT: the template id of the subscribe message 订阅消息 of the mini program. Its appid and secret lie in KEYS/wechat.json.
WECHAT = knob("MINAN_WECHAT")
# MINAN_WECHAT_URL: where WeChat is asked.
WECHAT_URL = knob("MINAN_WECHAT_URL", "https://api.weixin.qq.com")
# MINAN_ADDRESS: how people reach this city in a browser, such as https://shuo.langfang.example; stands in letters and notices.
ADDRESS = knob("MINAN_ADDRESS")
# MINAN_LIVE_PORT: where the process of the live screens listens (/events), on MINAN_BIND. Default: the port after PORT; 0: no live line.
LIVE_PORT = int(knob("MINAN_LIVE_PORT", str(PORT + 1)))
# MINAN_LIVE_URL: how browsers reach /events, such as /events behind a proxy that leads there. Default: with MINAN_HTTP=1 the live port.
LIVE_URL = knob("MINAN_LIVE_URL", "" if PLAIN_HTTP else "/events")
# MINAN_METRICS_TOKEN: who may read /metrics from another machine, as `Authorization: Bearer …`. Empty: this machine only.
METRICS_TOKEN = knob("MINAN_METRICS_TOKEN")
# MINAN_ORIGIN: the name of this city's log, in every checkpoint and promise; never changed once others witness it.
ORIGIN = knob("MINAN_ORIGIN", "minan.local/131000")
# MINAN_CHECKPOINT_SECONDS: how old the last checkpoint of the log must be before the next one is signed, if something is new.
CHECKPOINT_SECONDS = int(knob("MINAN_CHECKPOINT_SECONDS", "60"))
# MINAN_WITNESSES: a file of the witnesses' verifier keys, one a line, or a folder of such files. Default: the city's witnesses.txt.
WITNESSES = pathlib.Path(knob("MINAN_WITNESSES", str(CITY / "witnesses.txt")))
# MINAN_EXCHANGE: the folder in which other systems' files come and go, one folder a partner. Default: exchange in DATA.
EXCHANGE = pathlib.Path(knob("MINAN_EXCHANGE", str(DATA / "exchange")))
# MINAN_BUS: mqtt://[user:password@]host:port or mqtts://… of the broker for devices; "own": the one this city runs on the loopback
# (the demo's default); "off": none (the default otherwise).
BUS = knob("MINAN_BUS", "own" if DEMO else "off")
# MINAN_BUS_PORT: where this city's own broker listens, on the loopback. Default: PORT + 3.
BUS_PORT = int(knob("MINAN_BUS_PORT", str(PORT + 3)))
# MINAN_CAMERAS: the networks in which cameras may be asked whether they answer, such as 10.20.0.0/16, between commas. Empty: none is.
CAMERAS = words("MINAN_CAMERAS")
# MINAN_REMIND_AT: the hour, of working days, at which each unit gets its one list of late matters.
REMIND_AT = knob("MINAN_REMIND_AT", "08:30")
# MINAN_LOG: the least level written to the log: DEBUG, INFO, WARNING or ERROR.
LOG_LEVEL = knob("MINAN_LOG", "INFO")

# ---- parts

_ours = ["minan.shell", *discovered(), "minan.kernel"]
INSTALLED_APPS = [
    *(["minan.shell.demo_signin"] if DEMO else []),  # the one-click accounts of the demo; nowhere else
    *_ours,
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_htmx",
    "leaflet",  # carries Leaflet's files
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.messages",
    "django.contrib.staticfiles",
]
MIDDLEWARE = [
    "minan.kernel.metrics.Counted",
    "minan.kernel.headers.Headers",
    "minan.kernel.headers.Policy",
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "minan.kernel.headers.Ceiling",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "minan.kernel.hanging.Places",
    "minan.kernel.bare.Bare",  # before the session: what must answer while the records are away looks at none
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "minan.kernel.signin.SignedIn",
    "minan.shell.staying.Staying",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "minan.shell.second_factor.SecondFactor",
    "django_htmx.middleware.HtmxMiddleware",
]
ROOT_URLCONF = "minan.urls"
WSGI_APPLICATION = "minan.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                # An app that has something for every page keeps it in context.py, in a function named context.
                *(
                    f"{app}.context.context"
                    for app in _ours
                    if (HERE.parent / app.replace(".", "/") / "context.py").exists()
                ),
            ],
        },
    }
]

# ---- records

if DATABASE_URL:
    DATABASES = {
        "default": {
            **parse(DATABASE_URL),
            "ENGINE": "minan.kernel.postgres",
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
        }
    }
    # A line that is cut, or a server that takes nobody in, ends in seconds; DATABASE_URL may say otherwise.
    LINE = {"connect_timeout": 5, "tcp_user_timeout": 10_000, "keepalives_idle": 5, "keepalives_interval": 2, "keepalives_count": 3}
    DATABASES["default"]["OPTIONS"] = LINE | DATABASES["default"]["OPTIONS"] | {"server_side_binding": True, "prepare_threshold": 3}
else:
    DATABASES = {
        "default": {
            "ENGINE": "minan.kernel.sqlite",
            "NAME": DATA / "minan.sqlite3",
            "CONN_MAX_AGE": None,
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                # FULL: NORMAL loses acknowledged matters on power loss. recursive_triggers: else INSERT OR REPLACE passes the triggers.
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA recursive_triggers=ON;"
                    "PRAGMA foreign_keys=ON;PRAGMA cache_size=-16000;PRAGMA secure_delete=ON"  # what is erased is overwritten
                ),
            },
        }
    }
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
# Counts of wrong passwords must hold over all processes: on PostgreSQL there are several.
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "minan_cache"}
    if DATABASE_URL
    else {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}
}

# ---- people

AUTH_USER_MODEL = "kernel.User"
SESSION_ENGINE = "minan.kernel.sessions"
SESSION_COOKIE_AGE = 12 * 3600  # a working day; nobody stays signed in on a shared desk overnight
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
PASSWORD_HASHERS = ["minan.kernel.hashers.Argon2id"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "shell:login"
LOGIN_REDIRECT_URL = "/"
LOGOUT_REDIRECT_URL = "/"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "minan.shell.counting.Adapter"
# Wrong passwords. "login_known": on a device where the person came in before; an office of hundreds shares one address.
ACCOUNT_RATE_LIMITS = {"login": "600/m/ip", "login_failed": "30/m/ip,10/900s/key", "login_known": "10/900s/key"}
ALLAUTH_TRUSTED_PROXY_COUNT = TRUSTED_PROXY
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "民安"
# Staff without a second factor are led to set one up; the demo's people sign in with one click and have none.
MFA_REQUIRED_FOR_STAFF = not DEMO

# ---- headers

_tiles = [f"https://{TILES.split('/')[2].replace('{s}', '*')}"] if TILES.count("/") > 2 else []
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:", *_tiles],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF, *live_sources()],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
SECURE_SSL_REDIRECT = not PLAIN_HTTP
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^metrics$"]  # asked from this machine, beside the proxy
SECURE_HSTS_SECONDS = 0 if PLAIN_HTTP else 365 * 86400
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not PLAIN_HTTP
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = not PLAIN_HTTP
if not PLAIN_HTTP:  # __Host-: a browser takes these from this very host alone, over HTTPS, for the whole site
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_AGE = 365 * 86400
CSRF_FAILURE_VIEW = "minan.shell.errors.csrf"
X_FRAME_OPTIONS = "DENY"

# ---- words, time, files

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
STATIC_URL = "/static/"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "minan.kernel.statics.Statics"},
}
WHITENOISE_USE_FINDERS = True  # no collecting step: a fresh clone serves at once
WHITENOISE_AUTOREFRESH = DEBUG
WHITENOISE_MAX_AGE = 3600
WHITENOISE_ALLOW_ALL_ORIGINS = False
MEDIA_ROOT = DATA / "files"  # never served by path: kernel.attachments asks access first
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024  # of a body without its files
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000  # the damages page of some twenty victims; damages_tree.FIELDS_MOST stays below
DATA_UPLOAD_MAX_NUMBER_FILES = 12
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_DIRECTORY_PERMISSIONS = 0o700

# ---- log: one JSON object a line, without personal data

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "minan.lib.jsonlog.Line"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL, "propagate": True},
        "django.request": {"level": "ERROR"},
        "django.security.DisallowedHost": {"level": "CRITICAL"},
    },
}
SILENCED_SYSTEM_CHECKS: list[str] = []
