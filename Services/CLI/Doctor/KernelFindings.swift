import Files
import Glibc
import Kernel
import Model

/// What this machine's kernel can do: made once, in namespaces of their own.
enum KernelFindings {
  static func all() -> [Finding] {
    guard geteuid() == 0 else {
      return [
        .unusable(
          "root", "user \(geteuid())", cost: "an agent makes namespaces and devices, and so does this command to try them",
          remedy: "run it by sudo")
      ]
    }
    return devices() + [overlay, groups, pressure]
  }

  private static func devices() -> [Finding] {
    let trial: KernelTrial
    do throws(LabError) { trial = try KernelTrial(folder: "/run/archetype-doctor-\(getpid())") } catch {
      return [
        .unusable(
          "namespaces", "\(error)", cost: "no node can be isolated",
          remedy: "in a container, start it with the rights of compose/compose.agent.yaml")
      ]
    }
    return [
      tried(
        "cables", trial.makeCable, unusable: true, cost: "no two nodes can be linked", remedy: "the kernel needs veth, clsact and cls_bpf"),
      tried("tunnels", trial.makeTunnel, cost: "no link to another host", remedy: "the kernel needs vxlan"),
      tried(
        "management networks", trial.makeSegment, cost: "no lab with mgmt: or ports:", remedy: "the kernel needs bridge and nf_tables"),
    ]
  }

  private static func tried(
    _ subject: String, _ body: () throws(LabError) -> Void, unusable: Bool = false, cost: String, remedy: String
  ) -> Finding {
    do throws(LabError) {
      try body()
      return .good(subject, "made and removed")
    } catch { return Finding(subject: subject, state: unusable ? .unusable : .lacking, found: "\(error)", cost: cost, remedy: remedy) }
  }

  private static var overlay: Finding {
    HostFile.text("/proc/filesystems").contains("overlay")
      ? .good("overlayfs", "there")
      : .lacking(
        "overlayfs", "missing", cost: "the namespace runtime can't give a node a root of its own", remedy: "modprobe overlay")
  }

  private static var groups: Finding {
    let controllers = HostFile.text("/sys/fs/cgroup/cgroup.controllers") + HostFile.text("/proc/cgroups")
    let missing = ["memory", "pids"].filter { !controllers.contains($0) }
    return missing.isEmpty
      ? .good("control groups", "memory, pids")
      : .lacking(
        "control groups", "without \(missing.joined(separator: ", "))",
        cost: "a node that takes all memory or processes takes the host down",
        remedy: "boot with cgroup_enable=\(missing.joined(separator: ","))")
  }

  private static var pressure: Finding {
    HostFile.text("/proc/pressure/memory").isEmpty
      ? .lacking(
        "pressure", "no /proc/pressure", cost: "starts are admitted by memory and processes alone, not by how busy the host is",
        remedy: "boot with psi=1")
      : .good("pressure", "read")
  }
}

/// Small files of /proc and /sys.
enum HostFile {
  /// Empty where it can't be read.
  static func text(_ path: String) -> String {
    guard let bytes = try? File.read(path, most: 64 << 10) else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// Its first number.
  static func number(_ path: String) -> Int? { Int(text(path).prefix { $0.isNumber }) }
}
