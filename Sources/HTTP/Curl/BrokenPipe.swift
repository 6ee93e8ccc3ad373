import Glibc

/// Runs `body` with this thread deaf to SIGPIPE. A TLS library writes with `write`, so a connection that the
/// other side has closed would otherwise end the process; libcurl's own protection changes the disposition of
/// the whole process and is not made for threads.
func withoutBrokenPipeSignal<Result>(_ body: () throws -> Result) rethrows -> Result {
  var brokenPipe = sigset_t()
  sigemptyset(&brokenPipe)
  sigaddset(&brokenPipe, SIGPIPE)
  var previous = sigset_t()
  pthread_sigmask(SIG_BLOCK, &brokenPipe, &previous)
  defer {
    if sigismember(&previous, SIGPIPE) == 0 {
      // One that arrived meanwhile is pending for this thread: taken away before the mask is put back.
      var now = timespec()
      while sigtimedwait(&brokenPipe, nil, &now) == -1 && errno == EINTR {}
    }
    pthread_sigmask(SIG_SETMASK, &previous, nil)
  }
  return try body()
}
