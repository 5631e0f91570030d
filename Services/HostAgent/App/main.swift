import Glibc

exit(HostEntry.run() ?? AgentProgram.run())
