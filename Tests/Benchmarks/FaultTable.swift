import Faults
import Support

/// The fault matrix with its times.
struct FaultTable {
  func measure() throws -> [String] {
    var lines = ["| fault | known | repaired | echoes lost on healthy links | leftovers |", "| --- | ---: | ---: | ---: | ---: |"]
    let lab = try FaultLab()
    defer { try? lab.down() }
    for fault in Fault.matrix {
      let outcome = try fault.run(in: lab)
      let leftovers = outcome.leftovers + outcome.missing + outcome.renewed
      let known = outcome.times.known.map { ($0 * 1e3).text(1) + " ms" } ?? "–"
      lines.append(
        "| \(fault.name) | \(known) | \(outcome.times.repaired.text(2)) s | \(outcome.lost) of \(outcome.received) | \(leftovers.isEmpty ? "none" : leftovers.joined(separator: ", ")) |"
      )
      progress("  " + (lines.last ?? ""))
    }
    return lines + ["", "The times hold the command that breaks or brings back the part."]
  }
}
