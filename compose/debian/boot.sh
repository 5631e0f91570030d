#!/bin/sh
# Boots systemd in a Debian root that has all that the package needs, and operates the package there as its users do: boot.sh ROOT FILE.deb
# The root gets namespaces and control groups of its own. Needs root.
set -eu
root=$(cd "$1" && pwd)
package=$2
group=archetype-boot-$$
fail() {
  journal
  echo "error: boot: $1" >&2
  exit 1
}

# Each hierarchy's type, options, name and place. A cpuset would have to be filled before anybody enters it, and nobody needs it.
awk '{ for (i = 7; $i != "-"; i++); type = $(i + 1); n = split($5, part, "/"); name = part[n] }
  type == "cgroup2" { print type, "rw", (name == "cgroup" ? "." : name), $5 }
  type == "cgroup" && name !~ /cpuset/ { print type, (name == "systemd" ? "none,name=systemd" : name), name, $5 }' \
  /proc/self/mountinfo > "$root/groups"
hierarchies=$(awk '{ print $4 }' "$root/groups")
system=
end() {
  [ -z "$system" ] || kill -KILL "$system" 2> /dev/null || true
  wait
  for folder in $hierarchies; do
    find "$folder/$group" -depth -type d -exec rmdir {} + 2> /dev/null || true
  done
}
trap end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# PID 1 of the root, as a container's manager starts it: https://systemd.io/CONTAINER_INTERFACE
cat > "$root/begin" << 'HERE'
set -eu
cd "$1"
mount --bind . .
cd "$1"
mount -t proc proc proc
mount -t sysfs sys sys
mount -t tmpfs -o mode=755 tmpfs sys/fs/cgroup
while read -r type options folder _; do
  mkdir -p "sys/fs/cgroup/$folder"
  mount -t "$type" -o "$options" cgroup "sys/fs/cgroup/$folder"
done < groups
mount -t tmpfs -o mode=755 tmpfs dev
for device in null zero full random urandom tty; do
  mknod -m 666 "dev/$device" c $((0x$(stat -c %t "/dev/$device"))) $((0x$(stat -c %T "/dev/$device")))
done
mknod -m 600 dev/console c 1 3
mkdir dev/pts dev/shm
mount -t devpts -o newinstance,ptmxmode=666 devpts dev/pts
ln -s pts/ptmx dev/ptmx
for folder in dev/shm run tmp; do mount -t tmpfs tmpfs "$folder"; done
mkdir -p run/before run/systemd/system
# Nobody sits at it.
ln -s /dev/null run/systemd/system/console-getty.service
pivot_root . run/before
umount -l /run/before
mount --make-rshared /
ip link set lo up
ip link add under type veth peer far
ip address add 192.0.2.1/24 dev under
ip link set under up
ip link set far up
exec env -i PATH=/usr/sbin:/usr/bin container=archetype-boot /usr/lib/systemd/systemd --unit=multi-user.target
HERE
cp "$package" "$root/var/cache/archetype.deb"

for folder in $hierarchies; do mkdir -p "$folder/$group"; done
(
  own=$(sh -c 'echo $PPID')
  for folder in $hierarchies; do echo "$own" > "$folder/$group/cgroup.procs"; done
  exec unshare --mount --pid --uts --ipc --net --cgroup --fork --kill-child sh "$root/begin" "$root" > "$root/var/log/begin.log" 2>&1 < /dev/null
) &
above=$!
eventually() {
  what=$1
  shift
  tries=0
  until "$@"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || fail "$what: not within a minute: $*"
    sleep 0.2
  done
}
started() {
  [ -d "/proc/$above" ] || fail "systemd ended: $(cat "$root/var/log/begin.log")"
  system=$(tr -d ' ' < "/proc/$above/task/$above/children")
  [ -n "$system" ] && [ "$(cat "/proc/$system/comm" 2> /dev/null)" = systemd ]
}
inside() { nsenter --target "$system" --all env -i PATH=/usr/sbin:/usr/bin DEBIAN_FRONTEND=noninteractive "$@"; }
journal() { [ -z "$system" ] || inside journalctl -q --no-pager -n 60 >&2 || true; }
quietly() { inside "$@" > "$root/var/log/said" 2>&1 || fail "$*: $(cat "$root/var/log/said")"; }
state() { [ "$(inside systemctl show -P "$1" "$2" 2> /dev/null)" = "$3" ]; }
main() { inside systemctl show -P MainPID "$1"; }
another() { [ "$(main "$1")" != "$2" ] && state ActiveState "$1" active; }
node() { inside archetype inspect one --format json | tr ',{' '\n\n' | sed -n 's/^"pid"://p'; }
converged() { inside archetype inspect one --format json | grep -q '"converged":true'; }
online() { inside archetype host list --format json | grep -q '"state":"online"'; }
ready() {
  inside perl -MIO::Socket::INET -e '
    alarm 5;
    my $socket = IO::Socket::INET->new("127.0.0.1:$ARGV[0]") or exit 1;
    print $socket "GET /ready HTTP/1.0\r\n\r\n";
    exit(join("", <$socket>) !~ /\nready\n$/)' "$1"
}
# How a process is scheduled, and what share its unit has: of version 2, or of version 1, where it is ten times as much.
priority() { inside awk '{ print $19 }' "/proc/$1/stat"; }
weight() {
  # shellcheck disable=SC2016 # the shell inside expands it
  group=$(inside systemctl show -P ControlGroup "$1")
  inside sh -c 'cat "/sys/fs/cgroup$1/cpu.weight" || cat "/sys/fs/cgroup/cpu$1/cpu.shares"' sh "$group" 2> /dev/null
}
# As an engine asks its driver.
ask() {
  inside perl -MIO::Socket::UNIX -e '
    alarm 30;
    my $socket = IO::Socket::UNIX->new("/run/docker/plugins/archetype.sock") or die "no socket: $!";
    print $socket "POST /Plugin.Activate HTTP/1.0\r\nContent-Length: 0\r\n\r\n";
    die "no answer" unless join("", <$socket>) =~ /NetworkDriver/'
}
# The option that no program knows, of one of them.
spoil() { sed -i "s/^ARCHETYPE_$1_OPTIONS=/&--frobnicate /" "$root/etc/default/archetype"; }
unspoil() { sed -i 's/--frobnicate //' "$root/etc/default/archetype"; }
restarts() { inside systemctl show -P NRestarts "archetype-$1"; }
restarted() { [ "$(restarts "$1")" -ge "$2" ]; }
# A unit that stays down, its exit code, and what it shows to whoever looks.
failed() {
  eventually "$1 stays failed" state ActiveState "archetype-$1" failed
  state ExecMainStatus "archetype-$1" "$2" || fail "$1 ended with $(inside systemctl show -P ExecMainStatus "archetype-$1"), not $2"
  inside systemctl status --no-pager "archetype-$1" | grep -q "$3" || fail "the state of $1 doesn't say why it has failed"
}
# The version in the head of the config service's store.
schema() {
  # shellcheck disable=SC2016 # Perl's
  inside perl -e '
    open(my $file, "+<", "/var/lib/archetype/intent.db") or die;
    seek($file, 60, 0);
    read($file, my $was, 4);
    seek($file, 60, 0);
    print $file pack("N", $ARGV[0]);
    print unpack("N", $was)' "$1"
}
lives() { [ "$(inside cat "/proc/$1/comm")" = archetype-init ]; }

eventually 'systemd begins' started
eventually 'systemd has booted' state ActiveState multi-user.target active

quietly dpkg -i /var/cache/archetype.deb
[ "$(inside systemctl list-units --no-legend --state=active 'archetype*')" = '' ] || fail 'a new installation starts something'
[ "$(inside stat -c %a /run/archetype)" = 750 ] || fail '/run/archetype: not made, or open to others'
services='bus configs jobs links reconciler agent'
port=9470
for service in $services network; do
  name=ARCHETYPE_$(echo $service | tr a-z A-Z)_OPTIONS
  echo "$name=--metrics $port $([ $service != agent ] || echo --host h1 --underlay 192.0.2.1)"
  port=$((port + 1))
done >> "$root/etc/default/archetype"
inside systemctl enable --quiet --now archetype.target archetype-agent archetype-network.socket
for service in $services; do eventually "$service says that it serves" state ActiveState "archetype-$service" active; done
quietly archetype status
eventually 'the host is known' online

printf 'name: one\ntopology: {nodes: {a: {kind: linux, image: alpine}}}\n' > "$root/var/cache/one.clab.yml"
quietly archetype deploy -t /var/cache/one.clab.yml
first=$(node)
lives "$first" || fail 'the node of the lab does not run'

for service in $services; do
  [ "$(priority "$(main "archetype-$service")")" = -10 ] || fail "$service has no priority"
  weight "archetype-$service" | grep -Eqx '1000|10240' || fail "$service has no greater share of the processors"
done
[ "$(priority "$first")" = 0 ] || fail 'the node has the priority of its agent'

# Each is restarted where it stands still: a service, and what runs nodes.
for service in links agent; do
  before=$(main "archetype-$service")
  inside sh -c "kill -STOP $before"
  eventually "the watchdog starts $service again" another "archetype-$service" "$before"
done
before=$(main archetype-agent)
inside sh -c "kill -KILL $before"
eventually 'the agent is there again' another archetype-agent "$before"
eventually 'the lab is whole' converged
[ "$(node)" = "$first" ] || fail 'the node ended with its agent'

state ActiveState archetype-network.service inactive || fail 'the network driver runs before anybody asks for it'
ask || fail 'the network driver does not answer'
state ActiveState archetype-network.service active || fail 'the network driver is not there'
for port in 9470 9471 9472 9473 9474 9475 9476; do eventually "ready at $port" ready $port; done

# An error that may pass is tried again, once a second; one that only somebody can put right stays where it can be seen.
inside systemctl stop archetype-jobs
# shellcheck disable=SC2016 # Perl's
inside perl -MIO::Socket::INET -e '
  my $socket = IO::Socket::INET->new(LocalAddr => "127.0.0.1:9472", Listen => 1, ReuseAddr => 1) or die;
  $| = 1;
  $SIG{TERM} = sub { exit };
  print $$;
  sleep 600' > "$root/var/log/taken" &
eventually 'the port of another is taken' [ -s "$root/var/log/taken" ]
inside systemctl start --no-block archetype-jobs
eventually 'jobs is started again' restarted jobs 1
from=$(inside systemctl show -P NRestarts -P ExecMainStartTimestampMonotonic archetype-jobs | sort -n | tr '\n' ' ')
eventually 'jobs is started again and again' restarted jobs $((${from%% *} + 3))
to=$(inside systemctl show -P NRestarts -P ExecMainStartTimestampMonotonic archetype-jobs | sort -n | tr '\n' ' ')
echo "$from $to" | awk '{ exit !($4 - $2 >= ($3 - $1 - 1) * 1000000) }' || fail "jobs is started more often than once a second: $from$to"
inside kill "$(cat "$root/var/log/taken")"
eventually 'jobs serves once its port is free' state ActiveState archetype-jobs active
spoil LINKS
inside systemctl restart archetype-links 2> /dev/null || true
failed links 2 'unknown option'
unspoil
inside systemctl start archetype-links
quietly systemctl stop archetype-network
spoil NETWORK
ask 2> "$root/var/log/asked" &
asker=$!
eventually 'the network driver is started again' restarted network 2
state ActiveState archetype-network.socket active || fail 'the socket of the network driver ended with it'
unspoil
wait "$asker" || fail "the network driver answers nobody after an error: $(cat "$root/var/log/asked")"
inside systemctl stop archetype-configs
schema=$(schema 1000)
inside systemctl start archetype-configs 2> /dev/null || true
failed configs 78 'start the newer program'
schema "$schema" > /dev/null

quietly dpkg -i /var/cache/archetype.deb
for service in $services; do eventually "$service serves after an upgrade" state ActiveState "archetype-$service" active; done
eventually 'the lab is whole after an upgrade' converged
[ "$(node)" = "$first" ] || fail 'the node ended with an upgrade'
state ActiveState archetype-network.socket active || fail 'the socket of the network driver ended with an upgrade'

inside systemctl stop archetype.target archetype-agent
for service in $services; do eventually "$service stops" state ActiveState "archetype-$service" inactive; done
lives "$first" || fail 'the node ended with the services'
inside systemctl start archetype.target archetype-agent
eventually 'the lab is whole after a stop' converged

quietly dpkg -r archetype
left=$(inside sh -c 'find /etc/systemd -name "archetype*"; cat /proc/[0-9]*/comm' 2> /dev/null | grep archetype | grep -v archetype-init || true)
[ -z "$left" ] || fail "removing left behind: $left"
lives "$first" || fail 'the node ended with the package'
quietly dpkg -P archetype
rm "$root/begin" "$root/groups"
echo 'Under systemd the package is installed, serves, is restarted, upgraded, stopped and removed, and nodes live on.'
