import Files
import Glibc
public import Model
import Wire

extension Postmortem {
  /// Reads what an agent has written down and what the system says; it may take seconds. The agent need not live.
  ///
  /// - Parameters:
  ///   - folder: the agent's.
  ///   - at: now, in milliseconds since 1970.
  /// - Throws: `NOT_FOUND` where there is no black box.
  public static func read(of host: HostName, in folder: String, at: Int64) throws(LabError) -> Postmortem {
    var remarks: [String] = []
    let actions = try records(folder, BlackBox.actionsName, BlackBox.actionSectors, &remarks)
    let loads = try records(folder, BlackBox.loadsName, BlackBox.loadSectors, &remarks)
    guard actions != nil || loads != nil else {
      throw LabError(.notFound, folder, "there is no black box in it (name the agent's data folder; it is made when an agent first runs)")
    }
    return Postmortem(
      host: host, at: at, boot: HostLife.current, records: (actions ?? []).suffix(Limits.postmortemRecords),
      loads: (loads ?? []).suffix(Limits.postmortemRecords), remarks: remarks, kernel: SystemLogs.kernel(), system: SystemLogs.lastBoot())
  }

  /// Reads a folder that may come from elsewhere, as on the disk of a host that doesn't come up: what this machine says is of itself then.
  ///
  /// - Throws: as above; `INVALID_ARGUMENT` for the folder of another host's agent.
  public static func read(of host: HostName, from folder: String, at: Int64) throws(LabError) -> Postmortem {
    // An agent notes whose folder it is once it has been told what to do: its host's name, machine and address.
    let owner = words("\(folder)/identity")
    if let name = owner.first, name != host.text {
      throw LabError(.invalidArgument, folder, "is the folder of host \(name)'s agent (name that host)")
    }
    var postmortem = try read(of: host, in: folder, at: at)
    if owner.count > 1, owner[1] != words("/etc/machine-id").first {
      postmortem.kernel = SystemLines([], reason: "not known: the folder is of another machine")
      let reason = "not known: the folder is of another machine (its own log: journalctl --directory DISK/var/log/journal -n 50)"
      postmortem.system = SystemLines([], reason: reason)
    }
    return postmortem
  }

  private static func words(_ path: String) -> [String] {
    ((try? File.read(path, most: 4 << 10)).map { String(decoding: $0, as: UTF8.self) } ?? "").split(separator: "\n").map(String.init)
  }

  /// Oldest first; nil: there is no such file.
  private static func records(_ folder: String, _ name: String, _ length: Int, _ remarks: inout [String]) throws(LabError) -> [BoxRecord]? {
    let path = "\(folder)/\(name)"
    let ring = SealedRing(length: length)
    let bytes: [UInt8]
    do throws(FileError) { bytes = try File.read(path, most: 4 * ring.bytes) } catch {
      if error.code == ENOENT { return nil }
      throw LabError(.unavailable, path, "can't be read", cause: "\(error)")
    }
    var contents = ring.read(bytes)
    // A living agent may be writing right now; what is torn stays so.
    for _ in 0..<3 where contents.torn > 0 {
      usleep(20_000)
      if let again = try? File.read(path, most: 4 * ring.bytes) { contents = ring.read(again) }
    }
    if contents.isDamaged { remarks.append("\(path) is damaged: what could be read is here, \(contents.damaged) sectors could not be") }
    if contents.torn > 0 { remarks.append("the last entry of \(path) is torn: it was being written when the host or its agent died") }
    var records: [BoxRecord] = []
    for group in contents.groups {
      do throws(LabError) { records += try Codec.decodeBoxRecords(group) } catch {
        remarks.append("an entry of \(path) can't be understood (written by a newer agent?): \(error.message)")
      }
    }
    return records
  }
}
