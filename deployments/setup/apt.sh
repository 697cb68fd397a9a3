# shellcheck shell=bash
# Sourced by the other scripts: Debian packages, installed only where this user can become root without a question.

# One line on standard error, then the end.
fail() {
    printf 'error: %s\n' "$1" >&2
    exit 78
}

# A line about a long step, on standard output.
say() {
    printf 'set-up: %s\n' "$1"
}

# How a command becomes root's: nothing for root, sudo where it asks no password; false where neither works.
root_prefix() {
    if [ "$(id -u)" -eq 0 ]; then
        echo ""
    elif command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
        echo "sudo -n"
    else
        return 1
    fi
}

# apt_install PACKAGE... : false where there is no apt-get, no root or no such package.
apt_install() {
    local prefix
    command -v apt-get >/dev/null || return 1
    prefix=$(root_prefix) || return 1
    say "apt-get install $*"
    $prefix env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 update </dev/null >/dev/null || return 1
    $prefix env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Acquire::Retries=3 -o Dpkg::Use-Pty=0 \
        install -y --no-install-recommends "$@" </dev/null >/dev/null
}
