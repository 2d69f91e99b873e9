import Identity
import Primitives
import Synchronization

/// Mail that says that there is something to see, and no more.
extension Exchange {
  private static var mailsAtOnce: Int { 256 }

  /// Says that this process sends mail: people may name addresses.
  public func offerMail() { offersMail.withLock { $0 = true } }

  /// Whether people may name addresses.
  public var sendsMail: Bool { offersMail.withLock { $0 } }

  // MARK: What is to be sent

  /// Tells somebody, in the transaction of what they are told of.
  ///
  /// - Parameters:
  ///   - address: one that is not the account's own of now.
  ///   - code: of the kind that carries one.
  func mail(
    _ kind: MailKind, to account: AccountRecord, address: String? = nil, code: String? = nil,
    _ passage: inout Passage<some Sendable>, in snapshot: any StoreSnapshot
  ) throws {
    guard address ?? account.mail?.address != nil,
      kind.isWarning || account.mail?.isWanted ?? true
    else { return }
    let now = clock.now().millisecondsSinceEpoch
    let key = MailJob.key(account.id, kind)
    let known: MailJob? = try item(.mail, key, in: snapshot)
    if let known, known.isWaiting, address == nil, code == nil { return }
    var job = MailJob(
      id: newID(), account: account.id, kind: kind, since: now,
      nextAttempt: max(now, (known?.lastSent ?? 0) + MailJob.pause * 1000))
    if code != nil { job.nextAttempt = now }
    job.address = address
    job.code = code
    let sealed = try sealedItem(.mail, key, job)
    passage.also { try $0.putItem(.mail, key: key, sealed: sealed) }
  }

  /// Tells the patient, and whoever acts for them in everything.
  func mail(
    _ kind: MailKind, about patient: String, _ passage: inout Passage<some Sendable>,
    in snapshot: any StoreSnapshot
  ) throws {
    let tag = keys.chartTag(patient)
    let now = clock.now()
    for (key, sealed) in try snapshot.items(.chartPerson, prefix: tag, after: nil, limit: 1000) {
      let person: RelationshipRecord = try decode(sealed, .chartPerson, key)
      guard person.kind.role != nil, person.kind != .emergencyDelegate, person.types == nil,
        person.holds(at: now), let id = AccountID(bytes: Array(key.dropFirst(tag.count))),
        let account = try account(id, in: snapshot), !account.isDisabled
      else { continue }
      try mail(kind, to: account, &passage, in: snapshot)
    }
  }

  // MARK: Sending

  /// Sends what is due. A mail belongs to one worker at a time, in this process or another, by a lease.
  ///
  /// Between sending and that being written down this program may end; then the mail is sent once more,
  /// under the same name.
  ///
  /// - Returns: milliseconds until there is more to do; nil when nothing waits.
  public func sendMail(using transport: any MailTransport) async throws -> Int64? {
    for _ in 0..<Self.mailsAtOnce {
      let waiting = try await store.read { [self] snapshot in
        try items(.mail, as: MailJob.self, in: snapshot).filter { $0.value.isWaiting }
      }
      guard let next = waiting.min(by: { $0.value.nextAttempt < $1.value.nextAttempt }) else {
        return nil
      }
      let now = clock.now().millisecondsSinceEpoch
      guard next.value.nextAttempt <= now else { return next.value.nextAttempt - now }
      guard let mail = try await claim(next.key) else { continue }
      try await settle(next.key, mail.id, try await outcome(of: mail, transport))
    }
    return 0
  }

  private enum MailOutcome { case isSent, isRefused, hasFailed }

  private func outcome(
    of mail: OutgoingMail, _ transport: any MailTransport
  ) async throws -> MailOutcome {
    do {
      try await transport.send(mail)
      return .isSent
    } catch let error as PeerChartError where error.code == .forbidden {
      return .isRefused
    } catch is PeerChartError {
      return .hasFailed
    }
  }

  /// The mail, if it is still due and somebody is to get it.
  private func claim(_ key: [UInt8]) async throws -> OutgoingMail? {
    try await store.write { [self] transaction in
      guard var job: MailJob = try item(.mail, key, in: transaction), job.isWaiting else {
        return nil
      }
      let now = clock.now()
      let time = now.millisecondsSinceEpoch
      guard job.nextAttempt <= time else { return nil }
      let account = try account(job.account, in: transaction)
      let isWanted = job.kind.isWarning || account?.mail?.isWanted ?? true
      guard let account, !account.isDisabled || job.kind == .addressChanged, isWanted,
        time - job.since < MailJob.longest * 1000,
        let address = (job.address ?? account.mail?.address).flatMap({ MailAddress($0) })
      else {
        job.end(at: job.lastSent)
        try transaction.putItem(.mail, key: key, sealed: sealedItem(.mail, key, job))
        return nil
      }
      job.nextAttempt = time + MailJob.lease * 1000
      try transaction.putItem(.mail, key: key, sealed: sealedItem(.mail, key, job))
      return OutgoingMail(
        id: job.id, to: Redacted(address), kind: job.kind, language: account.language,
        code: job.code.map { Redacted($0) }, time: now)
    }
  }

  private func settle(_ key: [UInt8], _ id: String, _ outcome: MailOutcome) async throws {
    try await store.write { [self] transaction in
      // One that was put in its place meanwhile is another mail.
      guard var job: MailJob = try item(.mail, key, in: transaction), job.id == id else { return }
      let now = clock.now().millisecondsSinceEpoch
      switch outcome {
      case .isSent, .isRefused: job.end(at: now)
      case .hasFailed: job.postpone(at: now)
      }
      try transaction.putItem(.mail, key: key, sealed: sealedItem(.mail, key, job))
    }
  }
}
