import Glibc

/// A value that one thread uses at a time.
///
/// A POSIX mutex, which the thread sanitizer knows: of `Synchronization.Mutex`, whose futex it doesn't see, it reports races that are none.
/// Whoever waits is not served in the order of coming, and a thread that has the value may not ask for it again: it would wait for itself.
public struct Guarded<Value: Sendable & ~Copyable>: ~Copyable, @unchecked Sendable {
  // Unchecked: Swift doesn't know that the mutex stands before every use of the value.
  private let mutex: UnsafeMutablePointer<pthread_mutex_t>
  private let value: UnsafeMutablePointer<Value>

  public init(_ first: consuming Value) {
    mutex = .allocate(capacity: 1)
    mutex.initialize(to: pthread_mutex_t())
    // Without attributes it can't fail on Linux.
    pthread_mutex_init(mutex, nil)
    value = .allocate(capacity: 1)
    value.initialize(to: first)
  }

  deinit {
    value.deinitialize(count: 1)
    value.deallocate()
    pthread_mutex_destroy(mutex)
    mutex.deallocate()
  }

  /// Waits until nobody else has the value, and runs `body` with it.
  public borrowing func withLock<Result: ~Copyable, Failure: Error>(_ body: (inout Value) throws(Failure) -> Result) throws(Failure)
    -> Result
  {
    pthread_mutex_lock(mutex)
    defer { pthread_mutex_unlock(mutex) }
    return try body(&value.pointee)
  }
}
