import Exchange
import Foundation
import Identity
import Primitives

#if canImport(Glibc)
  import Glibc
#elseif canImport(Darwin)
  import Darwin
#endif

/// Finds the address of a host, and refuses hosts that have one off the public network.
struct HostResolver: Sendable {
  /// The address to call, as text.
  ///
  /// - Throws: `unreachable` for a name that has none, `forbidden` where any is not public.
  func publicAddress(of host: HostName) async throws -> String {
    switch host {
    case .ipv4(let bytes), .ipv6(let bytes):
      guard PublicNetwork.contains(address: bytes) else { throw Self.notPublic }
      return "\(host)"
    case .dns(let name):
      let addresses = try await withCheckedThrowingContinuation { continuation in
        // The system's resolver blocks, for seconds at times.
        Thread.detachNewThread { continuation.resume(with: Result { try Self.lookUp(name) }) }
      }
      guard addresses.allSatisfy(PublicNetwork.contains(address:)) else { throw Self.notPublic }
      guard let first = addresses.first.flatMap(Self.host) else { throw Self.unknown }
      return "\(first)"
    }
  }

  private static let notPublic = PeerChartError(
    .forbidden, "the endpoint of a subscription is not on the public network")
  private static let unknown = PeerChartError(
    .unreachable, "the endpoint of a subscription has no address")

  private static func host(_ bytes: [UInt8]) -> HostName? {
    bytes.count == 4 ? .ipv4(bytes) : bytes.count == 16 ? .ipv6(bytes) : nil
  }

  private static func lookUp(_ name: String) throws -> [[UInt8]] {
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    var list: UnsafeMutablePointer<addrinfo>?
    guard getaddrinfo(name, nil, &hints, &list) == 0 else { throw unknown }
    defer { freeaddrinfo(list) }
    var addresses: [[UInt8]] = []
    var next = list
    while let entry = next?.pointee {
      next = entry.ai_next
      guard let address = entry.ai_addr else { continue }
      switch entry.ai_family {
      case AF_INET:
        address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) {
          addresses.append(withUnsafeBytes(of: $0.pointee.sin_addr) { Array($0) })
        }
      case AF_INET6:
        address.withMemoryRebound(to: sockaddr_in6.self, capacity: 1) {
          addresses.append(withUnsafeBytes(of: $0.pointee.sin6_addr) { Array($0) })
        }
      default: continue
      }
    }
    return addresses
  }
}
