#!/bin/sh
# Installs, checks, upgrades, removes and purges the package in a fresh Debian root, and once more with systemd booted there:
# test.sh FILE.deb [FOLDER]. Needs root and debootstrap.
set -eu
package=$1
root=${2:-$(mktemp -d)}
[ -e "$root/bin/sh" ] || debootstrap --variant=minbase bookworm "$root" > /dev/null
trap 'umount "$root/proc" 2> /dev/null || true; [ -n "${2:-}" ] || rm -rf "$root"' EXIT
mountpoint -q "$root/proc" || mount -t proc proc "$root/proc"
inside() { DEBIAN_FRONTEND=noninteractive chroot "$root" "$@"; }
fail() { echo "error: $1" >&2; exit 1; }
# What may differ after all is gone: what dpkg and apt keep for themselves, the packages that it needed, and what systemd notes of its looks.
files() {
  inside find / -xdev \( -path /proc -o -path /run/systemd -o -path /var/lib/dpkg -o -path /var/cache -o -path /var/log -o -path /var/lib/apt \) \
    -prune -o -print | sort
}

cp "$package" "$root/tmp/archetype.deb"
needs=$(dpkg-deb -f "$package" Depends | sed 's/([^)]*)//g; s/,/ /g')
# shellcheck disable=SC2086 # a list of words
inside apt-get -q -y --no-install-recommends install systemd bash-completion procps $needs > /dev/null 2>&1 || fail 'the packages that it needs'
before=$(files)

inside dpkg -i /tmp/archetype.deb > /dev/null
version=$(dpkg-deb -f "$package" Version)
for program in bus configs jobs links reconciler agent network; do
  [ "$(inside "archetype-$program" --version)" = "archetype-$program $version" ] || fail "archetype-$program doesn't run"
done
[ "$(inside archetype version)" = "archetype $version" ] || fail "archetype doesn't run"
for program in init runc; do inside test -x "/usr/bin/archetype-$program" || fail "archetype-$program is missing"; done
complaints=$(inside sh -c 'systemd-analyze verify --man=no /usr/lib/systemd/system/archetype*' 2>&1 | grep archetype || true)
[ -z "$complaints" ] || fail "units: $complaints"
documents=$(inside sh -c 'sed -n "s/^Documentation=file://p" /usr/lib/systemd/system/archetype* | sort -u')
for document in $documents; do inside test -e "$document" || fail "$document is missing, which units name"; done
# Where the kernel has no such key, as in this root, the name is at least one.
inside sysctl --dry-run -p /usr/lib/sysctl.d/30-archetype.conf > /dev/null 2>&1 || fail 'sysctl does not read 30-archetype.conf'
inside systemd-tmpfiles --create archetype.conf
[ "$(inside stat -c %a:%U /run/archetype)" = 750:root ] || fail '/run/archetype is not as it should be'
inside rmdir /run/archetype
inside bash -c '. /usr/share/bash-completion/bash_completion; _completion_loader archetype; complete -p archetype' > /dev/null || fail 'no completion'

inside sh -c 'echo "# mine" >> /etc/default/archetype; mkdir -p /var/lib/archetype; touch /var/lib/archetype/intent.db'
inside dpkg -i /tmp/archetype.deb > /dev/null
inside grep -q '# mine' /etc/default/archetype || fail 'an upgrade lost what the user wrote into /etc/default/archetype'
inside dpkg -r archetype > /dev/null
inside test -e /var/lib/archetype/intent.db || fail 'removing took the data along'
inside dpkg -P archetype > /dev/null
after=$(files)
[ "$before" = "$after" ] || fail "left behind or taken along: $(printf '%s\n%s\n' "$before" "$after" | sort | uniq -u | head -20)"
echo 'The package installs, upgrades, removes and purges cleanly.'

umount "$root/proc"
"$(dirname "$0")/boot.sh" "$root" "$package"
