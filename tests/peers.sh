#!/bin/sh
# Get the programs of other projects that the tests need, from Debian: DCMTK and Orthanc to talk to,
# and what makes the file systems whose power the tests cut.
# Only as root and only where apt-get is; their services are not started.
set -eu

missing=""
[ -x /usr/bin/storescu ] && [ -x /usr/bin/dcmsend ] || missing="$missing dcmtk"
[ -x /usr/sbin/Orthanc ] || missing="$missing orthanc"
[ -x /usr/sbin/mkfs.xfs ] || [ -x /sbin/mkfs.xfs ] || missing="$missing xfsprogs"
[ -x /usr/sbin/mkfs.ext4 ] || [ -x /sbin/mkfs.ext4 ] || missing="$missing e2fsprogs"
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "not here:$missing (tests that need them are skipped; as root, apt-get would bring them)"
    exit 0
fi

# Debian asks this script before it starts a service; 101 is no.
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' > "$policy"
    chmod 755 "$policy"
    trap 'rm -f "$policy"' EXIT
fi
echo "installing from Debian, without starting services:$missing"
apt-get update -qq
# shellcheck disable=SC2086  # a list of words
DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
