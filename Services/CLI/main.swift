import Glibc

exit(Archetype.run(Array(CommandLine.arguments.dropFirst()), environment: Surroundings.variables()))
