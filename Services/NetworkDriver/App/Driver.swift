import Files
import Glibc
import JSON
import Kernel
import Logging
import Model
import NetworkCore

/// Does what an engine asks for. What it must know later lies on disk: an engine says only once what a network is.
struct Driver {
  /// A file for each network, by the engine's id of it.
  let networks: String

  private static let mostBytes = 4 << 10

  init(data: String) throws(LabError) {
    networks = data + "/networks"
    for folder in [data, networks] where mkdir(folder, 0o700) != 0 && errno != EEXIST {
      throw LabError(.failedPrecondition, folder, "can't be made", cause: String(cString: strerror(errno)))
    }
  }

  func answer(_ path: String, _ body: [UInt8]) -> EngineServer.Reply {
    do throws(LabError) {
      let call = try DriverCall(path: path, body: body)
      return (true, call.reply(device: try perform(call)).bytes)
    } catch {
      Log.warning("refused", ["call": path, "error": error])
      return (false, DriverCall.refusal(error).bytes)
    }
  }

  /// The name of the device that a `join` has made.
  private func perform(_ call: DriverCall) throws(LabError) -> String {
    switch call {
    case .activate, .capabilities, .nothing: return ""
    case .createNetwork(let id, let network):
      do throws(FileError) { try File.replace(file(id), with: network.bytes, isDurable: true) } catch { throw refusal(id, error) }
    case .deleteNetwork(let id):
      guard unlink(file(id)) == 0 || errno == ENOENT else { throw refusal(id, FileError(errno)) }
    case .createEndpoint(let id): _ = try network(id)
    case .join(let id, let attachment):
      let network = try network(id)
      let mark = ExternalMark(lab: network.lab, place: network.place, attachment: attachment)
      return try onKernel { table throws(KernelError) in try table.makeExternal(mark) }
    case .leave(let attachment): try onKernel { table throws(KernelError) in try table.removeExternal(attachment) }
    }
    return ""
  }

  private func file(_ id: EngineID) -> String { "\(networks)/\(id)" }

  private func network(_ id: EngineID) throws(LabError) -> LabNetwork {
    let bytes: [UInt8]
    do throws(FileError) { bytes = try File.read(file(id), most: Self.mostBytes) } catch {
      guard error.code == ENOENT else { throw refusal(id, error) }
      throw LabError(.notFound, "network \(id)", "is not known here (docker network rm it and create it again)")
    }
    return try LabNetwork(bytes: bytes)
  }

  private func refusal(_ id: EngineID, _ error: FileError) -> LabError {
    LabError(.internalError, "network \(id)", "\(file(id)) can't be read or written", cause: error.description)
  }

  /// Opened for each call: whoever made the fabric may make it anew meanwhile.
  private func onKernel<Value>(_ body: (LinuxLinkTable) throws(KernelError) -> Value) throws(LabError) -> Value {
    do throws(KernelError) {
      // As the agent and the bus have it.
      mkdir("/run/archetype", 0o750)
      let fabric = try Fabric.open(in: try NamespacePins())
      return try body(try LinuxLinkTable(fabric: fabric, host: try NetworkNamespace.current()))
    } catch { throw error.labError("fabric") }
  }
}
