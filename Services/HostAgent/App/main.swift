import Glibc

exit(AgentProgram.run())
