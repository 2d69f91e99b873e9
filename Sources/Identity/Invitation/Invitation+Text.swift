import Crypto
import Primitives

extension Invitation {
  /// The link: `peerchart:` and base32.
  public var text: String { Self.scheme + Base32.encode(encoded) }

  /// The same in capitals only, which a QR code packs most densely.
  public var textForQRCode: String { Self.scheme.uppercased() + Base32.encode(encoded) }

  /// Reads a link. Whether it has expired is for the caller to ask.
  ///
  /// - Throws: `tooLarge`, `malformed`, `unsupportedVersion`; `integrity` when the checksum does not
  ///   fit. Nothing thrown holds a part of the text.
  public init(parsing text: String) throws {
    let characters = Array(text.utf8.prefix(Self.maximumLength + 1))
    guard characters.count <= Self.maximumLength else {
      throw PeerChartError(.tooLarge, "an invitation is longer than 2048 characters")
    }
    let scheme = characters.prefix(Self.scheme.utf8.count)
    guard
      scheme.elementsEqual(Self.scheme.utf8)
        || scheme.elementsEqual(Self.scheme.uppercased().utf8)
    else { throw PeerChartError(.malformed, "an invitation begins with peerchart:") }
    guard let bytes = Base32.decode(characters.dropFirst(scheme.count)),
      bytes.count > Self.checksumLength
    else { throw Self.malformed }
    let payload = Array(bytes.dropLast(Self.checksumLength))
    guard Self.checksum(payload).elementsEqual(bytes.suffix(Self.checksumLength)) else {
      throw PeerChartError(
        .integrity, "the invitation was copied wrongly: its checksum does not fit")
    }
    try self.init(payload: payload)
  }

  private var encoded: [UInt8] {
    var writer = ByteWriter()
    writer.append(Self.version)
    writer.append(raw: node.bytes)
    writer.append(raw: secret.exposed)
    writer.append(UInt32(truncatingIfNeeded: expires.millisecondsSinceEpoch / 1000))
    writer.append(UInt8(truncatingIfNeeded: addresses.count))
    for address in addresses {
      switch address.host {
      case .dns(let name):
        writer.append(AddressKind.dns.rawValue)
        writer.append(UInt8(truncatingIfNeeded: name.utf8.count))
        writer.append(raw: name.utf8)
      case .ipv4(let bytes):
        writer.append(AddressKind.ipv4.rawValue)
        writer.append(raw: bytes)
      case .ipv6(let bytes):
        writer.append(AddressKind.ipv6.rawValue)
        writer.append(raw: bytes)
      }
      writer.append(address.port)
    }
    return writer.bytes + Self.checksum(writer.bytes)
  }

  private init(payload: [UInt8]) throws {
    var reader = ByteReader(payload)
    guard try reader.read(UInt8.self) == Self.version else {
      throw PeerChartError(.unsupportedVersion, "the invitation is of a newer version")
    }
    guard let node = NodeID(bytes: try reader.read(count: NodeID.byteCount)) else {
      throw Self.malformed
    }
    let secret = try reader.read(count: Self.secretLength)
    let seconds = try reader.read(UInt32.self)
    let count = Int(try reader.read(UInt8.self))
    guard (1...Self.maximumAddresses).contains(count), seconds > 0 else { throw Self.malformed }
    let addresses = try (0..<count).map { _ in try Self.address(&reader) }
    try reader.requireEnd()
    self.init(addresses: addresses, node: node, secret: secret, seconds: seconds)
  }

  private static func address(_ reader: inout ByteReader) throws -> NodeAddress {
    let host: HostName
    switch AddressKind(rawValue: try reader.read()) {
    case .dns:
      let name = try reader.read(count: Int(try reader.read(UInt8.self)))
      guard HostName.isDNSName(name) else { throw malformed }
      host = .dns(String(decoding: name, as: UTF8.self))
    case .ipv4: host = .ipv4(try reader.read(count: 4))
    case .ipv6: host = .ipv6(try reader.read(count: 16))
    case nil: throw malformed
    }
    guard let address = NodeAddress(host: host, port: try reader.read()) else { throw malformed }
    return address
  }

  /// Against slips in copying. Whoever forges an invitation can compute it too.
  private static func checksum(_ payload: [UInt8]) -> [UInt8] {
    Array(
      SHA256.hash(data: Array("peerchart-invitation-v1\n".utf8) + payload).prefix(checksumLength))
  }

  private enum AddressKind: UInt8 {
    case dns = 1
    case ipv4 = 4
    case ipv6 = 6
  }

  private static var malformed: PeerChartError {
    PeerChartError(.malformed, "the invitation does not follow its format")
  }
}
