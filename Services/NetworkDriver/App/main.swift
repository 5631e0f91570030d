import Arguments
import Glibc

let options = ServiceOptions.read(
  "archetype-network", "joins containers of this host's engine to labs (docker network create -d archetype)",
  extra: [
    .value("listen", "SOCKET", "where the engine finds it, unless systemd made that", standard: "/run/docker/plugins/archetype.sock"),
    .flag("check", "don't serve: ask whoever serves there whether it does"),
  ],
  isOnBus: false)
exit(DriverProgram.run(options))
