import FHIR
public import Primitives

/// A SMART Health Link (HL7 SMART Health Cards and Links 1.0): where the files are and the key that opens
/// them. Whoever has the text has both.
public struct HealthLink: Sendable {
  /// What a link is like.
  public enum Flag: String, CaseIterable, Sendable, Codable {
    /// The files may change, and may be asked for again.
    case longTerm = "L"
    /// It asks for a passcode.
    case passcode = "P"
    /// It leads to one file, without a manifest.
    case direct = "U"
  }

  /// Longest address, in characters.
  public static let maximumAddress = 128
  /// Longest label, in characters.
  public static let maximumLabel = 80
  /// Longest text of a link, with a viewer in front, in bytes.
  public static let maximumText = 8192
  static let scheme = "shlink:/"
  /// Bytes of the key.
  public static let keyLength = 32

  /// Of the manifest, or with `direct` of the file.
  public let address: String
  public let key: Redacted<[UInt8]>
  public let expires: Instant?
  public let flags: Set<Flag>
  /// Who made it says what it is. It is shown to people and proves nothing.
  public let label: String?

  /// - Throws: `invalid` for what the standard does not allow.
  public init(
    address: String, key: Redacted<[UInt8]>, expires: Instant? = nil, flags: Set<Flag> = [],
    label: String? = nil
  ) throws(PeerChartError) {
    guard key.exposed.count == Self.keyLength else { throw Self.wrong("its key has 32 bytes") }
    // Published examples are longer than the standard allows now; writing keeps to it.
    guard !address.isEmpty, address.utf8.count <= 2048,
      address.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else { throw Self.wrong("its address has 1 to \(Self.maximumAddress) characters") }
    guard !flags.isSuperset(of: [.passcode, .direct]) else {
      throw Self.wrong("a link to one file has no passcode")
    }
    guard (label?.count ?? 0) <= Self.maximumLabel, (label?.utf8.count ?? 0) <= 320 else {
      throw Self.wrong("its label has \(Self.maximumLabel) characters at most")
    }
    self.address = address
    self.key = key
    self.expires = expires
    self.flags = flags
    self.label = label
  }

  /// Reads `shlink:/…`, with or without a viewer's address in front.
  ///
  /// - Throws: `malformed`, `invalid`, `tooLarge`, or `notSupported` for a version that is not known.
  public init(parsing text: String) throws(PeerChartError) {
    guard text.utf8.count <= Self.maximumText else {
      throw PeerChartError(.tooLarge, "a link is longer than \(Self.maximumText) bytes")
    }
    // A viewer's address may stand in front, up to the first number sign.
    let link = text.hasPrefix(Self.scheme) ? text[...] : text.drop { $0 != "#" }.dropFirst()
    guard link.hasPrefix(Self.scheme),
      let json = Base64URL.decode(link.dropFirst(Self.scheme.utf8.count).trimmingEnd),
      let root = try? JSONDocument(
        parsing: json, limits: JSONLimits(maximumBytes: 8192, maximumDepth: 8, maximumNodes: 256)
      ).root, root.kind == .object
    else { throw PeerChartError(.malformed, "this is no SMART Health Link") }
    if let version = root["v"], version.numberLiteral != "1" {
      throw PeerChartError(.notSupported, "a link of a version that is not known", place: "v")
    }
    guard let address = root["url"]?.string, let key = root["key"]?.string,
      key.utf8.count == 43, let bytes = Base64URL.decode(key)
    else { throw PeerChartError(.malformed, "a link has an address and a key") }
    var expires: Instant?
    if let value = root["exp"] {
      guard let seconds = value.numberLiteral.flatMap(Double.init), seconds.isFinite,
        (0...253_402_300_799).contains(seconds)
      else { throw PeerChartError(.malformed, "a time is a number of seconds", place: "exp") }
      expires = Instant(millisecondsSinceEpoch: Int64(seconds * 1000))
    }
    // Flags that are not known are for others; each may stand there once.
    let letters = root["flag"]?.string ?? ""
    guard Set(letters).count == letters.count else {
      throw PeerChartError(.malformed, "a flag is there twice", place: "flag")
    }
    try self.init(
      address: address, key: Redacted(bytes), expires: expires,
      flags: Set(letters.compactMap { Flag(rawValue: String($0)) }), label: root["label"]?.string)
  }

  /// The link as text.
  public var text: Redacted<String> {
    var members: [(String, JSONTree)] = [
      ("url", .string(address)), ("key", .string(Base64URL.encode(key.exposed))),
    ]
    if let expires {
      members.append(("exp", .number(String(expires.millisecondsSinceEpoch / 1000))))
    }
    if !flags.isEmpty {
      members.append(("flag", .string(flags.map(\.rawValue).sorted().joined())))
    }
    if let label { members.append(("label", .string(label))) }
    return Redacted(Self.scheme + Base64URL.encode(JSONTree.object(members).serialized()))
  }

  private static func wrong(_ what: String) -> PeerChartError {
    PeerChartError(.invalid, "a link cannot be so: \(what)")
  }
}

extension Substring {
  fileprivate var trimmingEnd: Substring {
    self[..<(lastIndex { !$0.isWhitespace }.map { index(after: $0) } ?? startIndex)]
  }
}
