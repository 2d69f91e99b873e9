import FHIR
public import Primitives

/// The cards of one key that their issuer has taken back: `ISSUER/.well-known/crl/KID.json`
/// (SMART Health Cards 1.4, "Revocation").
public struct HealthCardRevocationList: Sendable {
  /// Largest text in bytes.
  public static let maximumBytes = 8 << 20
  /// The only way in which cards are named.
  public static let method = "rid"

  public let keyID: String
  /// Grows with every change.
  public let counter: Int64
  /// What is wrong with the list. One that is wrong says nothing about any card.
  public let findings: [HealthCardFinding]
  /// By name, in milliseconds since 1970: cards issued before that are revoked; nil: all.
  private let revoked: [String: Int64?]

  /// Reads a published list.
  ///
  /// - Throws: `malformed` or `tooLarge` for what is no such list.
  public init(parsing bytes: [UInt8]) throws(PeerChartError) {
    let limits = JSONLimits(
      maximumBytes: Self.maximumBytes, maximumDepth: 4, maximumNodes: 1_000_000)
    let root = try JSONDocument(parsing: bytes, limits: limits).root
    guard let keyID = root["kid"]?.string,
      let counter = root["ctr"]?.numberLiteral.flatMap(Int64.init), let rids = root["rids"],
      rids.kind == .array
    else {
      throw PeerChartError(.malformed, "a list of revoked cards has kid, method, ctr and rids")
    }
    self.keyID = keyID
    self.counter = counter
    var findings: [HealthCardFinding] = []
    if root["method"]?.string != Self.method {
      findings.append(
        HealthCardFinding(
          .listMethod, "the list names cards in a way that is not known", place: "method"))
    }
    var revoked: [String: Int64?] = [:]
    for (number, element) in rids.elements.enumerated() {
      guard let entry = element.string.flatMap(Entry.init) else {
        findings.append(
          HealthCardFinding(
            .listID, "a name has 1 to 24 letters, digits, - and _", place: "rids[\(number)]"))
        continue
      }
      guard revoked[entry.id] == nil else {
        findings.append(
          HealthCardFinding(.listID, "a name is there twice", place: "rids[\(number)]"))
        continue
      }
      revoked.updateValue(entry.before, forKey: entry.id)
    }
    self.revoked = revoked
    self.findings = findings
  }

  /// A new list: every card of these names is revoked, whenever it was issued.
  public init(keyID: String, counter: Int64, revoking ids: some Sequence<String>) {
    self.keyID = keyID
    self.counter = counter
    findings = []
    var revoked: [String: Int64?] = [:]
    for id in ids { revoked.updateValue(nil, forKey: id) }
    self.revoked = revoked
  }

  /// Whether a card of that name, issued then, is revoked.
  public func revokes(_ id: String, issued: Instant) -> Bool {
    guard let before = revoked[id] else { return false }
    return before.map { issued.millisecondsSinceEpoch < $0 } ?? true
  }

  /// The list as it is published.
  public var serialized: [UInt8] {
    JSONTree.object([
      ("kid", .string(keyID)), ("method", .string(Self.method)),
      ("ctr", .number(String(counter))),
      (
        "rids",
        .array(
          revoked.map { id, before in
            before.map { "\(id).\($0 / 1000)" } ?? id
          }.sorted().map(JSONTree.string))
      ),
    ]).serialized()
  }

  /// Whether a text can name a card in such lists.
  public static func isValidID(_ text: some StringProtocol) -> Bool {
    (1...24).contains(text.utf8.count)
      && text.utf8.allSatisfy { byte in
        switch byte {
        case 0x2D, 0x30...0x39, 0x41...0x5A, 0x5F, 0x61...0x7A: true
        default: false
        }
      }
  }

  /// `RID`, or `RID.SECONDS` for the cards issued before then.
  private struct Entry {
    let id: String
    let before: Int64?

    init?(_ text: String) {
      let parts = text.split(separator: ".", omittingEmptySubsequences: false)
      guard let id = parts.first, parts.count <= 2, isValidID(id) else { return nil }
      self.id = String(id)
      guard parts.count == 2 else {
        before = nil
        return
      }
      guard let seconds = Int64(parts[1]), (0...253_402_300_799).contains(seconds) else {
        return nil
      }
      before = seconds * 1000
    }
  }
}
