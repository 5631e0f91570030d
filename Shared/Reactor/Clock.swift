import CLinux
import Glibc
public import Machine
public import Model

/// The only place that reads clocks and draws chance for machines.
public enum Clock {
  public static func now() -> Now {
    var wall = timespec()
    clock_gettime(CLOCK_REALTIME, &wall)
    return Now(
      boot: Instant(milliseconds: clinux_boot_milliseconds()), wall: Int64(wall.tv_sec) * 1_000 + Int64(wall.tv_nsec) / 1_000_000)
  }

  /// This process's life.
  public static func makeInstance() -> Instance {
    var chance = SystemRandomNumberGenerator()
    return Instance(chance.next())
  }
}
