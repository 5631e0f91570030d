import Arguments
import Glibc

let options = ServiceOptions.read(
  "archetype-bus", "forwards requests, publishes events and admits peers",
  extra: [.repeated("listen", "ADDRESS", "where to listen, instead of at --bus")])
exit(BusProgram.run(options))
