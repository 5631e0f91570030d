import Arguments
import Glibc

let options = ServiceOptions.read(
  "archetype-bus", "forwards requests, publishes events and admits peers",
  extra: [
    .repeated("listen", "ADDRESS", "where to listen, instead of at --bus"),
    .flag("untraced", "let nobody see what passes: no tap, and nothing is remembered"),
  ])
exit(BusProgram.run(options))
