import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Platform

@Suite struct FileLockTests {
  @Test func onlyOneThreadHoldsItAtATime() throws {
    try withTemporaryFolder { folder in
      let path = folder.path("lock")
      let holders = Monitor(0)
      let overlaps = Monitor(0)
      let threads = try (0..<4).map { _ in
        try SystemThread("locker") {
          for _ in 0..<50 {
            guard let lock = try? FileLock.acquire(path) else { return overlaps.update { $0 += 1000 } }
            holders.update { $0 += 1 }
            if holders.update({ $0 }) != 1 { overlaps.update { $0 += 1 } }
            holders.update { $0 -= 1 }
            lock.release()
          }
        }
      }
      for thread in threads { thread.join() }
      #expect(overlaps.update { $0 } == 0)
      #expect(!Files.exists(path), "nothing is left of it")
    }
  }

  @Test func itIsFreeWhenItsOwnerIsKilled() throws {
    try withTemporaryFolder { folder in
      let path = folder.path("lock")
      let owner = try ChildProcess(
        executable: "flock", arguments: [path, "sh", "-c", "echo held; exec sleep 600"])
      var byte = [UInt8](repeating: 0, count: 16)
      _ = try byte.withUnsafeMutableBytes { try owner.readOutput(into: $0) }
      let hasWaited = Mutex(false)
      #expect {
        _ = try FileLock.acquire(path, wait: .milliseconds(30)) { hasWaited.withLock { $0 = true } }
      } throws: { ($0 as? SystemError)?.code == EWOULDBLOCK }
      #expect(hasWaited.withLock { $0 })
      owner.kill()
      owner.wait()
      try FileLock.acquire(path, wait: .seconds(5)).release()
    }
  }

  @Test func itIsFreeWhenItsOwnerIsGone() throws {
    try withTemporaryFolder { folder in
      let path = folder.path("lock")
      do { _ = try FileLock.acquire(path) }
      let lock = try FileLock.acquire(path, wait: .zero)
      #expect(try Files.readText(path) == "\(getpid())\n")
      #expect(throws: SystemError.self) { try FileLock.acquire(path, wait: .zero) }
      lock.release()
      lock.release()
    }
  }

  @Test func whatNobodyHoldsIsRemovedAndWhatIsHeldStays() throws {
    try withTemporaryFolder { folder in
      let held = try FileLock.acquire(folder.path("held.lock"))
      for name in ["killed.lock", "other.txt"] { try Files.writeAtomically([], to: folder.path(name)) }
      try Files.createDirectory(folder.path("folder.lock"))
      try FileLock.removeAbandoned(in: folder.path)
      #expect(try Files.list(folder.path).sorted() == ["folder.lock", "held.lock", "other.txt"])
      held.release()
      try FileLock.removeAbandoned(in: folder.path("nothing"))
    }
  }
}
