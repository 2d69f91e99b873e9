public import Primitives

/// Emergency access: a stated reason, a small scope, a short time, and a review by somebody else.
///
/// Every value satisfies the rules of docs/design/consent.md; the initialiser refuses others.
public struct BreakGlassSession: Hashable, Sendable {
  /// Why the glass was broken.
  public enum Emergency: String, CaseIterable, Hashable, Sendable {
    case unconscious
    case unableToConsent = "unable-to-consent"
    case lifeThreatening = "life-threatening"
    case urgentCare = "urgent-care"
    case disaster
  }

  /// What 42 CFR 2.51(c) wants recorded when substance-use records are opened; the time is the session's.
  public struct EmergencyDisclosure: Hashable, Sendable {
    public let recipient: String
    public let affiliation: String
    public let discloser: String
    public let natureOfEmergency: String
    public init(
      recipient: String, affiliation: String, discloser: String, natureOfEmergency: String
    ) {
      self.recipient = recipient
      self.affiliation = affiliation
      self.discloser = discloser
      self.natureOfEmergency = natureOfEmergency
    }
  }

  /// Which records it opens, and why more than the default if so.
  public struct Scope: Hashable, Sendable {
    public let types: RecordTypeSet
    public let labels: LabelSet
    public let justification: String?
    public let emergencyDisclosure: EmergencyDisclosure?
    /// Allergies, medications and problems without a sensitivity label.
    public static let minimum = Scope(types: .emergency, labels: .ordinary)

    public init(
      types: RecordTypeSet, labels: LabelSet, justification: String? = nil,
      emergencyDisclosure: EmergencyDisclosure? = nil
    ) {
      self.types = types
      self.labels = labels
      self.justification = justification
      self.emergencyDisclosure = emergencyDisclosure
    }
  }

  public static let defaultSeconds: Int64 = 4 * 3600
  public static let maximumSeconds: Int64 = 24 * 3600
  /// How long a review may take (seconds).
  public static let reviewSeconds: Int64 = 72 * 3600

  public let id: String
  public let patient: String
  public let node: NodeID
  public let person: PartyIdentifier
  public let emergency: Emergency
  public let text: String
  public let scope: Scope
  public let start: Instant
  /// The first moment at which it no longer holds.
  public let end: Instant
  public internal(set) var review: BreakGlassReview

  /// Opens a session at `start` for `seconds`. Throws `invalid` when a rule is not kept; the reason
  /// names the rule and never the text.
  public init(
    id: String, patient: String, node: NodeID, person: PartyIdentifier, emergency: Emergency,
    text: String, scope: Scope = .minimum, start: Instant, seconds: Int64 = defaultSeconds
  ) throws(PeerChartError) {
    guard !id.isEmpty, !patient.isEmpty else {
      throw PeerChartError(.invalid, "a break-glass session needs an id and a patient")
    }
    guard !text.isBlank, text.utf8.count <= 4000 else {
      throw PeerChartError(
        .invalid, "a break-glass session needs a reason in words, of 4000 bytes at most")
    }
    guard seconds > 0, seconds <= Self.maximumSeconds else {
      throw PeerChartError(.invalid, "a break-glass session lasts 24 hours at most")
    }
    try Self.check(scope)
    self.id = id
    self.patient = patient
    self.node = node
    self.person = person
    self.emergency = emergency
    self.text = text
    self.scope = scope
    self.start = start
    self.end = start.adding(seconds: seconds)
    self.review = .pending
  }

  private static func check(_ scope: Scope) throws(PeerChartError) {
    guard !scope.types.isEmpty, scope.labels.contains(.ordinary) else {
      throw PeerChartError(
        .invalid, "a break-glass scope names record types, ordinary records included")
    }
    let isMinimum = scope.types.isSubset(of: .emergency) && scope.labels == .ordinary
    guard isMinimum || scope.justification?.isBlank == false else {
      throw PeerChartError(
        .invalid, "more than allergies, medications and problems needs a justification")
    }
    if scope.labels.contains(.substanceUse) {
      guard let record = scope.emergencyDisclosure, !record.recipient.isBlank,
        !record.affiliation.isBlank, !record.discloser.isBlank, !record.natureOfEmergency.isBlank
      else {
        throw PeerChartError(.invalid, "substance-use records need the record of 42 CFR 2.51(c)")
      }
    }
  }

  /// When the review is due.
  public var reviewDue: Instant { start.adding(seconds: Self.reviewSeconds) }

  /// Whether it opens anything at `time`.
  public func isActive(at time: Instant) -> Bool {
    start <= time && time < end && !review.isViolation
  }
}

extension String {
  var isBlank: Bool { allSatisfy(\.isWhitespace) }
}
