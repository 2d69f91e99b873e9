import Audit
public import ClinicalFormats
import Consent
import Foundation
import Identity
import Primitives
import Vault

/// What whoever opens a link gets.
public enum HealthLinkAnswer: Sendable {
  /// A manifest, as JSON.
  case manifest([UInt8])
  /// A sealed file (`application/jose`).
  case file([UInt8])
  /// Not the passcode; how many wrong ones may still come.
  case wrongPasscode(remaining: Int64)
}

/// Who asks for a link: whatever they say of themselves, and where they are.
public struct LinkVisitor: Sendable {
  /// How they call themselves. Nobody has checked it.
  public let recipient: String
  public let networkAddress: String?
  public let requestID: String

  public init(recipient: String, networkAddress: String?, requestID: String) {
    self.recipient = recipient
    self.networkAddress = networkAddress
    self.requestID = requestID
  }

  /// For the log. Nobody decides anything by it: the link was made by somebody who may.
  fileprivate var caller: Caller {
    Caller(
      identity: .nobody, name: recipient, role: .system, scopes: nil, purpose: nil,
      networkAddress: networkAddress, requestID: requestID)
  }
}

extension Exchange {
  /// How long an address of a file is good, in seconds: the standard allows an hour.
  private static let locationLife: Int64 = 600

  /// The manifest of a link, for whoever has its address, and its passcode where it has one.
  ///
  /// Whether a passcode is right, whether there were too many wrong ones, and the entry in the log are one
  /// transaction: however many try at once, no more than the cap are told that they were wrong.
  ///
  /// - Parameter base: the node's address, for files that are not in the manifest.
  /// - Throws: `notFound` for a link that is not there, or not any more; `methodNotAllowed` for a direct one.
  public func linkManifest(
    _ token: String, _ request: HealthLinkRequest, base: String, for visitor: LinkVisitor
  ) async throws -> HealthLinkAnswer {
    let itemKey = Self.linkKey(token)
    return try await serve(itemKey, visitor, passcode: .some(request.passcode)) {
      [self] record, now in
      guard !record.flags.contains(.direct) else { return nil }
      let files = record.files.enumerated().map { number, file in
        let isEmbedded = request.embeddedLimit.map { file.sealed.utf8.count <= $0 } ?? true
        return HealthLinkManifest.File(
          contentType: file.contentType,
          place: isEmbedded
            ? .embedded(file.sealed)
            : .location(base + Self.linkFolder + token + "/" + location(itemKey, number, now)))
      }
      return .manifest(
        HealthLinkManifest(files: files, canChange: record.flags.contains(.longTerm)).serialized)
    }
  }

  /// The one file of a direct link.
  ///
  /// - Throws: `notFound` for a link that is not there, not any more, or not direct.
  public func linkFile(_ token: String, for visitor: LinkVisitor) async throws -> HealthLinkAnswer {
    try await serve(Self.linkKey(token), visitor, passcode: nil) { record, _ in
      guard record.flags.contains(.direct), let file = record.files.first else { return nil }
      return .file(Array(file.sealed.utf8))
    }
  }

  /// A file of which a manifest gave the address.
  ///
  /// - Throws: `notFound` for an address that was not given, or has run out.
  public func linkFile(
    _ token: String, location: String, for visitor: LinkVisitor
  ) async throws -> HealthLinkAnswer {
    let itemKey = Self.linkKey(token)
    guard let place = Location(location), place.expires > clock.now().millisecondsSinceEpoch / 1000,
      constantTimeEqual(
        Array(place.seal.utf8), Array(seal(itemKey, place.number, place.expires).utf8))
    else { throw Self.noLink }
    // The passcode was shown when the manifest was asked for; whether the link has ended is looked at anew.
    return try await serve(itemKey, visitor, passcode: nil, isFollowUp: true) { record, _ in
      guard record.files.indices.contains(place.number) else { return nil }
      return .file(Array(record.files[place.number].sealed.utf8))
    }
  }

  private static let noLink = PeerChartError(.notFound, "there is nothing at this address")

  private enum Outcome: Sendable {
    case answer(HealthLinkAnswer)
    case nothing
  }

  /// - Parameters:
  ///   - passcode: what was shown, where it is asked for at all.
  ///   - answer: what a link that is good gives; nil for what it does not have.
  private func serve(
    _ itemKey: [UInt8], _ visitor: LinkVisitor, passcode shown: Redacted<String>??,
    isFollowUp: Bool = false,
    _ answer: @escaping @Sendable (HealthLinkRecord, Instant) -> HealthLinkAnswer?
  ) async throws -> HealthLinkAnswer {
    let outcome: Outcome = try await store.write { [self] transaction in
      guard let record: HealthLinkRecord = try item(.healthLink, itemKey, in: transaction) else {
        return .nothing
      }
      let now = clock.now()
      let chart = try transaction.chart(tag: keys.chartTag(record.patient))
      var reason = record.end(at: now) ?? (chart?.wrappedKey == nil ? "link-revoked" : nil)
      var outcome: Outcome = .nothing
      if reason == nil {
        switch try check(record, itemKey, shown, isFollowUp, transaction) {
        case .right:
          if let found = answer(record, now) { outcome = .answer(found) } else { return .nothing }
        case .wrong(let remaining):
          (outcome, reason) = (.answer(.wrongPasscode(remaining: remaining)), "wrong-passcode")
        case .exhausted: reason = "too-many-passcodes"
        }
      }
      var draft = EventDraft(
        kind: reason == nil ? .disclosure : .decisionDeny, action: .export)
      draft.patient = record.patient
      draft.detail = ["health-link": Hex.encode(itemKey), "recipient": visitor.recipient]
      if let reason {
        draft.reasons = [reason]
      } else {
        draft.counts = ["files": record.files.count]
      }
      let entry = try entry(draft, visitor.caller, at: now, slot: chart?.slot)
      _ = try transaction.appendAudit(
        slot: entry.slot, sealed: entry.sealed, leafHash: entry.leafHash)
      if reason == nil, !isFollowUp {
        _ = try transaction.incrementCounter(LinkCounter.openings(itemKey))
      }
      return outcome
    }
    guard case .answer(let answer) = outcome else { throw Self.noLink }
    return answer
  }

  private enum PasscodeCheck {
    case right
    case wrong(Int64)
    case exhausted
  }

  /// Counts a wrong passcode in the transaction that says it was wrong.
  private func check(
    _ record: HealthLinkRecord, _ itemKey: [UInt8], _ shown: Redacted<String>??,
    _ isFollowUp: Bool, _ transaction: any StoreTransaction
  ) throws -> PasscodeCheck {
    guard let passcode = record.passcode else { return .right }
    let counter = LinkCounter.wrongPasscodes(itemKey)
    let before = try transaction.counter(counter)
    guard before < passcode.cap else { return .exhausted }
    if isFollowUp { return .right }
    // Who shows none at all has not tried.
    guard let text = shown.flatMap({ $0 }) else { return .wrong(passcode.cap - before) }
    guard !passcode.fits(text) else { return .right }
    let tried = try transaction.incrementCounter(counter)
    return tried > passcode.cap ? .exhausted : .wrong(passcode.cap - tried)
  }

  // MARK: Addresses of files

  /// `NUMBER-EXPIRY-SEAL`: made again when it is asked for, so that nothing is kept.
  private func location(_ itemKey: [UInt8], _ number: Int, _ now: Instant) -> String {
    let expires = now.millisecondsSinceEpoch / 1000 + Self.locationLife
    return "\(number)-\(expires)-\(seal(itemKey, number, expires))"
  }

  private func seal(_ itemKey: [UInt8], _ number: Int, _ expires: Int64) -> String {
    Hex.encode(
      keys.index.recordKey(
        type: "health-link-file", id: "\(Hex.encode(itemKey))/\(number)/\(expires)"))
  }

  private struct Location {
    let number: Int
    let expires: Int64
    let seal: String

    init?(_ text: String) {
      let parts = text.split(separator: "-", omittingEmptySubsequences: false)
      guard parts.count == 3, parts[0].utf8.count <= 2, let number = Int(parts[0]), number >= 0,
        let expires = Int64(parts[1])
      else { return nil }
      (self.number, self.expires, seal) = (number, expires, String(parts[2]))
    }
  }
}
