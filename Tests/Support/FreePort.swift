import Foundation
import Synchronization

/// Ports of this machine for services that tests start, and start again at the same place.
///
/// They lie below those that the system gives to outgoing connections, one of which could else have taken the port
/// of a service that is down for a moment.
package enum FreePort {
  package struct Failure: Error {}

  private static let range = 20_000..<32_000
  private static let counter = Atomic<Int>(Int.random(in: range))

  /// One that is free now, another each time.
  package static func next() throws -> UInt16 {
    for _ in range {
      let number = counter.wrappingAdd(1, ordering: .relaxed).oldValue
      let port = UInt16(range.lowerBound + (number - range.lowerBound) % range.count)
      if isFree(port) { return port }
    }
    throw Failure()
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let one = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
    defer { close(one) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(one, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
