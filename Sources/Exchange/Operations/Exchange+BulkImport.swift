import Audit
import Consent
import Identity
import Primitives
import Synchronization

extension Exchange {
  /// Names the servers that `$import` may fetch from.
  public func allowImport(from source: any BulkSource) { bulkSource.withLock { $0 = source } }

  /// Begins a bulk import. Nothing is fetched yet.
  ///
  /// - Parameter url: the address that was called.
  /// - Returns: the job's id.
  /// - Throws: `forbidden` for an address at a server that the operator has not named, or a caller who may
  ///   not write these types; `too-many-requests`.
  public func beginImport(
    _ request: BulkImportRequest, url: String, as caller: Caller
  ) async throws -> String {
    for file in request.files {
      try caller.requireScope(.create, file.type)
      try caller.requireScope(.update, file.type)
    }
    let source = bulkSource.withLock { $0 }
    let stranger = request.files.firstIndex { !(source?.allows($0.url) ?? false) }
    let files = request.files.map { ImportPlan.File(url: $0.url, type: $0.type) }
    let id = Hex.encode(random.bytes(16))
    let name: String = try await pass { [self] snapshot in
      let reading = Reading(self, snapshot, caller)
      guard caller.purpose != nil else {
        return try refusal(
          reading, .request(patient: nil, [Reason(.purposeMismatch)]), action: .write)
      }
      var draft = EventDraft(kind: .import, action: .write)
      draft.counts = ["files": files.count]
      if let stranger {
        // The address is told to the operator, in the log, and to nobody else.
        draft.kind = .decisionDeny
        draft.detail["state"] = "address-not-allowed"
        draft.detail["request"] = files[stranger].url
        var passage = Passage<String>(
          outcome: .failure(
            PeerChartError(
              .forbidden,
              "this node does not fetch from that address; its operator names the servers that it "
                + "may fetch from (serve --import-from)", place: "input[\(stranger)].url")))
        passage.entries = [try entry(draft, reading)]
        return passage
      }
      try requireRoom(for: caller, in: snapshot)
      return try Passage(
        asking: .import(ImportPlan(files: files)), id, url: url, draft, reading)
    }
    signalBulk()
    return name
  }
}
