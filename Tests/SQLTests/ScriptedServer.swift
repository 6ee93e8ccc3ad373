import Foundation
import Glibc
import Synchronization

/// A web server on loopback that answers each request as a test says.
final class ScriptedServer: @unchecked Sendable {
  struct Request: Sendable {
    var method: String
    var path: String
    /// Names in lower case.
    var headers: [String: String]
    var body: String
  }

  enum Answer: Sendable {
    /// A status, further header lines, and a body.
    case answer(Int, String, headers: [String] = [])
    /// A body after a pause of so many seconds.
    case late(Double, String)
    /// The head of an answer and a part of its body, then the end of the connection.
    case cutOff(String)
  }

  let port: Int
  var url: String { "http://127.0.0.1:\(port)" }
  private let handle: Int32
  private let log = Mutex<[Request]>([])

  /// - Parameters:
  ///   - port: 0 for any that is free.
  ///   - script: answers a request, of which so many came before.
  init(
    port: Int = 0,
    _ script: @escaping @Sendable (_ request: Request, _ number: Int, _ server: ScriptedServer) -> Answer
  ) {
    // Not inherited by what other tests start meanwhile: a connection must end when it is closed here.
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    handle = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    var yes: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    address.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    withUnsafeMutablePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, length)
        getsockname(listener, $0, &length)
      }
    }
    listen(listener, 16)
    self.port = Int(in_port_t(bigEndian: address.sin_port))
    Thread { [weak self] in
      while case let connection = accept(listener, nil, nil), connection >= 0 {
        _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
        Thread { [weak self] in
          defer { close(connection) }
          self?.serve(connection, script)
        }.start()
      }
      // Here, not where the server ends: the number would be another socket's before this thread knows.
      close(listener)
    }.start()
  }

  deinit { shutdown(handle, Int32(SHUT_RDWR)) }

  /// The requests so far.
  var requests: [Request] { log.withLock { $0 } }

  private func serve(_ connection: Int32, _ script: (Request, Int, ScriptedServer) -> Answer) {
    var pending: [UInt8] = []
    while let request = read(connection, &pending) {
      let number = log.withLock { log in
        log.append(request)
        return log.count - 1
      }
      switch script(request, number, self) {
      case .answer(let status, let body, let headers): write(connection, status, body, headers)
      case .late(let seconds, let body):
        Thread.sleep(forTimeInterval: seconds)
        write(connection, 200, body, [])
      case .cutOff(let body):
        send(connection, "HTTP/1.1 200 OK\r\nContent-Length: \(body.utf8.count + 100)\r\n\r\n\(body)")
        return
      }
    }
  }

  private func read(_ connection: Int32, _ pending: inout [UInt8]) -> Request? {
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      if let end = String(decoding: pending, as: UTF8.self).range(of: "\r\n\r\n") {
        let text = String(decoding: pending, as: UTF8.self)
        let lines = text[..<end.lowerBound].components(separatedBy: "\r\n")
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
          let parts = line.split(separator: ":", maxSplits: 1)
          if parts.count == 2 {
            headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
          }
        }
        let size = Int(headers["content-length"] ?? "0") ?? 0
        let body = text[end.upperBound...]
        if body.utf8.count >= size {
          let words = lines[0].split(separator: " ").map(String.init)
          pending = Array(body.utf8.dropFirst(size))
          return Request(
            method: words[0], path: words[1], headers: headers, body: String(body.utf8.prefix(size))!)
        }
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      pending += buffer[..<count]
    }
  }

  private func write(_ connection: Int32, _ status: Int, _ body: String, _ headers: [String]) {
    let lines = ["HTTP/1.1 \(status) X", "Content-Length: \(body.utf8.count)"] + headers
    send(connection, lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  private func send(_ connection: Int32, _ text: String) {
    let bytes = Array(text.utf8)
    _ = Glibc.send(connection, bytes, bytes.count, Int32(MSG_NOSIGNAL))
  }
}
