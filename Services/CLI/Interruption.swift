import Glibc

/// Ctrl-C.
enum Interruption {
  private final class Message {
    let text: String
    init(_ text: String) { self.text = text }
  }

  private static func only(_ signal: Int32) -> sigset_t {
    var set = sigset_t()
    sigemptyset(&set)
    sigaddset(&set, signal)
    return set
  }

  /// From now on Ctrl-C says this and ends the process with 130, whatever it waits for.
  ///
  /// A thread of its own waits for the signal: a handler could not use what it says.
  static func say(_ text: String) {
    hold(SIGINT)
    var thread = pthread_t()
    let message = Unmanaged.passRetained(Message(text))
    let failure = pthread_create(
      &thread, nil,
      { raw in
        guard let raw else { return nil }
        let message = Unmanaged<Message>.fromOpaque(raw).takeRetainedValue()
        var set = Interruption.only(SIGINT)
        var signal: Int32 = 0
        while sigwait(&set, &signal) != 0 {}
        Output.message("\n" + message.text)
        _exit(130)
      }, message.toOpaque())
    if failure != 0 {
      message.release()
      var set = only(SIGINT)
      pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }
  }

  /// The signal waits until `isPending` asks for it.
  static func hold(_ signal: Int32) {
    var set = only(signal)
    pthread_sigmask(SIG_BLOCK, &set, nil)
  }

  static func isPending(_ signal: Int32) -> Bool {
    var set = sigset_t()
    sigpending(&set)
    return sigismember(&set, signal) == 1
  }
}
