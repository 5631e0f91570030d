import Model
import Simulation

/// Prints what each thing costs, as rows of a table in Markdown.
func measure(_ scale: Scale) throws(LabError) -> Int32 {
  var run = ScaleRun(scale, Meter(processor: { Usage.processor }, peak: { Usage.peak }, resetPeak: { Usage.resetPeak() }))
  try run.run()
  print("| hosts | nodes | links | what | virtual time | processor time | peak memory |")
  print("| --- | --- | --- | --- | --- | --- | --- |")
  for figure in run.figures {
    print(
      "| \(scale.hosts) | \(scale.nodes) | \(2 * scale.nodes) | \(figure.name) | \(rounded(Double(figure.duration) / 1_000, 2)) s "
        + "| \(rounded(figure.processor * 1_000, 1)) ms | \(figure.peak >> 20) MiB |")
  }
  return 0
}

private func rounded(_ value: Double, _ digits: Int) -> String {
  let scale = digits == 1 ? 10 : 100
  let whole = Int((max(0, value) * Double(scale)).rounded())
  let rest = String(whole % scale)
  return "\(whole / scale)." + String(repeating: "0", count: digits - rest.count) + rest
}
