import Crypto
import Foundation
import Primitives
import TransparencyLog

/// Anchors at OpenTimestamps calendars, and through them in Bitcoin.
struct CalendarAnchoring: LogAnchoring {
  /// Seconds between two looks at calendars, and at Bitcoin.
  private static let pause: Int64 = 600

  let place: AnchorPlace.Calendars
  let credentials: Redacted<String>?
  let transport: any AnchorTransport
  let random: AnyRandomSource

  func advance(
    _ anchor: LogAnchorRecord, now: Int64,
    keep: @Sendable (LogAnchorRecord) async throws -> Void
  ) async throws -> LogAnchorRecord {
    var anchor = anchor
    guard let subject = anchor.checkpoint else {
      anchor.settle(.failed, "calendars take checkpoints only")
      return anchor
    }
    if anchor.nonce == nil {
      anchor.nonce = Data(random.bytes(16))
      try await keep(anchor)
    }
    guard let proof = anchor.proof else {
      try await submit(&anchor, subject.digest, now)
      return anchor
    }
    var file = try TimestampFile(parsing: Array(proof))
    await upgrade(&file)
    anchor.proof = Data(file.bytes)
    try await confirm(&anchor, file, now)
    return anchor
  }

  // MARK: Calendars

  /// Gives the digest, hidden behind a random number, to every calendar; one that answers is enough.
  private func submit(_ anchor: inout LogAnchorRecord, _ digest: Hash, _ now: Int64) async throws {
    let nonce = TimestampOperation.append(Array(anchor.nonce ?? Data()))
    let message = Array(SHA256.hash(data: digest.bytes + Array(anchor.nonce ?? Data())))
    var known = Timestamp()
    for calendar in place.calendars {
      guard let answer = await stamp(message, at: calendar) else { continue }
      known.merge(answer)
    }
    guard !known.isEmpty else { return anchor.postpone(at: now, "no calendar takes it") }
    let file = TimestampFile(
      digest: digest,
      timestamp: Timestamp(branches: [
        .init(nonce, Timestamp(branches: [.init(.sha256, known)]))
      ]))
    anchor.proof = Data(file.bytes)
    anchor.wait(Self.pause, at: now, "taken by a calendar, in no block yet")
  }

  /// What a calendar says, if it leads back to that calendar and to no other: others are not asked.
  private func stamp(_ message: [UInt8], at calendar: AnchorAddress) async -> Timestamp? {
    guard let answer = await ask(calendar, "digest", message) else { return nil }
    let isUseful = answer.attested(from: message).contains { entry in
      switch entry.attestation {
      case .pending(let address): address == calendar.base
      case .bitcoin: true
      case .other: false
      }
    }
    return isUseful ? answer : nil
  }

  private func upgrade(_ file: inout TimestampFile) async {
    let attested = file.attested
    for (url, message) in file.waiting(at: place.calendars.map(\.base)) {
      guard let calendar = place.calendars.first(where: { $0.base == url }),
        !attested.contains(where: { $0.isBitcoin && $0.message == message }),
        let answer = await ask(calendar, "timestamp/\(Hex.encode(message))", nil)
      else { continue }
      var upgraded = file
      upgraded.timestamp.merge(answer, about: message, from: file.digest.bytes)
      // A file that nobody could read again is not kept.
      if (try? TimestampFile(parsing: upgraded.bytes)) != nil { file = upgraded }
    }
  }

  /// Nil where the calendar does not answer, has nothing yet, or talks nonsense.
  private func ask(_ calendar: AnchorAddress, _ path: String, _ body: [UInt8]?) async -> Timestamp?
  {
    guard let address = try? calendar.appending(path),
      let reply = try? await transport.send(
        AnchorRequest(
          address, body: body, contentType: body == nil ? nil : "application/x-www-form-urlencoded",
          accept: "application/vnd.opentimestamps.v1", credentials: credentials,
          limit: Timestamp.answerLimit)), reply.status == 200
    else { return nil }
    return try? Timestamp(parsing: reply.body)
  }

  // MARK: Bitcoin

  /// What a file says by itself and with Bitcoin, whatever the record says.
  func confirmed(_ record: LogAnchorRecord, _ file: TimestampFile) async throws -> LogAnchorFinding
  {
    var fresh = LogAnchorRecord(
      place: record.place, subject: record.subject, number: record.number, at: record.createdAt)
    try await confirm(&fresh, file, record.createdAt)
    if fresh.state == .pending, file.attested.contains(where: \.isBitcoin) {
      throw PeerChartError(.integrity, fresh.reason ?? "")
    }
    return LogAnchorFinding(
      kind: .calendar, place: "bitcoin", size: UInt64(clamping: record.number), state: fresh.state,
      depth: fresh.depth, time: fresh.time.map { Instant(millisecondsSinceEpoch: $0) },
      reason: fresh.reason)
  }

  private func confirm(
    _ anchor: inout LogAnchorRecord, _ file: TimestampFile, _ now: Int64
  ) async throws {
    let attested = file.attested.filter(\.isBitcoin)
    guard !attested.isEmpty else {
      return anchor.wait(Self.pause, at: now, "taken by a calendar, in no block yet")
    }
    guard let node = place.bitcoin else {
      return anchor.settle(
        .included, "in a Bitcoin block by the calendar's word; no Bitcoin node is named here")
    }
    let client = ChainClient(address: node, credentials: credentials, transport: transport)
    guard let newest = try await client.ask(ChainCall("getblockcount"), as: UInt64.self),
      newest < 1 << 32
    else { throw PeerChartError(.malformed, "the Bitcoin node's answer is not a height") }
    for entry in attested {
      guard case .bitcoin(let height) = entry.attestation, height <= newest,
        let header = try await header(height, client), header.merkleRoot == entry.message
      else { continue }
      anchor.time = header.time.millisecondsSinceEpoch
      let depth = newest - height + 1
      anchor.depth = depth
      if depth >= place.depth {
        anchor.settle(.final)
      } else {
        anchor.state = .included
        anchor.wait(Self.pause, at: now)
      }
      return
    }
    anchor.state = .pending
    anchor.depth = nil
    anchor.time = nil
    anchor.wait(Self.pause, at: now, "the Bitcoin block does not hold what the calendar says")
  }

  private func header(_ height: UInt64, _ client: ChainClient) async throws -> BitcoinHeader? {
    guard
      let name = try await client.ask(
        ChainCall("getblockhash", [.number(height)]), as: String.self),
      let text = try await client.ask(
        ChainCall("getblockheader", [.text(name), .flag(false)]), as: String.self),
      let bytes = Hex.decode(text)
    else { return nil }
    let header = try BitcoinHeader(bytes)
    return header.name == name ? header : nil
  }
}

extension Timestamp {
  fileprivate var isEmpty: Bool { attestations.isEmpty && branches.isEmpty }
}

extension Timestamp.Attested {
  fileprivate var isBitcoin: Bool {
    if case .bitcoin = attestation { true } else { false }
  }
}
