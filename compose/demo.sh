#!/bin/sh
# `make demo`: a control plane and two virtual hosts on this machine, and over both a ring of FRR routers. Everything keeps running.
# `make demo-down` (demo.sh down) removes every trace. May be repeated: a testbed or lab that is there is used.
set -eu
cd "$(dirname "$0")/.."
programs=${ARCHETYPE_PROGRAMS:-.build/release}
folder=${ARCHETYPE_TESTBED:-/var/lib/archetype/testbed}
archetype=$programs/archetype
export ARCHETYPE_BUS="ipc://$folder/bus"

if [ "${1:-}" = down ]; then
  [ -x "$archetype" ] || { echo "error: $archetype: not built (run: make build)" >&2; exit 1; }
  # Taking the hosts away takes their labs along, also when the bus doesn't answer.
  [ ! -e "$folder/testbed" ] || "$archetype" destroy --all || echo 'The labs were not destroyed one by one; they go with their hosts.'
  "$archetype" testbed down --dir "$folder"
  echo 'Nothing is left.'
  exit 0
fi

say() { printf '\n== %s\n' "$*"; }

say 'Two virtual hosts and a control plane'
if [ -e "$folder/testbed" ]; then
  echo "A testbed is there already: $folder"
else
  "$archetype" testbed up --hosts 2 --dir "$folder"
fi
"$archetype" host list

say 'A ring of four FRR routers over both'
"$archetype" deploy -t compose/labs/ospf-ring/ospf-ring.clab.yml

# Each router has two neighbours. A bounded wait for a condition: a ring with hello intervals of 1 s takes a few seconds.
say 'OSPF'
tries=0
for router in r1 r2 r3 r4; do
  until [ "$("$archetype" exec ospf-ring $router -- vtysh -c 'show ip ospf neighbor' 2> /dev/null | grep -c 'Full/')" = 2 ]; do
    tries=$((tries + 1))
    if [ $tries -gt 240 ]; then
      echo "error: $router: OSPF has not come to Full with both neighbours in 60 s; this is what it sees:" >&2
      "$archetype" exec ospf-ring $router -- vtysh -c 'show ip ospf neighbor' >&2 || true
      exit 1
    fi
    sleep 0.25
  done
  echo "$router: Full with both neighbours"
done
# Full is before the routes of the far side are in the kernel.
until "$archetype" exec ospf-ring pc1 -- ping -c 1 -W 1 192.168.3.2 > /dev/null 2>&1; do
  tries=$((tries + 1))
  if [ $tries -gt 300 ]; then
    echo 'error: pc1: 192.168.3.2 does not answer (look at: archetype exec ospf-ring r1 -- vtysh -c "show ip route")' >&2
    exit 1
  fi
  sleep 0.25
done

say 'pc1 on h1 reaches pc3 on h2'
"$archetype" exec ospf-ring pc1 -- ping -c 3 -i 0.2 192.168.3.2

say 'The lab'
"$archetype" inspect ospf-ring

cat << HERE

It keeps running. Try:
  export PATH="$(cd "$programs" && pwd):\$PATH" ARCHETYPE_BUS=$ARCHETYPE_BUS
  archetype events ospf-ring --follow                               # leave it open beside the next ones
  archetype exec ospf-ring r1 -- vtysh -c 'show ip route ospf'
  archetype node stop ospf-ring r2                                  # OSPF goes round the other way
  archetype node start ospf-ring r2
  archetype testbed power-off h2 && archetype testbed power-on h2   # nodes and cables return by themselves
  archetype testbed kill reconciler && archetype testbed start reconciler
  make demo-down                                                    # removes every trace
HERE
