"""All settings, read from the environment (and from `.env` beside manage.py, which `make run` writes once).

docs/operations.md explains each variable.
"""

from pathlib import Path
from urllib.parse import urlsplit

import environ
from celery.schedules import crontab
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")

DEBUG = env.bool("DEBUG", default=False)
TESTING = env.bool("HEIRLOOM_TESTING", default=False)


def _required(name: str, advice: str) -> str:
    value: str = env.str(name, default="")
    if value:
        return value
    if DEBUG or TESTING:
        return "development-only-value-that-protects-nothing-at-all"
    raise ImproperlyConfigured(f"{name} is not set. {advice}")


SECRET_KEY = _required(
    "SECRET_KEY", "Set it to at least 50 random characters; `make run` writes one into .env."
)
FIELD_KEYS = env.list("FIELD_KEYS", default=[])

PUBLIC_BASE_URL = env.str(
    "PUBLIC_BASE_URL", default=f"http://127.0.0.1:{env.int('PORT', default=8000)}"
).rstrip("/")
# Every domain that points here answers, and no link is ever built from the Host header: links
# use the brand's own domain or PUBLIC_BASE_URL (docs/adr/0006).
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["*"])

INSTALLED_APPS = [
    "config.console.apps.ConsoleConfig",
    "config.console.apps.HeirloomAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",  # its widget templates, found beside ours by FORM_RENDERER
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_celery_beat",
    "django_filters",
    "drf_spectacular",
    "rest_framework",
    "products.apps.ProductsConfig",
    "analytics.apps.AnalyticsConfig",
    "ownership.apps.OwnershipConfig",
    "parts.apps.PartsConfig",
    "warranty.apps.WarrantyConfig",
    "experiences.apps.ExperiencesConfig",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.middleware.gzip_responses",
    "csp.middleware.CSPMiddleware",
    "config.middleware.lead_on_from_forms",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- Databases -------------------------------------------------------------------------------
DATABASES = {"default": env.db("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")}
# A connection outlives its request: on SQLite closing the last one writes the whole log back, too.
DATABASES["default"].setdefault("CONN_MAX_AGE", 600)
DATABASE_IS_SQLITE = DATABASES["default"]["ENGINE"].endswith("sqlite3")
if DATABASE_IS_SQLITE:
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",
        "timeout": 5,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
    # After so many uses on a connection psycopg has a hot statement prepared. A PgBouncer before 1.21 that pools
    # transactions can't keep that: 0 then.
    prepared_after = env.int("PREPARE_STATEMENTS", default=5)
    DATABASES["default"].setdefault("OPTIONS", {})["prepare_threshold"] = prepared_after or None
# SQLite's tests run in the memory of their own process and need no name.
if not DATABASE_IS_SQLITE and (test_database := env.str("HEIRLOOM_TEST_DB", default="")):
    DATABASES["default"]["TEST"] = {"NAME": f"test_{test_database}"}
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Cache and tasks -------------------------------------------------------------------------
# Room for the limits and counts of a busy day: the local-memory cache drops keys beyond its 300 by default.
CACHES = {"default": env.cache("CACHE_URL", default="locmemcache://heirloom?max_entries=100000")}
CELERY_BROKER_URL = env.str("CELERY_BROKER_URL", default="memory://localhost/")
# Without a broker, tasks run in this process: a worker thread that `config.embedded` starts.
EMBEDDED_TASKS = CELERY_BROKER_URL.startswith("memory")
if EMBEDDED_TASKS:
    CELERY_BROKER_TRANSPORT_OPTIONS = {"polling_interval": 0.2}  # seconds between looks into memory
# Tests run tasks where they are called; tests/config/test_embedded.py goes through the real broker.
CELERY_TASK_ALWAYS_EAGER = TESTING
CELERY_TASK_DEFAULT_QUEUE = "heirloom-tests" if TESTING else "heirloom"
CELERY_TASK_EAGER_PROPAGATES = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TIMEZONE = "UTC"
JOB_HANDLERS = "config.jobs.HANDLERS"
# What an erasure runs, what stands in its way, and what an export holds: on every floor.
ERASURE_STEPS = "config.erasure.STEPS"
ERASURE_HINDRANCES = "config.erasure.HINDRANCES"
EXPORT_SECTIONS = "config.exports.SECTIONS"
CELERY_BEAT_SCHEDULER = "django_celery_beat.schedulers:DatabaseScheduler"
CELERY_BEAT_SCHEDULE = {
    "analytics: flush forged link counts": {
        "task": "analytics.tasks.flush_forged_links",
        "schedule": crontab(minute="*"),
    },
    "analytics: create partitions ahead": {
        "task": "analytics.tasks.create_partitions",
        "schedule": crontab(hour="3", minute="10"),
    },
    "analytics: look for clones and the grey market": {
        "task": "analytics.tasks.sweep_doubts",
        "schedule": crontab(minute="*/3"),
    },
    "experiences: tell staff of new doubts": {
        "task": "experiences.tasks.tell_staff_of_doubts",
        "schedule": crontab(minute="1-59/3"),
    },
    "experiences: pick up lost messages": {
        "task": "experiences.tasks.sweep_messages",
        "schedule": crontab(minute="*/5"),
    },
    "experiences: do what is asked about personal data": {
        "task": "experiences.tasks.run_due_data_requests",
        "schedule": crontab(minute="*/10"),
    },
    "experiences: ask after owners who fell silent, forget who does not answer": {
        "task": "experiences.tasks.look_after_dormant_owners",
        "schedule": crontab(hour="4", minute="10"),
    },
    "ownership: let go of what was kept long enough": {
        "task": "ownership.tasks.let_go",
        "schedule": crontab(hour="4", minute="30"),
    },
    "experiences: take the steps in requests for release that are due": {
        "task": "experiences.tasks.sweep_releases",
        "schedule": crontab(minute="5-59/10"),
    },
    "ownership: forget old requests for release": {
        "task": "ownership.tasks.forget_old_releases",
        "schedule": crontab(hour="3", minute="27"),
    },
    "experiences: end transfers that nobody accepted": {
        "task": "experiences.tasks.expire_transfers",
        "schedule": crontab(minute="*/10"),
    },
    "experiences: prune the outbox": {
        "task": "experiences.tasks.prune_outbox",
        "schedule": crontab(minute="20"),
    },
    "ownership: forget what nobody confirmed": {
        "task": "ownership.tasks.sweep_registrations",
        "schedule": crontab(hour="3", minute="50"),
    },
    "ownership: forget old requests for a code": {
        "task": "ownership.tasks.forget_old_requests",
        "schedule": crontab(hour="3", minute="25"),
    },
    "ownership: forget finders' messages and givers' words": {
        "task": "ownership.tasks.forget_finders_and_presents",
        "schedule": crontab(hour="3", minute="20"),
    },
    "ownership: give and expire points": {
        "task": "ownership.tasks.give_points",
        "schedule": crontab(minute="35"),
    },
    "products: delete expired private files": {
        "task": "products.tasks.delete_expired_files",
        "schedule": crontab(hour="3", minute="30"),
    },
    "products: pick up lost jobs": {
        "task": "products.tasks.sweep_jobs",
        "schedule": crontab(minute="*/5"),
    },
}

# --- People ----------------------------------------------------------------------------------
AUTH_USER_MODEL = "products.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ACCOUNT_ADAPTER = "config.accounts.ClosedSignupAdapter"
ACCOUNT_LOGIN_METHODS = {"username", "email"}
# Nobody signs up by form; but without a password here, allauth's login would not ask for one either.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_FORMS = {
    "request_login_code": "config.account_forms.LoginCodeForm",
    "reset_password": "config.account_forms.PasswordForm",
}
ACCOUNT_SESSION_REMEMBER = False  # a session ends with the browser
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 15 * 60
ACCOUNT_LOGIN_BY_CODE_MAX_ATTEMPTS = 5
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
# Codes cost money as text messages, and patience as mail: per visitor, and per address by the minute and the day.
ACCOUNT_RATE_LIMITS = {"request_login_code": "20/m/ip,3/m/key,10/d/key"}
# For how many days a registration waits for its code, and a person of whom nothing else is left is kept.
UNCONFIRMED_DAYS = env.int("UNCONFIRMED_DAYS", default=30)
# What the mail provider shows when it reports mail that came back; without it nobody can report any.
BOUNCE_SECRET = env.str("BOUNCE_SECRET", default="")
# How often one address may ask the resolver for the links of single units: serial numbers can be counted through.
UNIT_LINKS_PER_HOUR = env.int("UNIT_LINKS_PER_HOUR", default=1_200)
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_ADAPTER = "config.accounts.EncryptedMFAAdapter"
MFA_TOTP_ISSUER = "Heirloom"
# Staff are invited by their operator, who vouches for the address; nobody signs up with one.
MFA_ALLOW_UNVERIFIED_EMAIL = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/"

# --- Language, time --------------------------------------------------------------------------
LANGUAGE_CODE = "en"
LANGUAGES = [("en", _("English")), ("fr", _("French"))]
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "UTC"
USE_TZ = True

# --- Files -----------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "staticfiles"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = env.bool("WHITENOISE_USE_FINDERS", default=DEBUG or TESTING)
DATA_DIR = Path(env.str("DATA_DIR", default=str(BASE_DIR / "var")))
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "private"},
    },
    "pictures": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": DATA_DIR / "pictures"},
    },
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if WHITENOISE_USE_FINDERS
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

# --- Mail ------------------------------------------------------------------------------------
if env.str("EMAIL_URL", default=""):
    vars().update(env.email_url("EMAIL_URL"))
    OUTBOX_DIR = None
else:
    # Without a mail server, mail goes to files, and /outbox/ shows them to whoever sits at this machine.
    OUTBOX_DIR = EMAIL_FILE_PATH = DATA_DIR / "outbox"
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_TIMEOUT = 10  # seconds; a page waits for the mail that carries its code
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="Heirloom <care@heirloom.invalid>")

# Text messages go to this address (products/sms.py says how), else to the outbox like mail.
SMS_GATEWAY_URL = env.str("SMS_GATEWAY_URL", default="")
SMS_GATEWAY_TOKEN = env.str("SMS_GATEWAY_TOKEN", default="")

# --- Security --------------------------------------------------------------------------------
_secure = urlsplit(PUBLIC_BASE_URL).scheme == "https"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("BEHIND_PROXY", default=False) else None
)
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=False)
SECURE_REDIRECT_EXEMPT = [r"^health/"]  # probes come from inside, without TLS
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=31_536_000 if _secure else 0)
# Whether a brand's other subdomains speak TLS, and belong on a preload list, is its owner's to say.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]
SECURE_REFERRER_POLICY = "same-origin"  # no-referrer would break CSRF's referer check over https
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = COOKIES_SECURE = _secure
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "experiences.views.problems.csrf_failure"
X_FRAME_OPTIONS = "DENY"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}
# The request header in which a trusted edge tells the visitor's country (ISO 3166-1 alpha-2).
COUNTRY_HEADER = env.str("COUNTRY_HEADER", default="")
# Where no edge does, a file in MaxMind's format (GeoLite2 Country, DB-IP Country Lite …) tells it by address.
GEOIP_DATABASE = env.str("GEOIP_DATABASE", default="")
# How many proxies in front append to X-Forwarded-For; 0 means the connection's own address counts.
TRUSTED_PROXIES = env.int("TRUSTED_PROXIES", default=0)

# --- API -------------------------------------------------------------------------------------
REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": ["rest_framework.authentication.SessionAuthentication"],
    "DEFAULT_PERMISSION_CLASSES": ["config.api.permissions.IsStaffOfABrand"],
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_PAGINATION_CLASS": "config.api.pagination.StableCursorPagination",
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "config.api.problems.problem_json",
    "PAGE_SIZE": 50,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Heirloom API",
    "VERSION": "1",
    "SERVE_INCLUDE_SCHEMA": False,
}

# --- Logs ------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
    "loggers": {
        "django": {"handlers": [], "level": LOG_LEVEL},
        # A refused link is counted, not logged: its path may name a unit, and forgers send many.
        "django.request": {"level": "ERROR"},
        # At DEBUG it writes whole pages down, with what somebody typed, where a template asks for what a page has not.
        "django.template": {"level": "INFO"},
    },
}
