import Arguments
import Model
import Reactor

/// `archetype configs recover`.
struct ConfigsRecover: Runnable {
  static let entry = Entry(
    Command("configs recover", "go on with the config service's store though changes are lost, as after a restored backup"),
    examples: ["archetype configs recover"],
    make: { (invocation) throws(LabError) in ConfigsRecover(invocation: invocation, place: try invocation.bus()) })

  let invocation: Invocation
  let place: Connection.Place

  func run() throws(LabError) -> Int32 {
    let connection = try place.connect()
    let new = Incarnation(random: Clock.makeInstance().number)
    guard case .standing(let standing) = try connection.configs(.standing) else { throw Connection.strange(.configs) }
    let basis = PutBasis(store: standing.store, revision: standing.revision)
    guard case .recovered(let store) = try connection.configs(.recover(new, of: basis)) else { throw Connection.strange(.configs) }
    if invocation.isJSON {
      Output.json(.members(["deployment": .string(store.deployment.text), "incarnation": .string(store.incarnation.text)]))
    } else {
      Output.line("store \(store.deployment) goes on as incarnation \(store.incarnation)")
    }
    return ExitCode.done
  }
}
