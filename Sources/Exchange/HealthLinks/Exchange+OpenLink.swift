import Audit
public import ClinicalFormats
import Consent
import FHIR
import Identity
public import Primitives

/// What somebody else's link led to.
public struct OpenedHealthLink: Sendable {
  /// One file, open.
  public struct File: Sendable {
    public let contentType: String
    public let content: Redacted<[UInt8]>
  }

  public let label: String?
  public let files: [File]
  /// Whether the files may change.
  public let canChange: Bool
  /// What verifying the cards among the files found.
  public let cards: [HealthCardVerification]
}

extension Exchange {
  /// Opens somebody else's link: fetches its manifest and files, opens them with the link's key, and verifies
  /// the health cards among them.
  ///
  /// - Parameters:
  ///   - recipient: what the other side is told of who asks.
  ///   - hosts: which hosts may be off the public network.
  /// - Throws: `forbidden`; `unauthenticated` for a wrong passcode; `gone` for a link that has ended;
  ///   `unreachable`; what is wrong with link or files.
  public func openLink(
    _ text: Redacted<String>, passcode: Redacted<String>?, recipient: String,
    using fetcher: any WebFetcher, named hosts: NotificationHosts = .none, as caller: Caller
  ) async throws -> OpenedHealthLink {
    try require(.issueDocuments, caller)
    let link = try HealthLink(parsing: text.exposed)
    let now = clock.now()
    if let expires = link.expires, expires <= now {
      throw PeerChartError(.gone, "this link has expired")
    }
    let address = try FetchAddress(link.address)
    // Before anything leaves: who is asked for records, and by whom.
    var draft = EventDraft(kind: .import)
    draft.detail = ["health-link-of": address.endpoint.address]
    let entry = try entry(draft, caller, at: now)
    try await pass { _ in Passage(outcome: .success(()), entries: [entry]) }
    let fetched: [(type: String, sealed: [UInt8])]
    var canChange = link.flags.contains(.longTerm)
    if link.flags.contains(.direct) {
      let asked = try address.adding("recipient", Self.escapedRecipient(recipient))
      let limit = 2 * HealthLinkFile.maximumBytes
      let answer = try await fetch("GET", asked, limit: limit, named: hosts, using: fetcher)
      fetched = [("", try Self.body(of: answer))]
    } else {
      let request = try HealthLinkRequest(recipient: recipient, passcode: passcode)
      let answer = try await fetch(
        "POST", address, contentType: "application/json", body: request.serialized,
        limit: HealthLinkManifest.maximumBytes, named: hosts, using: fetcher)
      let manifest = try HealthLinkManifest(parsing: Self.body(of: answer))
      canChange = manifest.canChange
      fetched = try await sealedFiles(manifest, hosts, fetcher)
    }
    let files = try fetched.map { type, sealed in
      let file = try HealthLinkFile(opening: sealed, with: link.key)
      return OpenedHealthLink.File(
        contentType: file.contentType ?? type, content: Redacted(file.content))
    }
    var cards: [HealthCardVerification] = []
    for file in files where file.contentType.hasPrefix(HealthCardText.mediaType) {
      cards += try await verifyCards(file.content.exposed)
    }
    return OpenedHealthLink(label: link.label, files: files, canChange: canChange, cards: cards)
  }

  private func sealedFiles(
    _ manifest: HealthLinkManifest, _ hosts: NotificationHosts, _ fetcher: any WebFetcher
  ) async throws -> [(type: String, sealed: [UInt8])] {
    var files: [(type: String, sealed: [UInt8])] = []
    var left = 2 * HealthLinkFile.maximumBytes
    for file in manifest.files {
      let sealed: [UInt8]
      switch file.place {
      case .embedded(let text): sealed = Array(text.utf8)
      case .location(let address):
        let answer = try await fetch(
          "GET", FetchAddress(address), limit: left, named: hosts, using: fetcher)
        sealed = try Self.body(of: answer)
      }
      left -= sealed.count
      guard left >= 0 else {
        throw PeerChartError(.tooLarge, "the files of the link are too large")
      }
      files.append((file.contentType, sealed))
    }
    return files
  }

  private static func body(of answer: FetchedAnswer) throws -> [UInt8] {
    switch answer.status {
    case 200: return answer.body
    case 401:
      let root = try? JSONDocument(
        parsing: answer.body, limits: JSONLimits(maximumBytes: 4096, maximumDepth: 4)
      ).root
      let left = root?["remainingAttempts"]?.numberLiteral.flatMap { Int($0) }
      throw PeerChartError(
        .unauthenticated,
        left.map { "the passcode is wrong; \($0) more tries are left" } ?? "the passcode is wrong")
    case 404, 410: throw PeerChartError(.gone, "the link has ended, or never was")
    case 429:
      throw PeerChartError(.tooManyRequests, "the other side asks to wait before trying again")
    default:
      throw PeerChartError(.unreachable, "the other side answers \(answer.status)")
    }
  }

  private static func escapedRecipient(_ text: String) -> String {
    text.utf8.map { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E:
        String(UnicodeScalar(byte))
      default: "%" + Hex.encode([byte]).uppercased()
      }
    }.joined()
  }
}
