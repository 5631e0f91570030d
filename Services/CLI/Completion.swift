import Arguments
import Model

/// `archetype completion`.
struct Completion: Runnable {
  static let entry = Entry(
    Command("completion", "print what a shell needs to complete commands and options", positionals: [.required("SHELL")]),
    examples: ["source <(archetype completion bash)"],
    make: { (invocation) throws(LabError) in
      let shell = invocation.arguments.positional("SHELL") ?? ""
      guard shell == "bash" else { throw LabError(.invalidArgument, shell, "is no shell that is supported yet (bash)") }
      return Completion()
    })

  func run() throws(LabError) -> Int32 {
    Output.data(Self.bash(Archetype.entries.map(\.command), common: Archetype.program.common))
    return ExitCode.done
  }

  /// Words of the first place, then those of the second, then options.
  static func bash(_ commands: [Command], common: [Command.Option]) -> String {
    let names = commands.map { $0.name.split(separator: " ").map(String.init) }
    var firsts: [String] = []
    for name in names where !firsts.contains(name[0]) { firsts.append(name[0]) }
    var cases = ""
    for first in firsts {
      let seconds = names.filter { $0[0] == first && $0.count == 2 }.map { $0[1] }
      if !seconds.isEmpty { cases += "    \(first)) words=\"\(seconds.joined(separator: " "))\" ;;\n" }
    }
    var options = ""
    for command in commands {
      let all = (command.options + common).map { "--\($0.name)" } + ["--help"]
      options += "    \"\(command.name)\"*) words=\"\(all.joined(separator: " "))\" ;;\n"
    }
    return """
      _archetype() {
        local current="${COMP_WORDS[COMP_CWORD]}" words=""
        if [[ $current == -* ]]; then
          case "${COMP_WORDS[*]:1}" in
      \(options)  esac
        elif [[ $COMP_CWORD == 1 ]]; then
          words="\(firsts.joined(separator: " ")) help"
        elif [[ $COMP_CWORD == 2 ]]; then
          case "${COMP_WORDS[1]}" in
      \(cases)  esac
        fi
        if [[ -n $words ]]; then COMPREPLY=($(compgen -W "$words" -- "$current")); else COMPREPLY=($(compgen -f -- "$current")); fi
      }
      complete -o filenames -F _archetype archetype

      """
  }
}
