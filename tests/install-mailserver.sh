#!/bin/sh
# The mail tests run a real Postfix and Dovecot, on ports and folders of their own. Installs the
# distribution's where they are missing and allowed, and leaves them switched off.
set -eu

has_servers() { [ -x /usr/lib/dovecot/imap ] && [ -x /usr/sbin/postfix ]; }

has_servers && exit 0
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing Dovecot and Postfix ..."
    policy=/usr/sbin/policy-rc.d
    if [ ! -e $policy ]; then # nothing is started on the ports of a real mail server
        printf '#!/bin/sh\nexit 101\n' >$policy
        chmod +x $policy
        trap 'rm -f $policy' EXIT
    fi
    echo "postfix postfix/main_mailer_type select No configuration" | debconf-set-selections
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
        dovecot-imapd postfix >/dev/null
    systemctl disable dovecot postfix >/dev/null 2>&1 || true
fi
has_servers || {
    echo "The tests need a mail server: install it with your package manager" \
        "(Debian: apt-get install dovecot-imapd postfix)." >&2
    exit 1
}
