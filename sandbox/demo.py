"""The demonstration's accounts, known to the sandbox from the start. All secrets are
made up."""

from __future__ import annotations

from typing import Any

from sandbox.answers import Answers
from sandbox.telegram_state import Telegram
from sandbox.x_state import X

CONSUMER_KEY = "demoConsumerKey"
CONSUMER_SECRET = "demoConsumerSecretThatOpensNothing"

DISHUB_BOT = "7100000001:AADemoDishubBogorOpensNothingAtAll0"
SAREAL_BOT = "7100000002:AADemoTanahSarealOpensNothingAtAll0"
GROUP_TITLE = "Warga Tanah Sareal"
GROUP_USERNAME = "warga_sareal_demo"

X_ACCOUNTS = {
    "pemkot_demo": ("diskominfo", "Pemkot Bogor (demo)"),
    "dishub_demo": ("dishub", "Dishub Kota Bogor (demo)"),
    "pupr_demo": ("dpupr", "PUPR Kota Bogor (demo)"),
    "perumda_demo": ("tirtapakuan", "Perumda Tirta Pakuan (demo)"),
    "sareal_demo": ("kel-tanah-sareal", "Kelurahan Tanah Sareal (demo)"),
}
"""Handle to agency and shown name; X allows 15 characters in a handle."""

BOTS = {
    DISHUB_BOT: ("dishub", "dishub_demo_bot", "Dishub Kota Bogor (demo)"),
    SAREAL_BOT: (
        "kel-tanah-sareal",
        "sareal_demo_bot",
        "Kelurahan Tanah Sareal (demo)",
    ),
}

FORM_ACCOUNT = "situs_demo"
FORM_TOKEN = "demo-answers-token"


def populate(telegram: Telegram, x: X, answers: Answers) -> int:
    """Register everything; tells the chat id of the kelurahan's group."""
    for token, (_, username, name) in BOTS.items():
        telegram.add_bot(token, username=username, name=name)
    x.add_app(CONSUMER_KEY, CONSUMER_SECRET)
    for handle, (_, name) in X_ACCOUNTS.items():
        x.add_user(handle, name)
        x.add_account(handle)
    answers.add_account(FORM_ACCOUNT, FORM_TOKEN)
    return telegram.add_group(GROUP_TITLE, [SAREAL_BOT], username=GROUP_USERNAME)


def accounts(x: X, here: str) -> list[dict[str, Any]]:
    """What an operator would have been given by the platforms, one entry an account."""
    app = {
        "consumer_key": CONSUMER_KEY,
        "consumer_secret": CONSUMER_SECRET,
        "base_url": here,
    }
    owners = {t.user.username: t for t in x.tokens.values() if t.user is not None}
    return [
        *(
            {
                "channel": "telegram",
                "handle": username,
                "agency": agency,
                "settings": {"token": token},
                "app": {"base_url": here},
            }
            for token, (agency, username, _) in BOTS.items()
        ),
        *(
            {
                "channel": "x",
                "handle": handle,
                "agency": agency,
                "app": app,
                "settings": {
                    "access_token": owners[handle].key,
                    "access_token_secret": owners[handle].secret,
                },
            }
            for handle, (agency, _) in X_ACCOUNTS.items()
        ),
        {
            "channel": "webform",
            "handle": FORM_ACCOUNT,
            "agency": "diskominfo",
            "settings": {
                "answers_url": f"{here}/web/answers",
                "answers_token": FORM_TOKEN,
            },
        },
    ]
