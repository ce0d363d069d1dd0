"""The one way out for letters: one plain-text mail over the operator's own SMTP server, headers that nobody can write into, no tracking."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage
from email.policy import SMTP
from urllib.parse import unquote, urlsplit

from minan.kernel.outcomes import Failed, Never, Unsure

SECONDS = 8.0
LOOPBACK = ("127.0.0.1", "localhost", "::1")


def letter(sender: str, to: str, subject: str, text: str, key: str) -> EmailMessage:
    """Plain text, the message's id as Message-ID (a mail server that gets it twice can tell), nothing fetched from anywhere.

    Raises ValueError for what would break a header.
    """
    made = EmailMessage(policy=SMTP)
    if any(c in one for one in (sender, to, subject, key) for c in "\r\n\0"):
        raise ValueError("a header with a broken line")
    made["From"], made["To"], made["Subject"] = sender, to, subject
    made["Message-ID"] = f"<{key}@{sender.rpartition('@')[2]}>"
    made["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office answers, please
    made.set_content(text, charset="utf-8")
    return made


def _session(server: str, password: str) -> smtplib.SMTP:
    parts = urlsplit(server)
    host, tls = parts.hostname or "", ssl.create_default_context()
    if parts.scheme == "smtps":
        session: smtplib.SMTP = smtplib.SMTP_SSL(host, parts.port or 465, timeout=SECONDS, context=tls)
    else:
        session = smtplib.SMTP(host, parts.port or 587, timeout=SECONDS)
        if host not in LOOPBACK:  # never in the clear over a network
            session.starttls(context=tls)
    if parts.username:
        session.login(unquote(parts.username), password)
    return session


def post(server: str, password: str, made: EmailMessage) -> None:
    """Raises Failed (not taken), Never (no such mailbox), Unsure (cut after the text was sent)."""
    try:
        session = _session(server, password)
    except smtplib.SMTPAuthenticationError as error:
        raise Failed("setup", str(error.smtp_code)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Failed("down", type(error).__name__) from None
    try:
        session.send_message(made)
    except smtplib.SMTPRecipientsRefused as error:
        code = next(iter(error.recipients.values()))[0]
        raise (Never("number", str(code)) if code >= 500 else Failed("rate", str(code))) from None
    except smtplib.SMTPResponseException as error:  # an answer of the server: it did not take it
        raise Failed("setup" if error.smtp_code >= 500 else "rate", str(error.smtp_code)) from None
    except (OSError, smtplib.SMTPException) as error:
        raise Unsure(type(error).__name__) from None
    finally:
        session.close()
