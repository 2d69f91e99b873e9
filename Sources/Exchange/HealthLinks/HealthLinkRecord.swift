import ClinicalFormats
import Crypto
import FHIR
import Foundation
public import Primitives

/// A SMART Health Link that this node serves, as kept. The key that opens its files is sealed with the key of
/// the chart: it is gone when the chart is.
struct HealthLinkRecord: Codable {
  struct File: Codable {
    var contentType: String
    /// Sealed with the link's key.
    var sealed: String
  }

  /// A passcode as it is kept. What protects it is the seal around the record: it is short, and no hash would
  /// hide it from whoever has the node's keys.
  struct Passcode: Codable {
    private let salt: Data
    private let digest: Data
    /// How many wrong ones there may be, ever.
    let cap: Int64

    init(_ text: Redacted<String>, cap: Int64, random: some RandomSource) {
      salt = Data(random.bytes(16))
      self.cap = cap
      digest = Self.digest(text, salt)
    }

    func fits(_ text: Redacted<String>) -> Bool {
      constantTimeEqual(Array(digest), Array(Self.digest(text, salt)))
    }

    private static func digest(_ text: Redacted<String>, _ salt: Data) -> Data {
      Data(SHA256.hash(data: Array(salt) + Array(text.exposed.utf8)))
    }
  }

  var patient: String
  var label: String?
  var flags: [HealthLink.Flag]
  var createdAt: Int64
  var expiresAt: Int64?
  var endedAt: Int64?
  var passcode: Passcode?
  /// `Type/id` of the records on the card that goes with it.
  var records: [String]
  var files: [File]
  /// The link's text, sealed with the chart's key.
  var secret: Data

  /// Why nobody can open it any more; nil while they can.
  func end(at now: Instant) -> String? {
    if endedAt != nil { return "link-revoked" }
    if let expiresAt, expiresAt <= now.millisecondsSinceEpoch { return "link-expired" }
    return nil
  }
}

/// A link as its owner sees it.
public struct HealthLinkSummary: Sendable, Encodable {
  /// What is left of a link.
  public enum State: String, Sendable, Encodable {
    case active, expired, revoked
    /// Too many wrong passcodes.
    case exhausted
  }

  public let id: String
  public let patient: String
  public let label: String?
  /// L, P and U, in that order.
  public let flags: String
  public let created: Instant
  public let expires: Instant?
  public let state: State
  /// How often it was opened.
  public let openings: Int64
  /// How many wrong passcodes there were; and how many there may be.
  public let wrongPasscodes: Int64
  public let passcodeCap: Int64?

  package init(
    id: String, patient: String, label: String?, flags: String, created: Instant,
    expires: Instant?, state: State, openings: Int64, wrongPasscodes: Int64 = 0,
    passcodeCap: Int64? = nil
  ) {
    self.id = id
    self.patient = patient
    self.label = label
    self.flags = flags
    self.created = created
    self.expires = expires
    self.state = state
    self.openings = openings
    self.wrongPasscodes = wrongPasscodes
    self.passcodeCap = passcodeCap
  }
}

/// A link that shall be made.
public struct HealthLinkOrder: Sendable {
  /// How many wrong passcodes a link takes.
  public static let passcodeCaps: ClosedRange<Int64> = 1...100
  /// Longest life, in seconds.
  public static let longestLife: Int64 = 366 * 86_400

  public var patient: String
  /// The node's address: where links lead, and under which the card is issued.
  public var base: String
  /// Records of a card that goes with the summary; none for the summary alone.
  public var records: [String] = []
  public var label: String?
  /// How long it is good, in seconds; nil: until it is revoked.
  public var seconds: Int64?
  public var passcode: Redacted<String>?
  public var passcodeCap: Int64 = 5
  /// Whether it is renewed with the chart (flag L).
  public var isLongTerm = false
  /// Whether it leads to the one file without a manifest (flag U).
  public var isDirect = false

  public init(patient: String, base: String) {
    self.patient = patient
    self.base = base
  }

  /// - Throws: `invalid`.
  func check() throws {
    guard !isDirect || passcode == nil && records.isEmpty else {
      throw PeerChartError(.invalid, "a direct link has no passcode and leads to one file")
    }
    if let passcode, !(4...64).contains(passcode.exposed.utf8.count) {
      throw PeerChartError(.invalid, "a passcode has 4 to 64 bytes", place: "passcode")
    }
    guard Self.passcodeCaps.contains(passcodeCap) else {
      throw PeerChartError(.invalid, "a link takes 1 to 100 wrong passcodes", place: "attempts")
    }
    if let seconds, !(60...Self.longestLife).contains(seconds) {
      throw PeerChartError(.invalid, "a link lives a minute to a year", place: "expires")
    }
  }
}

/// A link just made or looked at. Whoever has its text can open it.
public struct HealthLinkText: Sendable {
  public let id: String
  /// `shlink:/…`.
  public let text: Redacted<String>
}
